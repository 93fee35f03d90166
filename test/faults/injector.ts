import type { BinanceEmulator } from '../../src/emulators/binance/emulator.js';
import type { FaultInput, FaultKind } from '../../src/emulators/binance/faults/spec.js';
import { seededRandom } from '../../src/model/random.js';
import { DRAWS } from './kinds.js';

/** After these the session has to come back, or requests are held off: the next one waits until it can have done so. */
const HEAVY: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'drop_connection',
  'rate_limit',
  'maintenance',
  'torn_frame',
  'half_open',
  'disconnect',
  'disconnect_after',
  'clock_skew',
  'clock_drift',
  'disconnect_storm',
  'server_shutdown',
  'end_user_streams',
  'refuse_connections',
  'malformed_json',
]);
const RECOVERY_MS = 4_000;

/** Sets a fault now and then, each drawn from the seed; sometimes the whole venue goes away. */
export class Injector {
  readonly #venue: BinanceEmulator;
  readonly #random: () => number;
  readonly #kinds: readonly FaultKind[];
  readonly #every: number;
  #timer: NodeJS.Timeout | undefined;
  /** Every fault that was set, as it can be set again. */
  readonly set: FaultInput[] = [];

  constructor(venue: BinanceEmulator, seed: number, kinds: readonly FaultKind[], every: number) {
    this.#venue = venue;
    this.#random = seededRandom(`faults ${seed}`);
    this.#kinds = kinds;
    this.#every = every;
  }

  start(): void {
    if (this.#kinds.length > 0) this.#next(0);
  }

  #next(more: number): void {
    const wait = this.#every * (0.4 + 1.2 * this.#random()) + more * this.#random();
    this.#timer = setTimeout(() => this.#next(this.#inject()), wait);
  }

  /** Sets the next fault; returns how much longer than usual the one behind it may wait. */
  #inject(): number {
    const kind = this.#kinds[Math.floor(this.#random() * this.#kinds.length)] as FaultKind;
    const faults = [DRAWS[kind](this.#random)];
    // Maintenance as the venue does it: announced, everybody cut, nobody let in for a while.
    if (kind === 'maintenance' && this.#kinds.includes('server_shutdown') && this.#random() < 0.5)
      faults.push(DRAWS.server_shutdown(this.#random), DRAWS.refuse_connections(this.#random));
    for (const fault of faults) {
      this.set.push(fault);
      this.#venue.faults.set(fault);
    }
    const longest = Math.max(...faults.map(({ for_ms: length }) => length ?? 0));
    return HEAVY.has(kind) ? 2 * (longest + RECOVERY_MS) : 0;
  }

  /** Faults stop, and those that last end. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#venue.faults.clear();
  }
}
