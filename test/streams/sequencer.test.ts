import { describe, expect, it } from 'vitest';
import { makeClock, makeTrade, receivedAt } from '../../src/model/make.js';
import type { InputEvent } from '../../src/model/event.js';
import { seededRandom } from '../../src/model/random.js';
import { EventScheduler } from '../../src/streams/event-scheduler.js';
import { Sequencer } from '../../src/streams/sequencer.js';

const SEED = 20240809;

function trade(source: string, at: number, id: string): InputEvent {
  return receivedAt(makeTrade(source, at, 'X', 0, 1, 1, 0, id), at);
}

interface Harness {
  readonly sequencer: Sequencer;
  readonly scheduler: EventScheduler;
  readonly log: string[];
  react: (event: InputEvent, at: number) => void;
}

function harness(): Harness {
  const scheduler = new EventScheduler();
  const log: string[] = [];
  const h: { react: Harness['react'] } = { react: () => undefined };
  let depth = 0;
  const sequencer = new Sequencer({
    scheduler,
    turn: (event, at) => {
      expect(depth).toBe(0);
      depth++;
      scheduler.at = at;
      log.push(`${event.kind === 'trade' ? event.tradeId : event.kind}@${at}`);
      h.react(event, at);
      depth--;
    },
    clock: (due) => {
      expect(depth).toBe(0);
      depth++;
      scheduler.at = due;
      log.push(`clock@${due}`);
      makeClock(due, due);
      scheduler.fire(due);
      depth--;
    },
  });
  return Object.assign(h, { sequencer, scheduler, log });
}

describe('Sequencer', () => {
  it('takes re-entrant inputs after the turn, before deadlines and the outside, at the causing time', () => {
    const h = harness();
    h.react = (event, at) => {
      if (event.kind === 'trade' && event.tradeId === 'a') {
        h.scheduler.schedule(() => h.log.push('deadline'), 0);
        h.sequencer.post(trade('fills', at + 999, 'a1'));
        h.sequencer.post(trade('fills', at + 999, 'a2'));
      }
      if (event.kind === 'trade' && event.tradeId === 'a1') h.sequencer.post(trade('fills', at, 'a11'));
    };
    h.sequencer.feed([trade('m', 10, 'a'), trade('m', 10, 'b')]);
    expect(h.log).toEqual(['a@10', 'a1@10', 'a2@10', 'a11@10', 'clock@10', 'deadline', 'b@10']);
  });

  it('fires deadlines between two inputs, the graph before brokers at one instant', () => {
    const h = harness();
    h.react = (event) => {
      if (event.kind === 'trade' && event.tradeId === 'a') {
        h.sequencer.runAt(1_010, () => h.sequencer.post(trade('paper', 0, 'fill')));
        h.scheduler.schedule(() => h.log.push('deadline'), 1);
        h.sequencer.runAt(1_005, () => h.sequencer.post(trade('paper', 0, 'ack')));
      }
    };
    h.sequencer.feed([trade('m', 10, 'a'), trade('m', 5_000, 'b')]);
    expect(h.log).toEqual(['a@10', 'ack@1005', 'clock@1010', 'deadline', 'fill@1010', 'b@5000']);
  });

  it('never lets engine time go back', () => {
    const h = harness();
    h.sequencer.feed([trade('m', 10, 'a'), trade('m', 4, 'b')]);
    expect(h.log).toEqual(['a@10', 'b@10']);
  });

  it('refuses what does not fit and counts it', () => {
    const scheduler = new EventScheduler();
    let sequencer: Sequencer | undefined = undefined as Sequencer | undefined;
    const accepted: boolean[] = [];
    sequencer = new Sequencer({
      scheduler,
      capacity: 2,
      turn: (event) => {
        if (event.kind === 'trade' && event.tradeId === 'a')
          for (let i = 0; i < 3; i++) accepted.push(sequencer?.post(trade('m', 1, `r${i}`)) ?? true);
      },
      clock: () => undefined,
    });
    sequencer.post(trade('m', 1, 'a'));
    expect(accepted).toEqual([true, true, false]);
    expect(sequencer.figures.refused).toBe(1);
  });

  it('halts a timer that re-arms itself without end', () => {
    const h = harness();
    const again = (): void => {
      h.scheduler.schedule(again, 0);
    };
    h.scheduler.schedule(again, 1);
    expect(() => h.sequencer.feed([trade('m', 2_000, 'a')])).toThrow(/more than 1000 clock turns/);
  });

  it(`keeps one total order over five sources with re-entrant fills (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const h = harness();
    const expected: string[] = [];
    let fills = 0;
    h.react = (event, at) => {
      if (event.kind !== 'trade') return;
      if (event.source !== 'fills' && random() < 0.3) {
        const n = 1 + Math.floor(random() * 3);
        for (let i = 0; i < n; i++) h.sequencer.post(trade('fills', at, `f${fills++}`));
      }
    };
    const inputs: InputEvent[] = [];
    let at = 0;
    for (let i = 0; i < 20_000; i++) {
      at += Math.floor(random() * 3);
      inputs.push(trade(`s${Math.floor(random() * 5)}`, at, `m${i}`));
    }
    // Half as one batch, half one by one: the order must not depend on how they come.
    h.sequencer.feed(inputs.slice(0, 10_000));
    for (const input of inputs.slice(10_000)) h.sequencer.post(input);
    const market = h.log.filter((line) => line.startsWith('m'));
    expect(market).toEqual(inputs.map((e) => `${e.kind === 'trade' ? e.tradeId : ''}@${e.at}`));
    const numbers = h.log
      .filter((line) => line.startsWith('f'))
      .map((line) => Number(line.slice(1, line.indexOf('@'))));
    expect(numbers).toEqual(numbers.map((_, i) => i));
    // Every fill stands directly behind the turn that caused it, with that turn's time.
    for (let i = 1; i < h.log.length; i++) {
      const [name = '', time] = (h.log[i] ?? '').split('@');
      if (name.startsWith('f')) expected.push(name);
      if (name.startsWith('f')) expect(time).toBe((h.log[i - 1] ?? '').split('@')[1]);
    }
    expect(expected).toHaveLength(fills);
    expect(fills).toBeGreaterThan(5_000);
  });
});
