import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import type { KeyConfig } from './config.js';
import type { Params } from './types.js';

/**
 * What a REST signature is computed over: query string and body as sent, joined with nothing between, without the
 * `signature` parameter.
 */
export function restPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

/** What a WebSocket API signature is computed over: all parameters but `signature`, sorted by name, not encoded. */
export function wsPayload(params: Params): string {
  return Object.keys(params)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${params[name] ?? ''}`)
    .join('&');
}

function withoutSignature(text: string): string {
  if (!text.includes('signature=')) return text;
  return text
    .split('&')
    .filter((part) => !part.startsWith('signature='))
    .join('&');
}

/** A key's way to check signatures. */
export type Verifier = (payload: string, signature: string) => boolean;

/** HMAC-SHA256 in hex of any case, or Ed25519 / RSA (PKCS#1 v1.5, SHA-256) in base64. */
export function verifierOf(key: KeyConfig): Verifier {
  if (key.secret !== undefined) return hmacVerifier(key.secret);
  if (key.publicKey === undefined) throw new TypeError(`API key needs a secret or a public key`);
  return publicKeyVerifier(createPublicKey(key.publicKey));
}

function hmacVerifier(secret: string): Verifier {
  return (payload, signature) => {
    const expected = createHmac('sha256', secret).update(payload, 'utf8').digest();
    if (!/^[0-9a-fA-F]{64}$/.test(signature)) return false;
    return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
  };
}

function publicKeyVerifier(key: KeyObject): Verifier {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return (payload, signature) =>
    verify(algorithm, Buffer.from(payload, 'utf8'), key, Buffer.from(signature, 'base64'));
}
