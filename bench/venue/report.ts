import type { IntakeRow } from './intake.js';
import type { WireResult, WireRow } from './wire.js';

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const WHO = { bare: 'bare client', os: 'engine, os', fsync: 'engine, fsync' } as const;

/** Figures of interest of a wire-to-wire measurement, by what they say. */
export function wireRatios({ rows, fdatasync }: WireResult): Readonly<Record<string, number>> {
  const of = (who: WireRow['who'], rate: number): WireRow['figures'] | undefined =>
    rows.find((row) => row.who === who && row.rate === rate)?.figures;
  const ratios: Record<string, number> = {};
  for (const rate of [1_000, 10_000]) {
    const [bare, os] = [of('bare', rate), of('os', rate)];
    if (bare === undefined || os === undefined) continue;
    ratios[`wire to wire at ${whole(rate)} quotes/s, p10 over bare client`] = os.p10 / bare.p10;
    ratios[`wire to wire at ${whole(rate)} quotes/s, p50 over bare client (<= 1.3)`] = os.p50 / bare.p50;
    ratios[`wire to wire at ${whole(rate)} quotes/s, p99 over bare client (<= 2)`] = os.p99 / bare.p99;
  }
  const [os, fsync] = [of('os', 10_000), of('fsync', 10_000)];
  if (os !== undefined && fsync !== undefined)
    ratios['fsync, extra p50 in fdatasyncs of this disk (<= 2)'] = (fsync.p50 - os.p50) / fdatasync.p50;
  return ratios;
}

export function wireTable({ rows, fdatasync, noise }: WireResult): string {
  const lines = rows.map(({ who, rate, figures: f, unanswered }) =>
    [
      WHO[who].padEnd(14),
      whole(rate).padStart(8),
      ...[f.p10, f.p50, f.p90, f.p99, f.p999].map((value) => whole(value).padStart(8)),
      whole(f.count).padStart(8),
      unanswered === 0 ? '' : `  ${unanswered} unanswered`,
    ].join(' '),
  );
  const quiet = Object.entries(noise).map(
    ([rate, [low, high]]) => `${whole(Number(rate))}/s: ${whole(low)} to ${whole(high)}`,
  );
  return [
    'wire to wire, µs from the write of a quote to the arrival of its order',
    ['', 'quotes/s', 'p10', 'p50', 'p90', 'p99', 'p99.9', 'orders']
      .map((text, i) => (i === 0 ? text.padEnd(14) : text.padStart(8)))
      .join(' '),
    ...lines,
    `fdatasync of this disk: p50 ${whole(fdatasync.p50)} µs, p90 ${whole(fdatasync.p90)} µs`,
    `noise: medians of the bare client's blocks, µs: ${quiet.join('; ')}`,
  ].join('\n');
}

const MIX = { top: 'trades and quotes', depth: 'every tenth a diff of 20 levels' } as const;
const READER = {
  bare: 'ws + JSON.parse',
  adapter: 'adapter + normalize',
  engine: 'engine with a journal',
} as const;

export function intakeRatios(rows: readonly IntakeRow[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    rows
      .filter(({ who }) => who === 'adapter')
      .map(({ mix, ratio }) => [`intake over ws + JSON.parse, ${MIX[mix]} (>= 0.7)`, ratio]),
  );
}

export function intakeTable(rows: readonly IntakeRow[]): string {
  return [
    'intake, messages a second from a sender that never rests (and a second of processor time); ratios to the bare reader',
    ...rows.map(({ mix, who, perSecond, perCpuSecond, ratio, ratios: [low, high], cpuRatio }) =>
      [
        READER[who].padEnd(22),
        MIX[mix].padEnd(32),
        whole(perSecond).padStart(9),
        `(${whole(perCpuSecond)})`.padStart(11),
        `  ${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}; by processor time ${cpuRatio.toFixed(2)})`,
      ].join(' '),
    ),
  ].join('\n');
}
