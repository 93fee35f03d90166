import { MillraceError } from '../../../model/reason.js';
import { ActiveFault } from './active-fault.js';
import {
  MESSAGE_FAULTS,
  REQUEST_FAULTS,
  fits,
  faultSpec,
  type FaultInput,
  type FaultKind,
  type FaultSpec,
} from './spec.js';

/** One injected fault, for the record of a campaign. */
export interface Injection {
  readonly index: number;
  /** Host time, ISO 8601. */
  readonly at: string;
  readonly fault: string;
  readonly kind: FaultKind;
  /** The request or message it hit. */
  readonly target: string;
}

/** What a message of the venue is about. */
export type MessageClass = 'market' | 'user' | 'answer' | 'control';
export type Channel = 'stream' | 'ws_api';

export interface VenueFaults {
  /** A fault of the venue begins; returns how it ends, or undefined when it is over at once. */
  begin(spec: FaultSpec, note: (target: string) => void): (() => void) | undefined;
}

const KEPT = 50_000;
const MOST_FAULTS = 1_000;
const isRequest = new Set<string>(REQUEST_FAULTS);
const isMessage = new Set<string>(MESSAGE_FAULTS);

interface Running {
  timer: NodeJS.Timeout | undefined;
  end: (() => void) | undefined;
}

/**
 * All faults of one emulator: what is set now, and the record of what was injected. Faults come from configuration and
 * from the control endpoint; chance comes from the seed. Memory: at most 1,000 faults and 50,000 injections.
 */
export class FaultBoard {
  requests: readonly ActiveFault[] = [];
  messages: readonly ActiveFault[] = [];
  venue: VenueFaults | undefined;
  /** Told of every fault that is set. */
  onSet: ((fault: ActiveFault) => void) | undefined;
  readonly #seed: number;
  readonly #all = new Map<string, ActiveFault>();
  readonly #running = new Map<string, Running>();
  #log: Injection[] = [];
  #count = 0;
  #names = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Sets a fault; one with the same id is replaced. Throws MillraceError `INVALID_CONFIGURATION` when it is not one. */
  set(input: FaultInput): ActiveFault {
    const checked = faultSpec.safeParse(input);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const where = issue?.path.join('.') ?? '';
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `not a fault${where === '' ? '' : ` (${where})`}: ${issue?.message ?? 'wrong form'}`,
        'see the list of faults in docs/emulators/binance.md',
      );
    }
    const spec = checked.data;
    const id = spec.id ?? `fault-${++this.#names}`;
    this.clear(id);
    if (this.#all.size >= MOST_FAULTS) this.#sweep();
    if (this.#all.size >= MOST_FAULTS)
      throw new MillraceError('INVALID_CONFIGURATION', `more than ${MOST_FAULTS} faults`, 'clear some first');
    const fault = new ActiveFault(id, spec, this.#seed, Date.now());
    this.#all.set(id, fault);
    this.onSet?.(fault);
    if (!isRequest.has(spec.kind) && !isMessage.has(spec.kind)) this.#start(fault);
    this.#refresh();
    return fault;
  }

  /** Ends a fault, or all of them. */
  clear(id?: string): void {
    for (const name of id === undefined ? [...this.#all.keys()] : [id]) {
      this.#stop(name);
      this.#all.delete(name);
    }
    this.#refresh();
  }

  list(): readonly ActiveFault[] {
    this.#sweep();
    return [...this.#all.values()];
  }

  /** The newest injections, oldest first, from a position on. */
  log(from: number = 0): readonly Injection[] {
    return this.#log.filter((entry) => entry.index >= from);
  }

  get injected(): number {
    return this.#count;
  }

  note(fault: ActiveFault, target: string): void {
    const { id, spec } = fault;
    this.#log.push({
      index: this.#count++,
      at: new Date().toISOString(),
      fault: id,
      kind: spec.kind,
      target,
    });
    if (this.#log.length > KEPT) this.#log = this.#log.slice(KEPT / 10);
    if (fault.over(Date.now()) && (isRequest.has(spec.kind) || isMessage.has(spec.kind))) {
      this.#all.delete(id);
      this.#refresh();
    }
  }

  /** The first fault that hits a message, or undefined. */
  onMessage(channel: Channel, message: MessageClass, name: string): ActiveFault | undefined {
    const now = Date.now();
    for (const fault of this.messages) {
      const { spec } = fault;
      if (spec.channel !== undefined && spec.channel !== channel) continue;
      if (spec.kind === 'stale_user_stream' ? message !== 'user' : !this.#concerns(spec, message, name))
        continue;
      if (fault.hit(now)) {
        this.note(fault, `${channel} ${message} ${name}`);
        return fault;
      }
    }
    return undefined;
  }

  #concerns(spec: FaultSpec, message: MessageClass, name: string): boolean {
    if (spec.kind === 'depth_gap') {
      if (message !== 'market' || !/@depth(@|$)/.test(name)) return false;
    } else if (spec.message !== undefined && spec.message !== message) return false;
    if (spec.operation !== undefined && (message !== 'answer' || !fits(spec.operation, name))) return false;
    return fits(spec.stream, name);
  }

  #start(fault: ActiveFault): void {
    const running: Running = { timer: undefined, end: undefined };
    this.#running.set(fault.id, running);
    const begin = (): void => {
      fault.injected++;
      running.end = this.venue?.begin(fault.spec, (target) => this.note(fault, target));
      const { for_ms: length } = fault.spec;
      if (running.end === undefined) this.clear(fault.id);
      if (running.end === undefined || length === undefined) return;
      running.timer = setTimeout(() => this.clear(fault.id), length);
      running.timer.unref();
    };
    if (fault.spec.after_ms === 0) begin();
    else {
      running.timer = setTimeout(begin, fault.spec.after_ms);
      running.timer.unref();
    }
  }

  #stop(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    clearTimeout(running.timer);
    running.end?.();
  }

  #sweep(): void {
    const now = Date.now();
    for (const [id, fault] of this.#all) {
      if (!fault.over(now) || this.#running.has(id)) continue;
      this.#all.delete(id);
    }
    this.#refresh();
  }

  #refresh(): void {
    const all = [...this.#all.values()];
    this.requests = all.filter(({ spec }) => isRequest.has(spec.kind));
    this.messages = all.filter(({ spec }) => isMessage.has(spec.kind));
  }
}
