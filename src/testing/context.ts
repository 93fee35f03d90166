import type { SchedulerLike } from 'rxjs';
import type { DecimalInput } from '../model/decimal.js';
import { InstrumentTable, type InstrumentInput } from '../model/instruments.js';
import type { Event, EventKind } from '../model/record.js';
import type { OperatorContext } from '../operators/context.js';
import { TestState } from './state.js';

export interface TestContextOptions {
  /** Topology name of the node. Default `test`. */
  readonly name?: string;
  /** Scheduler of virtual time: `m.scheduler` in a marble test. */
  readonly scheduler: SchedulerLike;
  /** Default: one instrument `TEST` in USD. */
  readonly instruments?: readonly InstrumentInput[];
  readonly cash?: DecimalInput;
  readonly currency?: string;
  /** Kinds its inputs deliver; list `order` to get order events instead of derived ones. */
  readonly kinds?: readonly EventKind[];
}

/** An operator's context for tests, with everything it recorded or emitted kept. */
export interface TestContext extends OperatorContext {
  readonly state: TestState;
  /** What went through `record`. */
  readonly recorded: Event[];
  /** What went to named outputs. */
  readonly emitted: { readonly port: string; readonly event: Event }[];
  readonly halts: { readonly code: string; readonly reason: string }[];
  /** Folds an event into the state and runs the flushes touched in it, as the end of a turn does. */
  turn(event: Event): void;
  endTurn(): void;
}

/** A context on virtual time; random numbers are a fixed sequence. */
export function testContext(options: TestContextOptions): TestContext {
  const instruments = new InstrumentTable(options.instruments ?? [{ symbol: 'TEST' }]);
  const currency = options.currency ?? instruments.at(0)?.quote ?? 'USD';
  const state = new TestState(instruments, 'test', options.cash ?? 100_000, currency);
  const recorded: Event[] = [];
  const emitted: { port: string; event: Event }[] = [];
  const halts: { code: string; reason: string }[] = [];
  const touched = new Set<() => void>();
  let seed = 1;
  const at = (): number => Math.round(options.scheduler.now() * 1000);
  const endTurn = (): void => {
    const flushes = [...touched];
    touched.clear();
    for (const flush of flushes) flush();
  };
  return {
    name: options.name ?? 'test',
    inputs: [
      { name: 'in', kinds: options.kinds ?? ['trade', 'quote', 'book', 'bar', 'execution', 'regime'] },
    ],
    instruments,
    state,
    scheduler: options.scheduler,
    at,
    random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    record: (child) => {
      recorded.push(child);
      state.apply(child);
    },
    emit: (port, event) => emitted.push({ port, event }),
    endOfTurn: (flush) => ({ touch: () => touched.add(flush) }),
    halt: (code, reason) => halts.push({ code, reason }),
    recorded,
    emitted,
    halts,
    turn: (event) => {
      state.seq++;
      state.at = at();
      state.apply(event);
      endTurn();
    },
    endTurn,
  };
}
