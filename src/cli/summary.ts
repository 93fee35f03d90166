import { relative } from 'node:path';
import type { RunSummary } from '../engine/summary.js';
import { Decimal } from '../model/decimal.js';
import { counts, flow, gain, money, quantity, table } from './format.js';

const WIDTH = 100;

/** The table a run ends with, and what to try next. `files`: the topology as it was typed. */
export function summaryText(summary: RunSummary, files: readonly string[]): string {
  const rows = summary.from === null ? [titleRow(summary)] : [...overview(summary), ...badData(summary)];
  const lines = ['', ...rows.map(([name = '', value = '']) => `${name.padEnd(13)} ${value}`.trimEnd())];
  if (summary.positions.length > 0) lines.push('', positionTable(summary));
  const open = summary.positions.filter((p) => p.quantity !== '0').length;
  if (open > 0 && summary.mode !== 'replay')
    lines.push('', `${open} position${open === 1 ? ' is' : 's are'} still open.`);
  if (summary.error !== null) {
    lines.push('', `${summary.ended}: ${summary.error.code}: ${summary.error.message}`);
    if (summary.error.help !== '') lines.push(`help: ${summary.error.help}`);
  }
  if (!summary.drained) lines.push('', 'stopped without draining: requests were still in flight (exit 75).');
  lines.push('', 'try next:', ...nextCommands(summary, files).map((command) => `  ${command}`), '');
  return lines.join('\n');
}

function titleRow(summary: RunSummary): string[] {
  return ['topology', `${summary.name} (${summary.mode}), session ${summary.session}`];
}

function overview(summary: RunSummary): string[][] {
  const currency = summary.baseCurrency;
  const decimal = (text: string | null): Decimal | undefined =>
    text === null ? undefined : new Decimal(text);
  const amount = (text: string | null): string =>
    text === null ? 'unknown' : money(new Decimal(text), currency);
  const denied = Object.values(summary.denied).reduce((sum, n) => sum + n, 0);
  const reasons = denied === 0 ? [] : flow(counts(summary.denied).split(', '), WIDTH - 20);
  return [
    titleRow(summary),
    ['market time', `${summary.from?.slice(0, 19) ?? '-'}Z to ${summary.to?.slice(0, 19) ?? '-'}Z`],
    [
      'events',
      `${summary.events.toLocaleString('en-US')} in ${summary.seconds.toFixed(1)} s (${summary.eventsPerSecond.toLocaleString('en-US')}/s)`,
    ],
    [
      'orders',
      `${summary.orders} sent, ${summary.fills} fills, ${summary.queued} waited for a rate or an answer`,
    ],
    ['denied', `${denied}${reasons[0] === undefined ? '' : `   ${reasons[0]}`}`],
    ...reasons.slice(1).map((line) => ['', `    ${line}`]),
    ['equity', `${amount(summary.equity)}, ${amount(summary.startEquity)} at the start`],
    ['PnL', `${gain(decimal(summary.pnl))} ${currency} after ${amount(summary.fees)} of fees`],
    ['drawdown', `${(summary.maxDrawdown * 100).toFixed(2)} % at most`],
    ['journal', summary.journal === null ? 'none' : shown(summary.journal)],
  ];
}

function badData(summary: RunSummary): string[][] {
  return Object.entries(summary.bad).map(([source, kinds]) => ['bad data', `${source}: ${counts(kinds)}`]);
}

function positionTable(summary: RunSummary): string {
  return table([
    ['instrument', 'position', 'average', 'unrealized', 'realized', 'fees'],
    ...summary.positions.map((p) => [
      p.instrument,
      quantity(new Decimal(p.quantity)),
      p.quantity === '0' ? '-' : quantity(new Decimal(p.averagePrice).toDecimalPlaces(4)),
      p.quantity === '0' ? '-' : gain(p.unrealizedPnl === null ? undefined : new Decimal(p.unrealizedPnl)),
      gain(new Decimal(p.realizedPnl)),
      new Decimal(p.fees).toFixed(2),
    ]),
  ]);
}

/** Three commands worth typing next, right for the current folder. */
function nextCommands(summary: RunSummary, files: readonly string[]): readonly string[] {
  const topology = files.map(quoted).join(' ');
  if (summary.from === null) {
    const why = summary.error === null ? [] : [`npx millrace describe ${summary.error.code}`];
    return [...why, `npx millrace plan ${topology}`];
  }
  if (summary.journal === null) {
    return [
      `npx millrace plan ${topology}`,
      `npx millrace graph ${topology}`,
      'npx millrace describe journal',
    ];
  }
  const journal = quoted(shown(summary.journal));
  if (summary.error !== null) {
    return [
      `npx millrace describe ${summary.error.code}`,
      `npx millrace plan ${topology}`,
      `npx millrace journal cat ${journal}`,
    ];
  }
  return [
    `npx millrace replay ${journal} --verify`,
    `npx millrace journal cat ${journal} --kind dispatch`,
    `npx millrace graph ${topology} --format svg -o ${summary.name}.svg`,
  ];
}

const quoted = (text: string): string => (/^[\w./@:+-]+$/.test(text) ? text : JSON.stringify(text));

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
