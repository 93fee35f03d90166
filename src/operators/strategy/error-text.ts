import { redact } from '../../model/secrets.js';

const OURS =
  /node_modules|node:|[\\/](?:src|dist)[\\/](?:operators|streams|engine|topology|model|state)[\\/]/;
const PLACE = /([^\\/()\s]+:\d+:\d+)\)?$/;

/** Message of an error, with its code and help if it has them, and its place in the user's code (`ema.ts:12:5`), if the stack tells. No folders and no secrets: it is journaled. */
export function errorText(error: unknown): string {
  return redact(plainText(error));
}

function plainText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = (error.stack ?? '').split('\n').find((text) => /^\s*at /.test(text) && !OURS.test(text));
  const place = line === undefined ? undefined : PLACE.exec(line.trim())?.[1];
  const { code, help } = error as { readonly code?: unknown; readonly help?: unknown };
  const named = typeof code === 'string' ? `${code}: ${error.message}` : error.message;
  const placed = place === undefined ? named : `${named} (${place})`;
  return typeof help === 'string' && help !== '' ? `${placed}; ${help}` : placed;
}
