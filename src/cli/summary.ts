import { relative } from 'node:path';
import type { RunSummary } from '../engine/summary.js';
import { Decimal } from '../model/decimal.js';
import { money, quantity, table } from './format.js';

/** The table a run ends with, and what to try next. */
export function summaryText(summary: RunSummary, file: string): string {
  const currency = summary.baseCurrency;
  const amount = (text: string | null): string =>
    text === null ? 'unknown' : money(new Decimal(text), currency);
  const denied = Object.entries(summary.denied);
  const rows = [
    ['topology', `${summary.name} (${summary.mode})`],
    ['session', summary.session],
    ['time', `${summary.from?.slice(0, 19) ?? '-'}Z to ${summary.to?.slice(0, 19) ?? '-'}Z`],
    [
      'events',
      `${summary.events.toLocaleString('en-US')} in ${summary.seconds.toFixed(2)} s (${summary.eventsPerSecond.toLocaleString('en-US')}/s)`,
    ],
    ['orders', String(summary.orders)],
    ['fills', String(summary.fills)],
    ['denied', denied.length === 0 ? '0' : denied.map(([code, n]) => `${code} ${n}`).join(', ')],
    ['equity', `${amount(summary.equity)} (start ${amount(summary.startEquity)})`],
    ['PnL', `${amount(summary.pnl)} after fees of ${amount(summary.fees)}`],
    ['max drawdown', `${(summary.maxDrawdown * 100).toFixed(2)} %`],
    ['journal', summary.journal === null ? 'none' : shown(summary.journal)],
  ];
  for (const [source, kinds] of Object.entries(summary.bad)) {
    rows.push([
      `bad data`,
      `${source}: ${Object.entries(kinds)
        .map(([kind, n]) => `${kind} ${n}`)
        .join(', ')}`,
    ]);
  }
  const lines = ['', ...rows.map(([name = '', value = '']) => `${name.padEnd(13)} ${value}`)];
  const open = summary.positions.filter((p) => p.quantity !== '0');
  if (summary.positions.length > 0) {
    lines.push(
      '',
      table([
        ['instrument', 'position', 'average price', 'realized PnL', 'fees'],
        ...summary.positions.map((p) => [
          p.instrument,
          quantity(new Decimal(p.quantity)),
          quantity(new Decimal(p.averagePrice)),
          new Decimal(p.realizedPnl).toFixed(2),
          new Decimal(p.fees).toFixed(2),
        ]),
      ]),
    );
  }
  if (open.length > 0 && summary.mode !== 'replay')
    lines.push('', `${open.length} position${open.length === 1 ? '' : 's'} left open.`);
  if (summary.error !== null) {
    lines.push('', `${summary.ended}: ${summary.error.code}: ${summary.error.message}`);
    if (summary.error.help !== '') lines.push(`next: ${summary.error.help}`);
  }
  if (!summary.drained) lines.push('', 'stopped without draining: requests were still in flight (exit 75).');
  lines.push('', ...nextSteps(summary, file), '');
  return lines.join('\n');
}

/** The three commands worth typing next. */
function nextSteps(summary: RunSummary, file: string): string[] {
  const journal = summary.journal === null ? undefined : shown(summary.journal);
  return [
    'next:',
    ...(journal === undefined
      ? []
      : [
          `  npx millrace replay ${journal} --verify      prove every decision from the journal`,
          `  npx millrace journal cat ${journal} --kind dispatch   see the orders and why`,
        ]),
    `  npx millrace graph ${file}                  see the topology`,
  ];
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
