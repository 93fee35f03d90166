import { crc32 as native } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isApproved, isCommand } from '../../../src/model/command.js';
import { makeDenied, makeQuote } from '../../../src/model/make.js';
import { EVENT_KINDS } from '../../../src/model/record.js';
import { LineEncoder, sumHolds } from '../../../src/sinks/journal/codec/json-text.js';
import { NUMBER_ROOM, putNumberText } from '../../../src/sinks/journal/codec/number-text.js';
import { payloadText, payloadToJson } from '../../../src/sinks/journal/codec/json.js';
import { forgetWritten, number } from '../../../src/sinks/journal/codec/shape.js';
import { WordBuffer } from '../../../src/sinks/journal/codec/word-buffer.js';
import { crc32 } from '../../../src/sinks/journal/codec/crc32.js';
import { FrameEncoder, fromJson, toJson } from '../../../src/sinks/journal/index.js';
import { child, input, quote, turn, turns } from './support/events.js';
import { mintApproved } from '../../../src/model/command.js';
import { dec } from '../../../src/model/decimal.js';

const plain = (event: object): object => ({ ...event });

describe('events as JSON', () => {
  it('come back as they were, every kind', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(input, child), (event) => {
        seen.add(event.kind);
        const back = fromJson(JSON.parse(JSON.stringify(toJson(event))));
        expect(plain(back)).toStrictEqual(plain(event));
        expect(Object.keys(back).slice(0, 6)).toEqual(['kind', 'seq', 'sub', 'at', 'ts', 'source']);
      }),
      { numRuns: 600, seed: 7 },
    );
    expect([...seen].sort()).toEqual([...EVENT_KINDS].sort());
  });

  it('never gives back an approved intent or a command that a queue or outbox would take', () => {
    const [made] = fc.sample(
      child.filter((event) => event.kind === 'command'),
      { numRuns: 1, seed: 3 },
    );
    if (made?.kind !== 'command') throw new Error('no command');
    const approved = mintApproved(made.intent, dec(1), () => makeDenied(made.intent, 'X', 'X', 'risk'));
    expect([isCommand(made), isApproved(approved)]).toEqual([true, true]);
    expect(isCommand(fromJson(JSON.parse(JSON.stringify(toJson(made)))))).toBe(false);
    expect(isApproved(fromJson(JSON.parse(JSON.stringify(toJson(approved)))))).toBe(false);
  });

  it.each([
    [{ kind: 'nonsense' }, 'kind: expected a kind of event, got "nonsense"'],
    [{ ...toJson(turn(1, quote(1)).input), bid: 'much' }, 'bid: expected a number, got "much"'],
    [
      { ...toJson(turn(1, quote(1)).input), instrument: undefined },
      'instrument: expected a string, got nothing',
    ],
  ])('names the field that is wrong: %#', (json, message) => {
    expect(() => fromJson(json)).toThrow(message);
  });
});

describe('FrameEncoder', () => {
  it('gives one digest for one stream, another when anything differs', () => {
    fc.assert(
      fc.property(turns, (all) => {
        const [a, b] = [new FrameEncoder(), new FrameEncoder()];
        for (const { input, children } of all)
          expect(Buffer.from(a.encode(input, children))).toEqual(Buffer.from(b.encode(input, children)));
        expect(a.digest).toBe(b.digest);
        const last = all.at(-1);
        if (last === undefined) return;
        a.encode(last.input, last.children);
        expect(a.digest).not.toBe(b.digest);
      }),
    );
  });

  it('has the same digest everywhere: a fixed stream gives a fixed text', () => {
    const encoder = new FrameEncoder();
    for (let i = 1; i <= 100; i++) encoder.encode(turn(i, quote(i)).input, []);
    encoder.encode(turn(101, makeQuote('market', 1, 'ETH', 1, NaN, 0, 5, -0)).input, []);
    expect(encoder.digest).toBe(FIXED_DIGEST);
    expect(encoder.encode(turn(102, quote(1)).input, []).length).toBe(72);
  });

  it('keeps names with different spelling apart in the digest', () => {
    const digest = (source: string): string => {
      const encoder = new FrameEncoder();
      encoder.encode(turn(1, makeQuote(source, 1, 'X', 0, 1, 1, 1, 1)).input, []);
      return encoder.digest;
    };
    expect(digest('a')).not.toBe(digest('b'));
  });

  it('refuses a child that does not belong to the turn, and leaves nothing behind', () => {
    const encoder = new FrameEncoder();
    const { input, children } = turn(4, quote(1), [makeDenied({} as never, 'X', 'X', 'risk')]);
    Object.assign(children[0] ?? {}, { sub: 2 });
    expect(() => encoder.encode(input, children)).toThrow(
      'child 1 of turn 4 (denied) is stamped seq 4, sub 2',
    );
  });
});

