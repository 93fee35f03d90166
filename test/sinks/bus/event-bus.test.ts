import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../src/model/make.js';
import { EventBus } from '../../../src/sinks/bus/event-bus.js';

const say = (message: string) => makeLog('info', 'TEST', message);
const words = (heard: string[]) => (message: { readonly payload: object }) =>
  void heard.push((message.payload as { readonly message: string }).message);

/** Defect 1: bursts were delivered in reverse. */
describe('the bus', () => {
  it('defect 1: delivers a burst first in, first out, over all topics of a subscriber', async () => {
    const bus = new EventBus();
    const sequences: number[] = [];
    const heard: string[] = [];
    bus.subscribe('*', ({ sequence }) => sequences.push(sequence));
    bus.subscribe(['a', 'b'], words(heard));
    for (let i = 0; i < 5_000; i++) bus.publish(i % 3 === 0 ? 'a' : i % 3 === 1 ? 'b' : 'c', say(String(i)));
    await bus.settle();
    expect(sequences).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
    expect(heard).toEqual(
      Array.from({ length: 5_000 }, (_, i) => i)
        .filter((i) => i % 3 !== 2)
        .map(String),
    );
  });

  it('lets the loop go on while a subscriber publishes whatever it hears again', async () => {
    const bus = new EventBus();
    let heard = 0;
    const id = bus.subscribe('t', ({ payload }) => {
      heard++;
      bus.publish('t', payload);
    });
    bus.publish('t', say('echo'));
    expect(await bus.settle(20)).toBe(false);
    expect(heard).toBeGreaterThan(1);
    bus.unsubscribe(id);
    expect(await bus.settle()).toBe(true);
  });

  it('isolates a subscriber that throws or rejects: it is counted, and it and all others hear on', async () => {
    const told: string[] = [];
    const bus = new EventBus((name, error) => told.push(`${name}: ${(error as Error).message}`));
    const heard: string[] = [];
    bus.subscribe(
      't',
      () => {
        throw new Error('mine');
      },
      { name: 'bad' },
    );
    bus.subscribe('t', () => Promise.reject(new Error('later')), { name: 'worse' });
    bus.subscribe('t', words(heard));
    for (const word of ['x', 'y', 'z']) bus.publish('t', say(word));
    expect(await bus.settle()).toBe(true);
    expect(heard).toEqual(['x', 'y', 'z']);
    expect(told).toEqual(['bad: mine', 'worse: later']);
    expect(bus.figures().map(({ name, delivered, errors }) => [name, delivered, errors])).toEqual([
      ['bad', 3, 3],
      ['worse', 3, 3],
      ['subscriber 3', 3, 0],
    ]);
  });

  it('bounds what waits for a slow subscriber; nobody else loses anything', async () => {
    const bus = new EventBus();
    const slow: string[] = [];
    const fast: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    bus.subscribe(
      't',
      async ({ payload }) => {
        slow.push((payload as unknown as { message: string }).message);
        await gate;
      },
      { capacity: 4, name: 'slow' },
    );
    bus.subscribe('t', words(fast));
    bus.publish('t', say('0'));
    bus.drain();
    for (let i = 1; i < 100; i++) {
      bus.publish('t', say(String(i)));
      bus.drain();
    }
    expect(fast).toHaveLength(100);
    expect(bus.figures()[0]).toMatchObject({ name: 'slow', dropped: 95, waiting: 4 });
    open();
    expect(await bus.settle()).toBe(true);
    expect(slow).toEqual(['0', '96', '97', '98', '99']);
  });

  it('a subscriber that never answers cannot hold up the end', async () => {
    const bus = new EventBus();
    bus.subscribe('t', () => new Promise(() => undefined));
    bus.publish('t', say('x'));
    expect(await bus.settle(20)).toBe(false);
  });

  it('unsubscribe stops delivery, also of what waits', async () => {
    const bus = new EventBus();
    const heard: string[] = [];
    const id = bus.subscribe('t', words(heard));
    bus.publish('t', say('x'));
    expect([bus.unsubscribe(id), bus.unsubscribe(id), bus.used]).toEqual([true, false, false]);
    await bus.settle();
    expect(heard).toEqual([]);
  });

  it('delivers by itself, when the loop has time', async () => {
    const bus = new EventBus();
    const heard = new Promise((resolve) => bus.subscribe('t', ({ origin }) => resolve(origin)));
    bus.publish('t', say('x'), 'me');
    expect(await heard).toBe('me');
  });
});
