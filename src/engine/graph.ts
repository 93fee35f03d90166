import type { Subscription } from 'rxjs';
import { Into, Edge, type Target } from '../streams/edge.js';
import { MillraceError } from '../model/reason.js';
import { MARKET_KINDS, type Event, type EventKind } from '../model/record.js';
import type { InputEvent, MarketEvent } from '../model/event.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { CheckedOperator, CheckedTopology } from '../topology/checked.js';
import type { ComponentContext } from '../topology/spec.js';
import type { OperatorContext } from '../operators/context.js';
import { strategyHandle, type StrategyHandle } from '../operators/strategy/handle.js';
import { Join, Settling } from './join.js';
import { MeteredEdge, type Meter } from './metered-edge.js';

const MARKET: ReadonlySet<string> = new Set(MARKET_KINDS);
/** Edges of these kinds stay open until the end: orders go on while the engine drains. */
const ORDER_PATH: ReadonlySet<string> = new Set<EventKind>(['intent', 'approved', 'command']);

/** Entry of one source into the graph. */
export interface Root {
  readonly name: string;
  readonly edge: Edge<Event>;
  /** True: its market events are accepted as they come (no normalize node reads it), so State folds them here. */
  fold: boolean;
  readonly market: boolean;
  events: number;
  lastAt: number;
}

/** `risk` is `{ node: 'risk', port: '' }`, `risk.denied` is `{ node: 'risk', port: 'denied' }`. */
export interface PortRef {
  readonly node: string;
  readonly port: string;
}

interface Output {
  readonly edge: Edge<Event>;
  readonly kinds: readonly EventKind[];
  readonly ancestors: ReadonlySet<string>;
}

export interface GraphServices {
  readonly instruments: InstrumentTable;
  readonly record: (child: Event, source: string) => void;
  readonly applyMarket: (event: MarketEvent) => void;
  readonly failed: (node: string, error: unknown) => void;
  readonly context: (
    op: CheckedOperator,
    emit: (port: string, event: Event) => void,
    inputs: OperatorContext['inputs'],
  ) => OperatorContext & ComponentContext;
}

/**
 * The compiled graph: static edges from sources through operators, in rank order, with joins where branches of one
 * event meet. Built once; operators are subscribed by `connect()` inside the start turn, downstream first, so that
 * whatever they emit on subscription finds everybody listening.
 */
export class Graph {
  readonly #roots = new Map<string, Root>();
  readonly #outputs = new Map<string, Output>();
  readonly #settling = new Settling();
  readonly #prepares: (() => () => Subscription)[] = [];
  #connects: (() => Subscription)[] = [];
  readonly #subscriptions: Subscription[] = [];
  readonly #strategyInputs: Edge<Event>[] = [];
  readonly #services: GraphServices;
  /** Inputs of risk nodes, with the brokers behind each: where system strategies (cancels, flatten) enter. */
  readonly #riskInputs: { readonly edge: Edge<Event>; readonly brokers: ReadonlySet<string> }[] = [];
  readonly #brokersBehind: (node: string) => ReadonlySet<string>;
  readonly meters: Meter[] = [];
  /** Running strategies by node name. */
  readonly strategies: Map<string, StrategyHandle> = new Map();
  #connected = false;

