import { redact } from '../model/secrets.js';

const line = (text: string): string => redact(text.endsWith('\n') ? text : `${text}\n`);

/** Results go to stdout, everything about the run to stderr, so that a pipe gets results alone. Neither shows a secret. */
export function print(text: string): void {
  process.stdout.write(line(text));
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export function printError(text: string): void {
  process.stderr.write(line(text));
}
