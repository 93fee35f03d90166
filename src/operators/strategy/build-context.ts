import { ZERO } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import { makeLog, makeMark } from '../../model/make.js';
import { redact } from '../../model/secrets.js';
import type { Event } from '../../model/record.js';
import type { OperatorContext } from '../context.js';
import { timeOperators } from '../time.js';
import type { StrategyContext, StrategyState } from './context.js';
import type { Memory } from './persist.js';
import { makePlace } from './place.js';
import type { StrategyInputs } from './inputs.js';
import type { StrategyOptions } from './options.js';

/** The running side of a strategy, as its context needs it. */
export interface Running {
  readonly inputs: StrategyInputs;
  readonly current: Event | undefined;
  /** Seeded, in [0, 1). */
  random(): number;
  persist(memory: Memory<unknown>): void;
  fail(error: unknown): void;
}

/** Puts together what one strategy sees. Everything in it is legal inside a turn. */
export function buildContext(
  context: OperatorContext,
  options: StrategyOptions,
  runner: Running,
): StrategyContext {
  const { name, state, instruments: table, scheduler } = context;
  const find = (symbol: string): Instrument => {
    const found = table.get(symbol);
    if (found !== undefined) return found;
    const known = table.all
      .map((one) => one.symbol)
      .slice(0, 10)
      .join(', ');
    throw new Error(
      `strategy ${name}: instrument "${symbol}" is unknown; known are ${known === '' ? 'none' : known}`,
    );
  };
  const listed = options.instruments?.map(find);
  const all = (): readonly Instrument[] => listed ?? table.all;
  const resolve = (symbol: string | undefined): Instrument => {
    if (symbol !== undefined) return find(symbol);
    const ix = (runner.current as { readonly ix?: number } | undefined)?.ix;
    const handled = ix === undefined ? undefined : table.at(ix);
    if (handled !== undefined) return handled;
    const only = all();
    if (only.length === 1 && only[0] !== undefined) return only[0];
    throw new Error(
      `strategy ${name}: say which instrument is meant; there are ${only.length} and no event is being handled`,
    );
  };
  const account = (): string => {
    if (options.account !== undefined) return options.account;
    const known = state.portfolio.accounts();
    return known.length === 1 ? (known[0] ?? '') : '';
  };
  const whole = (): string | undefined => (account() === '' ? undefined : account());
  const place = makePlace({
    name,
    state,
    route: options.route ?? '',
    account,
    resolve,
    get instruments() {
      return all();
    },
  });
  const strategyState: StrategyState = {
    position: (symbol) => state.portfolio.position(account(), resolve(symbol).ix)?.quantity ?? ZERO,
    averagePrice: (symbol) => state.portfolio.position(account(), resolve(symbol).ix)?.averagePrice ?? ZERO,
    equity: () => state.portfolio.equity(whole()),
    cash: (currency = state.portfolio.baseCurrency) => state.portfolio.cash(account(), currency),
    openOrders: (symbol) =>
      [...(symbol === undefined ? state.orders.open() : state.orders.openFor(find(symbol).ix))].filter(
        (order) => order.strategy === name,
      ),
    order: (key) => state.orders.get(key),
    view: state,
  };
  const { inputs } = runner;
  return {
    ...timeOperators(scheduler),
    name,
    events$: inputs.events,
    trades$: inputs.trades,
    quotes$: inputs.quotes,
    books$: inputs.books,
    bars$: inputs.bars,
    regime$: inputs.regimes,
    fills$: inputs.fills,
    executions$: inputs.executions,
    orders$: inputs.orders,
    place,
    state: strategyState,
    get instruments() {
      return all();
    },
    instrument: resolve,
    scheduler,
    at: () => context.at(),
    random: () => runner.random(),
    persist: (memory) => runner.persist(memory),
    log: (level, message) => context.record(makeLog(level, 'STRATEGY_LOG', redact(message))),
    mark: (label, mark = {}) => {
      const instrument = resolve(mark.instrument);
      context.record(
        makeMark(
          instrument.symbol,
          instrument.ix,
          label,
          mark.price ?? state.market.last(instrument.ix),
          mark.note ?? '',
        ),
      );
    },
    fail: (error) => runner.fail(error),
  };
}
