import { seededRandom, type Random } from '../../../model/random.js';
import type { SnapshotPlace } from '../options.js';
import type { ApiRequest, ApiResponse, FaultAction, FaultPoint } from '../types.js';
import type { StreamHub } from './stream-hub.js';

/** Puts snapshots at a known place in the diff stream by ending the diff of their symbol before they are taken. */
export class SnapshotAlignment implements FaultPoint {
  readonly #next: Required<FaultPoint>;
  readonly #hub: StreamHub;
  readonly #place: SnapshotPlace;
  readonly #random: Random;

  constructor(next: Required<FaultPoint>, hub: StreamHub, place: SnapshotPlace, seed: number) {
    this.#next = next;
    this.#hub = hub;
    this.#place = place;
    this.#random = seededRandom(seed);
  }

  before(request: ApiRequest): FaultAction | undefined {
    if (request.operation.name === 'depth' && this.#aligned())
      this.#hub.flushDepth((request.params['symbol'] ?? '').toUpperCase());
    return this.#next.before(request);
  }

  after(request: ApiRequest, response: ApiResponse): FaultAction | undefined {
    return this.#next.after(request, response);
  }

  #aligned(): boolean {
    return this.#place === 'mixed' ? this.#random() < 0.5 : this.#place === 'aligned';
  }
}
