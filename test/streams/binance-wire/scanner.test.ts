import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../src/model/instrument.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import { makeBook, makeQuote, makeTrade } from '../../../src/model/make.js';
import { isObject, type Json } from '../../../src/streams/binance-wire/fields.js';
import { deltaFrom, quoteFrom, tradeFrom } from '../../../src/streams/binance-wire/messages.js';
import { WireScanner, nameHash } from '../../../src/streams/binance-wire/scanner.js';
import { sharedData } from '../../support/shared-data.js';

const AT = 77;
const SYMBOL = Buffer.from('"BTCUSDT"');
const btc = new InstrumentTable([{ symbol: 'BTCUSDT', assetClass: 'crypto_spot' }]).get(
  'BTCUSDT',
) as Instrument;
const scanner = new WireScanner();

type Kind = 'trade' | 'aggTrade' | 'bookTicker' | 'depth';

/** What the fast way makes of a message; undefined: it left it to the slow way. */
function fast(kind: Kind, bytes: Buffer): unknown {
  const s = scanner;
  if (!s.envelope(bytes)) return undefined;
  const name = bytes.toString('utf8', s.nameFrom, s.nameTo);
  expect(s.nameHash).toBe(nameHash(Buffer.from(name)));
  switch (kind) {
    case 'trade':
    case 'aggTrade':
      if (!s.trade(SYMBOL, kind === 'aggTrade')) return undefined;
      return [name, makeTrade('x', s.ts, 'BTCUSDT', 0, s.price, s.size, s.maker ? -1 : 1, String(s.id))];
    case 'bookTicker':
      if (!s.quote(SYMBOL)) return undefined;
      return [
        name,
        makeQuote('x', s.ts < 0 ? AT : s.ts, 'BTCUSDT', 0, s.bid, s.bidSize, s.ask, s.askSize),
        s.id,
      ];
    case 'depth':
      if (!s.depth(SYMBOL)) return undefined;
      return [name, makeBook('x', s.ts, 'BTCUSDT', 0, false, s.bids, s.asks, s.first, s.last, s.prev)];
  }
}

/** The same by JSON.parse and the full check. */
function slow(kind: Kind, bytes: Buffer): unknown {
  let message: unknown;
  try {
    message = JSON.parse(bytes.toString('utf8'));
  } catch {
    return 'malformed';
  }
  const name = (message as Json)['stream'];
  const data = (message as Json)['data'];
  if (!isObject(data) || data['s'] !== 'BTCUSDT') return 'malformed';
  if (kind === 'bookTicker') {
    const quote = quoteFrom(data, 'x', btc, AT);
    return typeof quote === 'string' ? quote : [name, quote, data['u']];
  }
  const event = kind === 'depth' ? deltaFrom(data, 'x', btc, AT) : tradeFrom(data, 'x', btc, AT);
  return typeof event === 'string' ? event : [name, event];
}

const SAMPLES: readonly (readonly [Kind, string])[] = [
  ['trade', '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}'],
  ['trade', '{"stream":"btcusdt@trade","data":{"e":"trade","E":1626992741040,"T":1626992741035,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","b":88,"a":50,"m":false}}'],
  ['aggTrade', '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782136,"m":true,"M":true}}'],
  ['bookTicker', '{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}'],
  ['bookTicker', '{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}}'],
  ['depth', '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":50093239203,"u":50093239207,"b":[["55653.87000000","0.00000000"],["55653.86000000","1.5"]],"a":[]}}'],
  ['depth', '{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"]],"a":[["123456789.123456789123","123456789012345"]]}}'],
]; // prettier-ignore

