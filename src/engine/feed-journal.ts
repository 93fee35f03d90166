import type { InputEvent } from '../model/event.js';
import { toInput } from '../model/instruments.js';
import type { Event } from '../model/record.js';
import {
  checkFrame,
  FrameEncoder,
  type Difference,
  type Journal,
  type JournalFrame,
} from '../sinks/journal/index.js';
import type { Engine } from './engine.js';

/**
 * Feeds a journal to an engine that takes its inputs as recorded, and compares each turn's children with the record, by
 * hash where both encoders saw the same names. Stops at the first difference. Several lives of a session follow each
 * other: what one brought with it (instruments its brokers named) is there when its first turn is fed.
 */
export class JournalFeed {
  /** Has seen every frame so far: its digest is that of the journal. */
  readonly encoder: FrameEncoder = new FrameEncoder();
  turns = 0;
  checkpoints = 0;
  difference: Difference | undefined;
  #current: JournalFrame | undefined;

  /** Give this to the engine. */
  readonly onFrame = (_input: InputEvent, children: readonly Event[]): void => {
    if (this.#current !== undefined) this.difference ??= checkFrame(this.encoder, this.#current, children);
  };

  /** `seen` is told of every frame that was fed. */
  run(engine: Engine, journal: Journal, seen: (frame: JournalFrame) => void = () => undefined): void {
    for (const frame of journal.frames()) {
      const { seq, at } = frame.input;
      if (frame.begins !== undefined) {
        for (const instrument of frame.begins.instruments)
          if (engine.instruments.get(instrument.symbol) === undefined)
            engine.instruments.add(toInput(instrument));
      }
      this.#current = frame;
      engine.feed([frame.input]);
      this.turns++;
      if (frame.input.seq !== seq || frame.input.at !== at)
        this.difference = positionDifference(seq, at, frame.input);
      if (this.difference !== undefined) return;
      if (frame.checkpoint !== undefined) {
        this.checkpoints++;
        this.difference = checkpointDifference(frame, engine.state.hash(), this.encoder.digest);
        if (this.difference !== undefined) return;
      }
      seen(frame);
    }
    this.#current = undefined;
  }
}

function positionDifference(seq: number, at: number, now: InputEvent): Difference {
  const recorded = `${seq} at ${at}`;
  const produced = `${now.seq} at ${now.at}`;
  return { seq, sub: 0, field: 'seq', recorded, produced, text: `turn ${recorded} is now turn ${produced}` };
}

function checkpointDifference(frame: JournalFrame, state: string, digest: string): Difference | undefined {
  const { checkpoint } = frame;
  if (checkpoint === undefined) return undefined;
  const { seq } = checkpoint;
  const [field, recorded, produced] =
    checkpoint.state === state
      ? (['digest', checkpoint.digest, digest] as const)
      : (['state', checkpoint.state, state] as const);
  if (recorded === produced) return undefined;
  const what = field === 'state' ? 'hash of State' : 'digest';
  const text = `after turn ${seq}: the ${what} was ${recorded}, is now ${produced}`;
  return { seq, sub: 0, field, recorded, produced, text };
}
