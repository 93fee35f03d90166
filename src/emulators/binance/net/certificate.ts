import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY_MS = 86_400_000;

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.of(0), bytes);
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);
const name = (text: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const utcTime = (at: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));

/**
 * A self-signed certificate (X.509 v3, RFC 5280; P-256) for `localhost` and 127.0.0.1, made anew at every start and
 * good for 30 days. Clients trust it by `NODE_EXTRA_CA_CERTS` or their own option.
 */
export function selfSigned(now: number = Date.now()): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const publicDer = publicKey.export({ type: 'spki', format: 'der' });
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const keyId = createHash('sha1').update(publicDer).digest();
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)));
  const critical = der(0x01, Buffer.of(0xff));
  const extensions = der(
    0xa3,
    sequence(
      sequence(oid('551d13'), critical, octets(sequence(der(0x01, Buffer.of(0xff))))), // a CA: it signs itself
      sequence(oid('551d11'), octets(names)),
      sequence(oid('551d0e'), octets(octets(keyId))),
    ),
  );
  const issuer = name('Millrace emulator');
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    ECDSA_SHA256,
    issuer,
    sequence(utcTime(now - DAY_MS), utcTime(now + 30 * DAY_MS)),
    issuer,
    publicDer,
    extensions,
  );
  const whole = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, privateKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
