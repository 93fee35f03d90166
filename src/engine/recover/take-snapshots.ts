import type { RecoverySettings } from '../../topology/recovery-schema.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import { snapshotName, type SnapshotStore } from './snapshots.js';
import { strategiesOf } from './strategies.js';

/** Takes snapshots between turns, one at a time. What cannot be written is told and tried again next time. */
export class Snapshots {
  readonly #engine: Engine;
  readonly #store: SnapshotStore;
  readonly #settings: RecoverySettings;
  #seq: number;
  #takenMs: number = monotonicMs();
  #writing: Promise<void> | undefined;
  /** Longest time a turn had to wait for one, in milliseconds. */
  longestPauseMs = 0;

  constructor(engine: Engine, store: SnapshotStore, settings: RecoverySettings) {
    this.#engine = engine;
    this.#store = store;
    this.#settings = settings;
    this.#seq = engine.driver.seq;
  }

  between(): void {
    const { seq } = this.#engine.driver;
    const { snapshotEvery, snapshotEvents } = this.#settings;
    if (this.#writing !== undefined || seq === this.#seq || this.#engine.sequencer.running) return;
    if (seq - this.#seq < snapshotEvents && monotonicMs() - this.#takenMs < snapshotEvery / 1000) return;
    this.#writing = this.#write(snapshotName(seq)).then(() => {
      this.#writing = undefined;
      this.#store.prune(this.#settings.keepSnapshots);
    });
  }

  /** Waits for the one that is written, and writes the last under `name`. */
  async end(name: string | undefined): Promise<void> {
    await this.#writing;
    if (name !== undefined && this.#engine.driver.seq > 0) await this.#write(name);
  }

  async #write(name: string): Promise<void> {
    const began = monotonicMs();
    const snapshot = this.#store.take(this.#engine.state, strategiesOf(this.#engine));
    this.longestPauseMs = Math.max(this.longestPauseMs, monotonicMs() - began);
    this.#seq = snapshot.head.seq;
    this.#takenMs = began;
    try {
      await this.#store.write(name, snapshot);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#engine.options.log.warn(
        `the snapshot ${name} could not be written: ${message}; the journal is complete without it`,
      );
    }
  }
}
