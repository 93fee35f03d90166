import type { Engine } from '../engine/engine.js';
import { unrealized } from '../engine/summary.js';
import { isoMicros } from '../model/time.js';
import type { Control } from '../state/control.js';
import { counts, flow, gain, money, quantity, table } from './format.js';

/** Positions shown: the rest would scroll away. */
const MOST_ROWS = 12;

/** What one looks at while a topology runs: a few lines, none wider than `width`. `rate`: events a second of wall time. */
export function liveView(engine: Engine, rate: number, width: number): string[] {
  const { portfolio, control, orders, market } = engine.state;
  const { children, denials } = engine.counters;
  const equity = portfolio.equity();
  const start = portfolio.startEquity();
  const pnl = equity === undefined || start === undefined ? undefined : equity.minus(start);
  const denied = Object.values(denials).reduce((sum, n) => sum + n, 0);
  const clock =
    engine.sequencer.at === 0 ? 'no event yet' : `${isoMicros(engine.sequencer.at).slice(0, 19)}Z`;
  const lines = [
    `${engine.topology.name} (${engine.topology.mode})   ${clock}   trading ${tradingText(control)}`,
    '',
    ...flow(
      [
        `events ${engine.driver.seq.toLocaleString('en-US')} (${rate.toLocaleString('en-US')}/s)`,
        `orders ${children['dispatch'] ?? 0}`,
        `fills ${engine.latencies.outcomes['fill'] ?? 0}`,
        `open ${orders.openCount()}`,
        `waited ${children['queued'] ?? 0}`,
        `denied ${denied}`,
      ],
      width,
    ),
    ...flow(
      [
        `equity ${equity === undefined ? 'unknown' : money(equity, portfolio.baseCurrency)}`,
        `PnL ${gain(pnl)}`,
        `fees ${money(portfolio.fees(), portfolio.baseCurrency)}`,
        `drawdown ${(portfolio.maxDrawdown() * 100).toFixed(2)} %`,
      ],
      width,
    ),
  ];
  if (denied > 0) lines.push(`denied by ${counts(denials)}`);
  const positions = [...portfolio.positions()].sort(
    (a, b) => Number(a.quantity.isZero()) - Number(b.quantity.isZero()) || a.ix - b.ix,
  );
  if (positions.length > 0) {
    const rows = positions.slice(0, MOST_ROWS).map((p) => {
      const mark = market.mark(p.ix);
      return [
        p.instrument,
        quantity(p.quantity),
        p.quantity.isZero() ? '-' : quantity(p.averagePrice.toDecimalPlaces(4)),
        Number.isFinite(mark) ? String(Number(mark.toPrecision(8))) : '-',
        p.quantity.isZero() ? '-' : gain(unrealized(engine, p)),
        gain(p.realizedPnl),
      ];
    });
    lines.push(
      '',
      ...table([['', 'position', 'average', 'mark', 'unrealized', 'realized'], ...rows]).split('\n'),
    );
    if (positions.length > MOST_ROWS) lines.push(`and ${positions.length - MOST_ROWS} more`);
  }
  return lines.map((line) => line.slice(0, width));
}

/** Trading state in a few words, the gravest first: what is latched, what is not armed, why it is halted. */
export function tradingText(control: Control): string {
  const latches = control.latches();
  const disarmed = control.accountsToArm().filter((account) => !control.armed(account));
  const words = [
    control.killed ? 'KILLED' : control.trading,
    ...(control.recovering ? ['recovering'] : []),
    ...latches.filter(({ scope }) => scope !== 'global').map(({ scope }) => `KILLED ${scope}`),
    ...(disarmed.length === 0 ? [] : [`DISARMED ${disarmed.join(', ')}`]),
  ];
  return words.join(', ') + (control.tradingReason === '' ? '' : ` (${control.tradingReason})`);
}
