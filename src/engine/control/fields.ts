import { z } from 'zod';
import { GLOBAL, parseScope, type Scope } from '../../model/scope.js';

/** Fields that several commands take. */

export const reason: z.ZodString = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .describe('Why: it is recorded with the name of the token.');

export const name: z.ZodString = z.string().min(1).max(100);

export const instrument: z.ZodString = z.string().min(1).max(100);

export const scope: z.ZodType<Scope, string | undefined> = z
  .string()
  .max(120)
  .default('global')
  .describe('`global`, `account:NAME` or `strategy:NAME`.')
  .transform((text, ctx): Scope => {
    const parsed = parseScope(text);
    if (parsed === undefined)
      ctx.addIssue({ code: 'custom', message: 'global, account:NAME or strategy:NAME' });
    return parsed ?? GLOBAL;
  });

export const waitMs: z.ZodDefault<z.ZodInt> = z
  .int()
  .min(0)
  .max(60_000)
  .default(10_000)
  .describe('How long to wait for what the venue says before answering, milliseconds.');
