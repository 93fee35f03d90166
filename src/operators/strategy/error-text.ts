import { redact } from '../../model/secrets.js';

const OURS =
  /node_modules|node:|[\\/](?:src|dist)[\\/](?:operators|streams|engine|topology|model|state)[\\/]/;
const PLACE = /([^\\/()\s]+:\d+:\d+)\)?$/;

/** Message of an error with its place in the user's code (`ema.ts:12:5`), if the stack tells. No folders and no secrets: it is journaled. */
export function errorText(error: unknown): string {
  return redact(plainText(error));
}

function plainText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = (error.stack ?? '').split('\n').find((text) => /^\s*at /.test(text) && !OURS.test(text));
  const place = line === undefined ? undefined : PLACE.exec(line.trim())?.[1];
  return place === undefined ? error.message : `${error.message} (${place})`;
}
