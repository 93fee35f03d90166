import { z } from 'zod';

/** How fast recorded or generated events come, as a factor of real time: `max`, `realtime`, `10x`. */
export const pace = (): z.ZodType<number, string | number> =>
  z.union([z.string(), z.number()]).transform((value, ctx): number => {
    const factor = parsePace(String(value));
    if (factor !== undefined) return factor;
    ctx.addIssue({
      code: 'custom',
      message: 'must be max, realtime, or a multiple of real time, for example 10x',
    });
    return z.NEVER;
  });

function parsePace(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'max' || trimmed === 'Infinity') return Infinity;
  if (trimmed === 'realtime') return 1;
  const match = /^(\d+(?:\.\d+)?)x$/.exec(trimmed);
  const factor = Number(match?.[1]);
  return factor > 0 ? factor : undefined;
}
