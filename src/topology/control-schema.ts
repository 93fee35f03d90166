import { isIP } from 'node:net';
import { z } from 'zod';

/** Where a running engine is steered from. */
export interface ControlSettings {
  /** `127.0.0.1:9465`, or `off`. */
  readonly listen: string;
  /** Files in PEM, relative to the topology. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly calls_per_minute: number;
}

const LISTEN = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/;

/** Address and port of `listen`; undefined: off. */
export function listenOf(listen: string): { readonly host: string; readonly port: number } | undefined {
  const match = LISTEN.exec(listen);
  if (match === null) return undefined;
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}

/** True for addresses only this machine can reach. Names other than `localhost` may point anywhere, so they are not. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

const listen = z
  .string()
  .default('127.0.0.1:9465')
  .describe(
    'Address and port to be steered from; port 0 takes a free one. `off`: by signals and files alone.',
  )
  .refine((text) => text === 'off' || (listenOf(text)?.port ?? 65_536) <= 65_535, {
    message: '"off", or an address and a port, for example 127.0.0.1:9465, 10.0.0.5:9465',
  });

export const controlSchema: z.ZodType<ControlSettings> = z
  .strictObject({
    listen,
    tls: z
      .strictObject({
        cert: z.string().min(1).describe('Certificate chain, a PEM file.'),
        key: z.string().min(1).describe('Its private key, a PEM file.'),
      })
      .optional()
      .describe('Needed to listen anywhere but on this machine itself.'),
    calls_per_minute: z
      .int()
      .min(10)
      .max(1_000_000)
      .default(600)
      .describe('Calls one token may make in a minute; a kill is never refused for it.'),
  })
  .refine(({ listen: text, tls }) => tls !== undefined || isLoopback(listenOf(text)?.host ?? 'localhost'), {
    path: ['listen'],
    message: 'an address of this machine alone, or any other one together with `tls:`',
  });

/** Of a topology that says nothing about it and trades live input. */
export const CONTROL_DEFAULTS: ControlSettings = { listen: '127.0.0.1:9465', calls_per_minute: 600 };
