import type { Decimal } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import { defineInstrument, type InstrumentInput } from '../../model/instruments.js';
import type { CheckedBroker, CheckedTopology } from '../../topology/checked.js';
import { suggest } from '../../topology/suggest.js';
import { realBrokers } from '../state-config.js';
import type { Findings } from './finding.js';

/** Symbols a topology uses at a broker: subscribed, loaded by name, and, where it sends orders, traded. */
export function usedAt(broker: CheckedBroker, topology: CheckedTopology): readonly string[] {
  const used = new Set<string>(listOf(broker.config['instruments']));
  for (const source of topology.sources)
    if (source.broker === broker.name)
      for (const symbol of listOf(source.config['instruments'])) used.add(symbol);
  if (realBrokers(topology).includes(broker)) {
    for (const operator of topology.operators)
      if (operator.spec.type === 'strategy')
        for (const symbol of listOf(operator.config['instruments'])) used.add(symbol);
  }
  return [...used];
}

/** Every symbol is listed, can be traded now, and has the rules that the topology says it has. */
export function checkInstruments(
  found: Findings,
  used: readonly string[],
  venue: readonly InstrumentInput[],
  written: readonly InstrumentInput[],
): void {
  const bySymbol = new Map(venue.map((input) => [input.venueSymbol ?? input.symbol, input]));
  const ours = new Map(written.map((input) => [input.symbol, input]));
  const fine: string[] = [];
  for (const symbol of used) {
    const own = ours.get(symbol);
    const listed = bySymbol.get(own?.venueSymbol ?? symbol);
    if (listed === undefined) {
      const near = suggest(symbol, bySymbol.keys());
      found.fail(
        'instruments',
        `${symbol} is not listed at the venue`,
        near === undefined ? 'correct its name' : `did you mean ${near}?`,
      );
    } else if ((listed.status ?? 'open') !== 'open') {
      found.warn(
        'instruments',
        `${symbol} cannot be traded now: it is ${listed.status ?? ''}`,
        'wait for it, or leave it out',
      );
    } else if (own !== undefined && differences(own, listed).length > 0) {
      found.warn(
        'instruments',
        `${symbol} has other rules at the venue: ${differences(own, listed).join(', ')}`,
        'write the venue’s under `instruments:`, or orders will be refused',
      );
    } else fine.push(symbol);
  }
  if (fine.length > 0) found.ok('instruments', `${fine.join(', ')}: listed and open`);
}

const RULES: readonly (readonly [keyof Instrument, string])[] = [
  ['tickSize', 'tick_size'],
  ['lotSize', 'lot_size'],
  ['minQuantity', 'min_quantity'],
  ['minNotional', 'min_notional'],
];

/** What is written wins over what the venue says, so it should say the same. */
function differences(own: InstrumentInput, listed: InstrumentInput): readonly string[] {
  const [ours, theirs] = [defineInstrument(own, 0), defineInstrument(listed, 0)];
  const different: string[] = [];
  for (const [field, word] of RULES) {
    const [a, b] = [ours[field] as Decimal | undefined, theirs[field] as Decimal | undefined];
    if (b === undefined || a?.eq(b) === true) continue;
    different.push(`${word} ${b.toString()} instead of ${a?.toString() ?? 'none'}`);
  }
  return different;
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
