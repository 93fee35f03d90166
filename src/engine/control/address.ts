import { rmSync } from 'node:fs';
import { z } from 'zod';
import { readPrivate, writePrivate } from './private-file.js';

/** Where a running engine can be reached: `control.json` of its state folder. */
export interface ControlAddress {
  /** `http://127.0.0.1:9465`. */
  readonly url: string;
  readonly pid: number;
  readonly session: string;
  readonly topology: string;
  /** ISO 8601. */
  readonly started: string;
}

const schema: z.ZodType<ControlAddress> = z.strictObject({
  url: z.url(),
  pid: z.int().positive(),
  session: z.string(),
  topology: z.string(),
  started: z.string(),
});

export function writeAddress(path: string, address: ControlAddress): void {
  writePrivate(path, `${JSON.stringify(address, null, 2)}\n`);
}

/** Undefined when no engine left its address there, or what is there is none. */
export function readAddress(path: string): ControlAddress | undefined {
  const text = readPrivate(path);
  if (text === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Its process lives: an address that a crash left behind is nobody's. */
export function isAlive({ pid }: Pick<ControlAddress, 'pid'>): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes the address of this engine; that of another session stays. */
export function removeAddress(path: string, session: string): void {
  if (readAddress(path)?.session === session) rmSync(path, { force: true });
}
