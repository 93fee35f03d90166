import { generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  logonParams,
  plainParams,
  requestFrame,
  sessionParams,
  SignedParams,
} from '../../../src/brokers/binance/frames.js';
import {
  makeSigner,
  percentEncode,
  queryString,
  signedQuery,
  sortedPayload,
} from '../../../src/brokers/binance/sign.js';
import type { Params } from '../../../src/brokers/binance/wire.js';
import { sharedData } from '../../support/shared-data.js';

// the key pair of the venue's own documentation
const API_KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const signer = makeSigner({ apiKey: API_KEY, secret: SECRET });

const order = (symbol: string): Params => ({
  symbol,
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '1',
  price: '0.1',
  recvWindow: 5_000,
  timestamp: 1_499_827_319_559,
});

describe('HMAC signatures of REST requests', () => {
  it.each([
    ['LTCBTC', 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71'],
    ['１２３４５６', 'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3'],
  ])('of the documentation: %s', (symbol, signature) => {
    const query = queryString(order(symbol));
    expect(signer.sign(query)).toBe(signature);
    expect(signedQuery(query, signer)).toBe(`${query}&signature=${signature}`);
  });

  it('percent-encodes everything outside the unreserved set, and leaves out what is undefined', () => {
    expect(percentEncode("aZ09-_.~ &='()*!+/１")).toBe('aZ09-_.~%20%26%3D%27%28%29%2A%21%2B%2F%EF%BC%91');
    expect(queryString({ a: undefined, b: 1, c: true, symbols: '["A","B"]' })).toBe(
      'b=1&c=true&symbols=%5B%22A%22%2C%22B%22%5D',
    );
  });
});

interface Example {
  readonly section: string;
  readonly payload: { readonly method?: string; readonly params?: Readonly<Record<string, string | number>> };
}

describe('signatures of WebSocket API requests', () => {
  const path = sharedData('venue-payloads', 'binance', 'docs-examples.json');

  it.skipIf(path === undefined)('are those of the documentation', () => {
    const { examples } = JSON.parse(readFileSync(path ?? '', 'utf8')) as { examples: readonly Example[] };
    const signed = examples.filter(
      ({ section, payload }) =>
        section.endsWith('SIGNED request example (HMAC)') &&
        String(payload.params?.['signature']).length === 64,
    );
    expect(signed.length).toBe(2);
    for (const { payload } of signed) {
      const { signature, ...params } = payload.params ?? {};
      expect(signer.sign(sortedPayload(params))).toBe(signature);
      // the frame of an order is built in one pass; it must say and sign the same
      const { apiKey, recvWindow, timestamp, ...rest } = params;
      const text = new SignedParams(signer, Number(recvWindow)).build(rest, Number(timestamp));
      const frame: unknown = JSON.parse(requestFrame(7, 'order.place', text));
      expect(apiKey).toBe(API_KEY);
      expect(frame).toEqual({ id: 7, method: 'order.place', params: { ...params, signature } });
    }
  });

  it('escapes what JSON needs escaped and signs the raw text', () => {
    const text = new SignedParams(signer, 4).build(
      { a: undefined, symbol: 'A"\\B\u0001１', n: 2, no: undefined, yes: true },
      5,
    );
    const { params } = JSON.parse(requestFrame(1, 'm', text)) as { params: Record<string, unknown> };
    const { signature, ...rest } = params;
    expect(rest).toEqual({
      symbol: 'A"\\B\u0001１',
      n: 2,
      yes: true,
      apiKey: API_KEY,
      timestamp: 5,
      recvWindow: 4,
    });
    expect(signature).toBe(signer.sign(sortedPayload(rest as Params)));
  });

  it('signs every shape of request right, however many there are and in whatever order they come', () => {
    const signed = new SignedParams(signer, 4);
    for (let round = 0; round < 3; round++)
      for (let n = 0; n < 40; n++) {
        const given = { [`k${n}`]: n, symbol: 'X', [`A${n % 7}`]: `v${round}` };
        const { params } = JSON.parse(requestFrame(1, 'm', signed.build(given, n))) as { params: Params };
        const { signature, ...rest } = params;
        expect(rest).toEqual({ ...given, apiKey: API_KEY, timestamp: n, recvWindow: 4 });
        expect(signature).toBe(signer.sign(sortedPayload(rest)));
      }
  });

  it('an authenticated session sends neither key nor signature', () => {
    expect(JSON.parse(`{${sessionParams({ symbol: 'X' }, 9, 5)}}`)).toEqual({
      symbol: 'X',
      recvWindow: 5,
      timestamp: 9,
    });
    expect(requestFrame(3, 'userDataStream.subscribe', '')).toBe(
      '{"id":3,"method":"userDataStream.subscribe"}',
    );
    expect(plainParams({}, undefined)).toBe('');
    expect(JSON.parse(`{${plainParams({ symbol: 'X' }, 'key')}}`)).toEqual({ apiKey: 'key', symbol: 'X' });
  });

  it('Ed25519 signs with the private key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key = makeSigner({ apiKey: 'edkey', privateKeyPem: pem });
    expect(key.type).toBe('ed25519');
    const { params } = JSON.parse(requestFrame(1, 'session.logon', logonParams(key, 77, 5_000))) as {
      params: Record<string, string>;
    };
    const signature = Buffer.from(params['signature'] ?? '', 'base64');
    expect(signature.length).toBe(64);
    expect(verify(null, Buffer.from('apiKey=edkey&recvWindow=5000&timestamp=77'), publicKey, signature)).toBe(
      true,
    );
    const query = signedQuery('a=1', key);
    expect(decodeURIComponent(query.split('signature=')[1] ?? '')).toBe(key.sign('a=1'));
    expect(query).not.toMatch(/[+/]|=$/);
  });
});

describe('keys that cannot be used', () => {
  it('are refused with one sentence that does not show them', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey;
    const pem = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
    const canary = 'canary-canary-canary';
    const tries: [() => unknown, RegExp][] = [
      [() => makeSigner({ apiKey: '', secret: canary }), /API key is empty/],
      [() => makeSigner({ apiKey: 'a b', secret: canary }), /API key is empty or not plain/],
      [() => makeSigner({ apiKey: 'k', secret: '' }), /secret is empty/],
      [() => makeSigner({ apiKey: 'k', privateKeyPem: canary }), /cannot be read/],
      [() => makeSigner({ apiKey: 'k', privateKeyPem: pem }), /of type rsa; make an Ed25519 key/],
    ];
    for (const [make, message] of tries) {
      expect(make).toThrow(message);
      try {
        make();
      } catch (error) {
        expect(String((error as Error).stack)).not.toContain(canary);
      }
    }
  });
});