it('lines of hot kinds are those of the general way', () => {
  const lines = new LineEncoder();
  const out = new WordBuffer(64);
  fc.assert(
    fc.property(input, fc.double({ noNaN: true }), fc.nat(2 ** 40), fc.string(), (event, ts, at, source) => {
      for (const [a, t] of [
        [at, ts],
        [at * 3_000, at],
        [1_723_161_253_000_007, 1_000_000],
      ]) {
        const stamped = { ...event, at: a, ts: t, source } as typeof event;
        out.end = 0;
        lines.frame(out, stamped, []);
        const line = out.bytes.toString('latin1', 0, out.end);
        expect(line).toMatch(/^[\x20-\x7e]*\n$/);
        expect(sumHolds(out.bytes, 0, out.end - 1)).toBe(true);
        const { sum, ...rest } = JSON.parse(line) as Record<string, unknown>;
        expect(sum).toMatch(/^[0-9a-f]{8}$/);
        expect(rest).toEqual(JSON.parse(JSON.stringify({ ...toJson(stamped), children: 0 })));
      }
    }),
  );
});

describe('numbers as bytes', () => {
  const bytes = new Uint8Array(NUMBER_ROOM);
  const text = (value: number): string =>
    Buffer.from(bytes.subarray(0, putNumberText(bytes, 0, value))).toString('latin1');
  /** What JSON makes of it; special numbers as strings. */
  const expected = (value: number): string =>
    Number.isFinite(value) && !Object.is(value, -0)
      ? JSON.stringify(value)
      : JSON.stringify(number.toJson(value));
  const same = (value: number): void => {
    expect(text(value)).toBe(expected(value));
  };

  it.each([
    ...[0, -0, NaN, Infinity, -Infinity, 1, -1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 99_999_999],
    ...[100_000_000, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 53, 1e21, 1e22, 1.5e300],
    ...[
      Number.MAX_VALUE,
      Number.MIN_VALUE,
      Number('-1.2345678901234567e-308'),
      1e-6,
      9.99e-7,
      1e-7,
      0.1 + 0.2,
    ],
    ...[
      0.00000001,
      123456.00000001,
      60000.5,
      0.05,
      1.005,
      Number('4503599627370497.5'),
      Number('999999999999999.9'),
      1e15 + 0.5,
    ],
  ])('%d', (value) => same(value));

  it('any double', () => {
    fc.assert(fc.property(fc.double(), same), { numRuns: 20_000 });
  });

  it('prices and sizes: a whole number of ticks', () => {
    const tick = fc.tuple(fc.integer({ min: -1e15, max: 1e15 }), fc.nat(12)).map(([n, d]) => n / 10 ** d);
    fc.assert(fc.property(tick, same), { numRuns: 20_000 });
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(8), (n, d) => same(n / 10 ** d)),
      { numRuns: 20_000 },
    );
  });

  it('whole numbers', () => {
    fc.assert(fc.property(fc.maxSafeNat(), same), { numRuns: 5_000 });
  });
});

it('crc32 is the one of zip', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(crc32(bytes, 0, bytes.length)).toBe(native(bytes));
    }),
  );
});

const FIXED_DIGEST = 'c1b99e2577462b72';

it('writes payloads as JSON.stringify would, also when one intent stands in many records', () => {
  fc.assert(
    fc.property(turns, (all) => {
      for (const { input: first, children } of all) {
        forgetWritten();
        for (const event of [first, ...children])
          expect(payloadText(event)).toBe(JSON.stringify(payloadToJson(event)));
      }
    }),
  );
});
