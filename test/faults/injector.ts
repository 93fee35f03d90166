import type { BinanceEmulator } from '../../src/emulators/binance/emulator.js';
import type { FaultInput, FaultKind } from '../../src/emulators/binance/faults/spec.js';
import { seededRandom } from '../../src/model/random.js';
import { DRAWS } from './kinds.js';

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
    if (this.#kinds.length === 0) return;
    this.#timer = setTimeout(
      () => {
        const kind = this.#kinds[Math.floor(this.#random() * this.#kinds.length)] as FaultKind;
        const faults = [DRAWS[kind](this.#random)];
        // Maintenance as the venue does it: announced, everybody cut, nobody let in for a while.
        if (kind === 'maintenance' && this.#kinds.includes('server_shutdown') && this.#random() < 0.5)
          faults.push(DRAWS.server_shutdown(this.#random), DRAWS.refuse_connections(this.#random));
        for (const fault of faults) {
          this.set.push(fault);
          this.#venue.faults.set(fault);
        }
        this.start();
      },
      this.#every * (0.4 + 1.2 * this.#random()),
    );
  }

  /** Faults stop, and those that last end. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#venue.faults.clear();
  }
}