  constructor(topology: CheckedTopology, services: GraphServices) {
    this.#services = services;
    this.#brokersBehind = brokersBehind(topology);
    const normalized = new Set(
      topology.operators
        .filter((op) => op.spec.type === 'normalize')
        .flatMap((op) => op.inputs.map((ref) => ref.node)),
    );
    for (const source of topology.sources) {
      const kinds = source.emits;
      const market = kinds.some((kind) => MARKET.has(kind));
      const edge = new Edge<Event>(source.name);
      this.#roots.set(source.name, {
        name: source.name,
        edge,
        fold: !normalized.has(source.name),
        market,
        events: 0,
        lastAt: 0,
      });
      this.#outputs.set(source.name, { edge, kinds, ancestors: new Set([source.name]) });
    }
    topology.operators.forEach((op, rank) => this.#add(op, rank));
  }

  root(name: string): Root | undefined {
    return this.#roots.get(name);
  }

  get roots(): Iterable<Root> {
    return this.#roots.values();
  }

  /** Names of all outputs: `bars`, `risk.denied`. */
  get outputs(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  /** The edge behind a reference; lint has checked that it exists. */
  output(ref: PortRef): Edge<Event> {
    return this.#output(ref).edge;
  }

  settle(): void {
    this.#settling.settle();
  }

  /** Makes every operator: loads strategies, checks parameters. Before the first turn; throws what is wrong. */
  prepare(): void {
    this.#connects = this.#prepares.splice(0).map((prepare) => prepare());
  }

  /** Subscribes every operator. Inside the start turn. */
  connect(): void {
    if (this.#connected) return;
    this.#connected = true;
    for (const connect of this.#connects.reverse()) this.#subscriptions.push(connect());
  }

  /** Market data is over: operators flush, then strategies complete. Inside the stop turn. */
  completeMarket(): void {
    for (const root of this.#roots.values()) if (root.market) root.edge.complete();
    this.#settling.settle();
    for (const input of this.#strategyInputs) input.complete();
    this.#settling.settle();
  }

  /** Releases every operator; nothing is emitted any more. */
  close(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  /**
   * An intent of the engine itself: enters in front of risk like any other. With a broker only on the way that leads
   * to it, so that two ways to venues never send it twice; without one, or with one nothing leads to, on every way.
   */
  system(event: InputEvent | Event, broker = ''): void {
    const way = broker === '' ? undefined : this.#riskInputs.find(({ brokers }) => brokers.has(broker));
    if (way !== undefined) way.edge.next(event);
    else for (const { edge } of this.#riskInputs) edge.next(event);
  }

  #output(ref: PortRef): Output {
    const key = ref.port === '' ? ref.node : `${ref.node}.${ref.port}`;
    const output = this.#outputs.get(key);
    if (output === undefined)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `there is no output "${key}"`,
        'run `millrace lint` on the topology',
      );
    return output;
  }

  #add(op: CheckedOperator, rank: number): void {
    const inputs = op.inputs.map((ref) => this.#output(ref));
    const ancestors = new Set(inputs.flatMap((input) => [...input.ancestors]));
    const accepts = new Set<EventKind>(op.spec.accepts);
    const out = new Edge<Event>(op.name);
    this.#outputs.set(op.name, { edge: out, kinds: op.emits, ancestors: new Set([...ancestors, op.name]) });
    const ports = new Map<string, Edge<Event>>();
    for (const [port, portKinds] of Object.entries(op.spec.ports ?? {})) {
      const edge = new Edge<Event>(`${op.name}.${port}`);
      ports.set(port, edge);
      this.#outputs.set(`${op.name}.${port}`, {
        edge,
        kinds: portKinds,
        ancestors: new Set([...ancestors, op.name]),
      });
    }
    const meter = op.spec.type === 'strategy' ? this.#meter(op.name) : undefined;
    const input = this.#wireInputs(op, rank, inputs, accepts, meter);
    if (op.spec.type === 'risk')
      this.#riskInputs.push({ edge: input, brokers: this.#brokersBehind(op.name) });
    if (op.spec.type === 'strategy') this.#strategyInputs.push(input);
    const orderPath = op.emits.some((kind) => ORDER_PATH.has(kind));
    const foldsMarket = this.#acceptsMarketAt(op, inputs);
    const send = (edge: Edge<Event>, event: Event): void => {
      // What fails behind this node must not be taken for a failure of this node (a strategy would be blamed for risk).
      try {
        if (event.seq === 0) {
          this.#services.record(event, op.name);
        } else if (foldsMarket) this.#services.applyMarket(event as MarketEvent);
        edge.next(event);
      } catch (error) {
        this.#services.failed(`after ${op.name}`, error);
      }
    };
    const emit = (port: string, event: Event): void => {
      const edge = ports.get(port);
      if (edge === undefined)
        throw new MillraceError(
          'INVARIANT',
          `${op.name} emitted on "${port}", which is not one of its outputs`,
        );
      send(edge, event);
    };
    const inputInfo = op.inputs.map((ref, i) => ({
      name: ref.port === '' ? ref.node : `${ref.node}.${ref.port}`,
      kinds: inputs[i]?.kinds ?? [],
    }));
    this.#prepares.push(() => {
      const operator = op.spec.make(op.config, this.#services.context(op, emit, inputInfo));
      const handle = strategyHandle(operator);
      if (handle !== undefined) this.strategies.set(op.name, handle);
      const output = operator(input);
      const done = (): void => {
        if (orderPath) return;
        out.complete();
        for (const edge of ports.values()) edge.complete();
      };
      const failed = (error: unknown): void => this.#services.failed(op.name, error);
      return () => output.subscribe(new Into<Event>((event) => send(out, event), failed, done));
    });
  }

  #meter(name: string): Meter {
    const meter: Meter = { name, evaluations: 0, seconds: 0 };
    this.meters.push(meter);
    return meter;
  }

  /** A normalize node accepts market data for State; a book node does for sources that bring no quotes of their own. */
  #acceptsMarketAt(op: CheckedOperator, inputs: readonly Output[]): boolean {
    if (op.spec.type === 'normalize') return true;
    return op.spec.type === 'book' && !inputs.some((input) => input.kinds.includes('quote'));
  }

  /** Links the inputs to one edge, through a join where they share an ancestor. */
  #wireInputs(
    op: CheckedOperator,
    rank: number,
    inputs: readonly Output[],
    accepts: ReadonlySet<string>,
    meter: Meter | undefined,
  ): Edge<Event> {
    const symbols = op.spec.instruments?.(op.config);
    const ixs = symbols?.map((symbol) => {
      const instrument = this.#services.instruments.get(symbol);
      if (instrument === undefined) {
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `"${op.name}" names the instrument ${symbol}, which is not known`,
          'add it under instruments:',
        );
      }
      return instrument.ix;
    });
    const joined = inputs.length > 1 && shareAncestor(inputs);
    const edge =
      meter === undefined ? new Edge<Event>(`${op.name}.in`) : new MeteredEdge(`${op.name}.in`, meter);
    const join = joined
      ? this.#settling.add(rank, (dirty) => new Join(edge, inputs.length, dirty))
      : undefined;
    let open = inputs.length;
    const complete = (): void => {
      if (--open === 0) edge.complete();
    };
    inputs.forEach((input, i) => {
      const direct =
        inputs.length === 1 ? edge : { next: (event: Event): void => edge.next(event), complete };
      const target: Target<Event> = join?.input(i) ?? direct;
      const every = input.kinds.every((kind) => accepts.has(kind));
      input.edge.link(every ? target : filtered(target, accepts), ixs);
    });
    return edge;
  }
}

/** Brokers that orders sinks send to, downstream of a node. */
function brokersBehind(topology: CheckedTopology): (node: string) => ReadonlySet<string> {
  const behind = (node: string): Set<string> => {
    const found = new Set<string>();
    for (const { inputs, broker } of topology.sinks) {
      if (broker !== '' && inputs.some((input) => input.node === node)) found.add(broker);
    }
    for (const { name, inputs } of topology.operators) {
      if (inputs.some((input) => input.node === node)) for (const broker of behind(name)) found.add(broker);
    }
    return found;
  };
  return behind;
}

function filtered(target: Target<Event>, accepts: ReadonlySet<string>): Target<Event> {
  return {
    next: (event) => {
      if (accepts.has(event.kind)) target.next(event);
    },
    complete: () => target.complete(),
  };
}

function shareAncestor(inputs: readonly Output[]): boolean {
  const seen = new Set<string>();
  for (const input of inputs) {
    for (const name of input.ancestors) {
      if (seen.has(name)) return true;
    }
    for (const name of input.ancestors) seen.add(name);
  }
  return false;
}
