import { createHmac, createPrivateKey, createSecretKey, sign, type KeyObject } from 'node:crypto';
import { registerSecret } from '../../model/secrets.js';
import type { BinanceCredentials } from './options.js';
import type { Params } from './wire.js';

/** Signs requests. Holds the key as a key object: nothing of it can be printed. */
export interface Signer {
  readonly apiKey: string;
  /** Only an Ed25519 key can authenticate a session; with HMAC every request carries its own signature. */
  readonly type: 'hmac' | 'ed25519';
  /** Lower-case hex (HMAC) or base64 (Ed25519) over the UTF-8 bytes of the payload. */
  sign(payload: string): string;
}

/** Throws when the key cannot be used; the message never shows it. */
export function makeSigner(credentials: BinanceCredentials): Signer {
  const { apiKey } = credentials;
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new RangeError('the Binance API key is empty or not plain text');
  registerSecret(apiKey);
  return 'secret' in credentials
    ? hmac(apiKey, credentials.secret)
    : ed25519(apiKey, credentials.privateKeyPem);
}

function hmac(apiKey: string, secret: string): Signer {
  if (secret === '') throw new RangeError('the Binance API secret is empty');
  registerSecret(secret);
  const key = createSecretKey(secret, 'utf8');
  return {
    apiKey,
    type: 'hmac',
    sign: (payload) => createHmac('sha256', key).update(payload, 'utf8').digest('hex'),
  };
}

function ed25519(apiKey: string, pem: string): Signer {
  for (const line of pem.split('\n')) if (!line.startsWith('-----')) registerSecret(line);
  const key = privateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RangeError(
      `the Binance private key is of type ${key.asymmetricKeyType ?? 'unknown'}; make an Ed25519 key (PKCS#8 PEM)`,
    );
  return {
    apiKey,
    type: 'ed25519',
    sign: (payload) => sign(null, Buffer.from(payload, 'utf8'), key).toString('base64'),
  };
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // the cause may quote parts of the key
    throw new RangeError('the Binance private key cannot be read; it must be an unencrypted PKCS#8 PEM file');
  }
}

/** Percent-encoding by RFC 3986, as the venue requires before signing. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `a=1&b=2` in the given order, percent-encoded, without what is undefined. */
export function queryString(params: Params): string {
  let text = '';
  for (const key in params) {
    const value = params[key];
    if (value === undefined) continue;
    text += `${text === '' ? '' : '&'}${key}=${percentEncode(String(value))}`;
  }
  return text;
}

/** Appends the signature, which must be the last parameter. */
export function signedQuery(query: string, signer: Signer): string {
  return `${query}&signature=${percentEncode(signer.sign(query))}`;
}

/** What a WebSocket API request is signed over: sorted by key, not percent-encoded. */
export function sortedPayload(params: Params): string {
  let text = '';
  for (const key of Object.keys(params).sort()) {
    const value = params[key];
    if (value !== undefined) text += `${text === '' ? '' : '&'}${key}=${value}`;
  }
  return text;
}
