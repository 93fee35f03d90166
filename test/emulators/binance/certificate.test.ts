import { X509Certificate } from 'node:crypto';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { selfSigned } from '../../../src/emulators/binance/net/certificate.js';

it('makes a certificate that a client trusting it accepts, for localhost and 127.0.0.1', async () => {
  const { key, certificate } = selfSigned();
  const parsed = new X509Certificate(certificate);
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(parsed.checkHost('localhost')).toBe('localhost');
  expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
  const server = createServer({ key, cert: certificate }, (_, response) => response.end('ok'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((done, fail) => {
    get(`https://127.0.0.1:${port}`, { ca: certificate, agent: false }, (r) =>
      done(r.resume().statusCode),
    ).on('error', fail);
  });
  expect(status).toBe(200);
  server.close();
  server.closeAllConnections();
});
