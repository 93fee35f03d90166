import {
  bufferTime,
  debounceTime,
  delay,
  interval,
  map,
  of,
  repeat,
  Subject,
  take,
  throttleTime,
  timeout,
  timer,
  type Observable,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventScheduler, MAX_DEADLINES_PER_GAP } from '../../src/streams/event-scheduler.js';

/** Advances like the turn driver: one clock turn per distinct due time, then the event. */
function driver(scheduler: EventScheduler): {
  readonly to: (at: number, event?: () => void) => void;
  readonly clocks: number[];
} {
  const clocks: number[] = [];
  return {
    clocks,
    to: (at, event) => {
      while (scheduler.nextDue() <= at) {
        const due = Math.max(scheduler.nextDue(), scheduler.at);
        scheduler.at = due;
        clocks.push(due);
        scheduler.fire(due);
      }
      scheduler.at = at;
      event?.();
    },
  };
}

function collect<T>(source: Observable<T>, scheduler: EventScheduler): [number, T][] {
  const seen: [number, T][] = [];
  source.subscribe((value) => seen.push([scheduler.at, value]));
  return seen;
}

describe('EventScheduler', () => {
  it('fires by due time, then by insertion, with now() at the due time', () => {
    const s = new EventScheduler();
    const seen: string[] = [];
    s.schedule(() => seen.push(`b@${s.now()}`), 2);
    s.schedule(() => seen.push(`a@${s.now()}`), 1);
    s.schedule(() => seen.push(`c@${s.now()}`), 2);
    const d = driver(s);
    d.to(5_000);
    expect(seen).toEqual(['a@1', 'b@2', 'c@2']);
    expect(d.clocks).toEqual([1_000, 2_000]);
  });

  it('never arms a positive delay at the present instant, and rounds to microseconds', () => {
    const s = new EventScheduler();
    s.at = 10;
    s.schedule(() => undefined, 0.0001);
    expect(s.nextDue()).toBe(11);
    const t = new EventScheduler();
    t.schedule(() => undefined, 33.3);
    expect(t.nextDue()).toBe(33_300);
  });

  it('fires a delay of zero on a new clock turn at the same instant', () => {
    const s = new EventScheduler();
    const seen: number[] = [];
    s.schedule(() => {
      seen.push(1);
      s.schedule(() => seen.push(2), 0);
    }, 1);
    s.at = 1_000;
    s.fire(1_000);
    expect(seen).toEqual([1]);
    expect(s.nextDue()).toBe(1_000);
    s.fire(1_000);
    expect(seen).toEqual([1, 2]);
  });

  it('forgets cancelled deadlines and compacts when half are dead', () => {
    const s = new EventScheduler();
    const source = new Subject<number>();
    source.pipe(timeout({ each: 5_000, scheduler: s })).subscribe();
    const d = driver(s);
    for (let i = 0; i < 10_000; i++) d.to(i, () => source.next(i));
    expect(s.figures.live).toBe(1);
    expect(s.figures.entries).toBeLessThan(130);
  });

  it('drives the RxJS time operators', () => {
    const s = new EventScheduler();
    const d = driver(s);
    const source = new Subject<string>();
    const debounced = collect(source.pipe(debounceTime(10, s)), s);
    const throttled = collect(source.pipe(throttleTime(10, s, { leading: true, trailing: true })), s);
    const buffered = collect(
      source.pipe(
        bufferTime(20, null, Infinity, s),
        map((b) => b.join('')),
      ),
      s,
    );
    const delayed = collect(source.pipe(delay(7, s)), s);
    const timed = collect(
      source.pipe(timeout({ each: 12, with: () => of('late'), scheduler: s }), repeat({ count: 2 })),
      s,
    );
    const once = collect(timer(25, s), s);
    const ticks = collect(interval(8, s).pipe(take(3)), s);
    d.to(1_000, () => source.next('a'));
    d.to(5_000, () => source.next('b'));
    d.to(30_000, () => source.next('c'));
    d.to(60_000);
    expect(debounced).toEqual([
      [15_000, 'b'],
      [40_000, 'c'],
    ]);
    expect(throttled).toEqual([
      [1_000, 'a'],
      [11_000, 'b'],
      [30_000, 'c'],
    ]);
    expect(buffered).toEqual([
      [20_000, 'ab'],
      [40_000, 'c'],
      [60_000, ''],
    ]);
    expect(delayed).toEqual([
      [8_000, 'a'],
      [12_000, 'b'],
      [37_000, 'c'],
    ]);
    expect(timed).toEqual([
      [1_000, 'a'],
      [5_000, 'b'],
      [17_000, 'late'],
      [29_000, 'late'],
    ]);
    expect(once).toEqual([[25_000, 0]]);
    expect(ticks).toEqual([
      [8_000, 0],
      [16_000, 1],
      [24_000, 2],
    ]);
  });

  it('stops a runaway timer of one node and names it', () => {
    const s = new EventScheduler();
    const node = s.forNode('noisy');
    interval(1, node).subscribe();
    const d = driver(s);
    expect(() => d.to(MAX_DEADLINES_PER_GAP * 1_200)).toThrow(/noisy fired more than 100000 deadlines/);
    s.resetGap();
    expect(s.nextDue()).toBe(Infinity);
  });

  it('lets a slow timer go on through a quiet weekend', () => {
    const s = new EventScheduler();
    let ticks = 0;
    interval(1_000, s.forNode('slow')).subscribe(() => ticks++);
    driver(s).to(70 * 3_600 * 1_000_000);
    expect(ticks).toBe(252_000);
  });

  it('counts what each node has pending', () => {
    const s = new EventScheduler();
    const node = s.forNode('a');
    const subscription = timer(5, node).subscribe();
    expect(node.owner.pending).toBe(1);
    subscription.unsubscribe();
    expect(node.owner.pending).toBe(0);
  });
});

describe('a storm of zero delays', () => {
  const storm = (): { scheduler: EventScheduler; turns: () => number } => {
    const scheduler = new EventScheduler();
    let turns = 0;
    scheduler.forNode('rogue').schedule(function again(this: { schedule(s?: unknown, d?: number): unknown }) {
      turns++;
      this.schedule(undefined, 0);
    });
    return { scheduler, turns: () => turns };
  };

  it('ends inside a turn, names its owner, and leaves engine time free to go on', () => {
    const { scheduler, turns } = storm();
    for (let i = 0; i < 1_000; i++) scheduler.fire(0);
    expect(turns()).toBe(1_000);
    expect(() => scheduler.fire(0)).toThrow(/more than 1000 clock turns at engine time 0, by rogue/);
    expect([scheduler.nextDue(), scheduler.figures.live]).toEqual([Infinity, 0]);
    scheduler.schedule(() => undefined, 1);
    expect(scheduler.nextDue()).toBe(1_000);
  });

  it('is not one when market data comes between the turns', () => {
    const { scheduler, turns } = storm();
    for (let i = 0; i < 5_000; i++) {
      scheduler.fire(0);
      if (i % 100 === 0) scheduler.resetGap();
    }
    expect(turns()).toBe(5_000);
  });
});
