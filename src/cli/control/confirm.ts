import { createInterface } from 'node:readline/promises';
import { call, type ControlOptions } from './client.js';

export interface ConfirmOptions extends ControlOptions {
  readonly yes?: boolean | undefined;
}

/** An engine that hangs must not keep a kill waiting. */
const LOOK_MS = 3_000;

/**
 * On a terminal, for a live engine and without --yes: asks for a word to be typed. Everywhere else it is true, and so it
 * is when no engine answers: a kill must not wait for words.
 */
export async function confirmed(
  options: ConfirmOptions,
  ask: { readonly type: string; readonly about: string },
): Promise<boolean> {
  if (options.yes === true || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const reply = await call<{ readonly mode: string; readonly name: string }>(
    options,
    'GET',
    '/v1/status',
    undefined,
    LOOK_MS,
  );
  if (!reply.ok || reply.body.mode !== 'live') return true;
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await line.question(
      `${reply.body.name} is LIVE. ${ask.about}\nType ${ask.type} to go on: `,
    );
    return typed.trim() === ask.type;
  } finally {
    line.close();
  }
}
