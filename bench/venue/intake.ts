import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';
import type { IntakeTask } from './intake-client.js';
import { median } from './percentiles.js';

type Who = IntakeTask['who'];
type Mix = IntakeTask['mix'];

export interface IntakeRow {
  readonly mix: Mix;
  readonly who: Who;
  /** Messages a second, and a second of processor time, which other processes disturb less; medians of the rounds. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** Both as ratios to the bare reader of the same round: the medians, and the lowest and highest of the first. */
  readonly ratio: number;
  readonly cpuRatio: number;
  readonly ratios: readonly [number, number];
}

const WHO: readonly Who[] = ['bare', 'adapter', 'engine'];

/**
 * Messages a second that are read from a sender that never rests: through the adapter and `normalize`, and through a
 * whole engine with a journal, beside `ws` and `JSON.parse` alone. Every round runs everybody, each in a process of its
 * own.
 */
export async function intake(
  node: string,
  say: (text: string) => void,
  rounds = 2,
): Promise<readonly IntakeRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-intake-'));
  const rows: IntakeRow[] = [];
  try {
    for (const mix of ['top', 'depth'] as const) {
      const rates: Record<Who, number[]> = { bare: [], adapter: [], engine: [] };
      const cpu: Record<Who, number[]> = { bare: [], adapter: [], engine: [] };
      const sender = new Child('./intake-sender.js', mix, node);
      try {
        const { rest, stream, wsApi } = await sender.next('venue');
        for (let round = 0; round < rounds; round++) {
          say(`intake, ${mix}: round ${round + 1} of ${rounds}`);
          for (const who of round % 2 === 0 ? WHO : [...WHO].reverse()) {
            const task: IntakeTask = { who, mix, rest, stream, wsApi, folder };
            const client = new Child('./intake-client.js', task, node);
            try {
              const { perSecond, perCpuSecond } = await client.next('rate');
              rates[who].push(perSecond);
              cpu[who].push(perCpuSecond);
            } finally {
              await client.end();
            }
          }
        }
      } finally {
        await sender.end();
      }
      for (const who of WHO) {
        const over = (of: Record<Who, number[]>): number[] =>
          of[who].map((rate, round) => rate / (of.bare[round] ?? NaN));
        const ratios = over(rates);
        rows.push({
          mix,
          who,
          perSecond: median(rates[who]),
          perCpuSecond: median(cpu[who]),
          ratio: median(ratios),
          cpuRatio: median(over(cpu)),
          ratios: [Math.min(...ratios), Math.max(...ratios)],
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