describe('the fast way', () => {
  it('reads every known shape exactly as the slow way does', () => {
    for (const [kind, text] of SAMPLES) {
      const bytes = Buffer.from(text);
      expect(fast(kind, bytes), text).toEqual(slow(kind, bytes));
      expect(fast(kind, bytes)).toBeDefined();
    }
  });

  it('leaves what surprises it to the slow way', () => {
    const [, trade = ''] = SAMPLES[0] ?? [];
    const surprises = [
      trade.replace('"t":3735683259,', ''),
      trade.replace('"t":3735683259', '"t":"3735683259"'),
      trade.replace('"p":"61837.63000000"', '"p":61837.63'),
      trade.replace('61837.63000000', '-61837.63'),
      trade.replace('61837.63000000', '0'),
      trade.replace('61837.63000000', '6.1e4'),
      trade.replace('61837.63000000', '.5'),
      trade.replace('61837.63000000', '5.'),
      trade.replace('"m":true', '"m":null'),
      trade.replace('BTCUSDT', 'ETHUSDT'),
      trade.replace('"e":"trade"', '"e":"aggTrade"'),
      trade.replace('3735683259', '9007199254740993'),
      trade.replace('3735683259', '03735683259'),
      trade.replace('"M":true', '"M":{"x":1}'),
      trade.replace('"M":true', '"M":"\\u0041"'),
      trade.replace(',"t"', ', "t"'),
      trade.slice(0, -1),
      `${trade} `,
      trade.replace('"data"', '"payload"'),
      '{"result":null,"id":1}',
      '',
    ];
    for (const text of surprises) expect(fast('trade', Buffer.from(text)), text).toBeUndefined();
  });

  it('never takes a damaged message that the slow way refuses, nor reads one differently', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES),
        fc.array(
          fc.tuple(
            fc.nat(400),
            fc.oneof(fc.constantFrom(...Buffer.from('0123456789.,:"{}[]-eEtuabms \\')), fc.nat(255)),
            fc.constantFrom('set', 'insert', 'delete', 'swap'),
          ),
          { minLength: 1, maxLength: 3 },
        ),
        ([kind, text], edits) => {
          const bytes = [...Buffer.from(text)];
          for (const [at, byte, edit] of edits) {
            const i = at % bytes.length;
            if (edit === 'set') bytes[i] = byte;
            else if (edit === 'insert') bytes.splice(i, 0, byte);
            else if (edit === 'delete') bytes.splice(i, 1);
            else bytes.splice(i, 2, ...bytes.slice(i, i + 2).reverse());
          }
          const damaged = Buffer.from(bytes);
          const read = fast(kind, damaged);
          if (read !== undefined) expect(read).toEqual(slow(kind, damaged));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('reads decimals as Number does', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,12}(\.[0-9]{1,12})?$/), (digits) => {
        const [, text = ''] = SAMPLES[0] ?? [];
        const bytes = Buffer.from(text.replace('0.02000000', digits));
        const read = fast('trade', bytes);
        if (read !== undefined) expect(read).toEqual(slow('trade', bytes));
        if (/^\d{1,9}\.\d{1,6}$/.test(digits)) expect(read).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

const files = ['spot/btcusdt_20240808.gz', 'usdm/btcusdt_20240808.gz'];
describe('recorded streams', () => {
  for (const file of files) {
    const path = sharedData('market', 'binance-raw', ...file.split('/'));
    it.skipIf(path === undefined)(`${file}: every message, the fast way`, () => {
      const lines = gunzipSync(readFileSync(path ?? ''))
        .toString('utf8')
        .trim()
        .split('\n');
      let read = 0;
      lines.forEach((line, n) => {
        const text = line.slice(line.indexOf(' ') + 1);
        if (!text.startsWith('{"stream"')) return;
        const kind = /@(depth|trade|bookTicker)/.exec(text.slice(0, 60))?.[1] as Kind;
        const bytes = Buffer.from(text);
        const event = fast(kind, bytes);
        if (event === undefined) throw new Error(`line ${n + 1} was not read`);
        if (n % 10 === 0) expect(event).toEqual(slow(kind, bytes));
        read++;
      });
      expect(read).toBeGreaterThanOrEqual(lines.length - 1);
    });
  }
});
