import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { MillraceError } from '../../model/reason.js';
import { registerSecret } from '../../model/secrets.js';
import { readPrivate, writePrivate } from './private-file.js';

/** What a token may do, from least to most: each role may do what the ones before it may. */
export const ROLES = ['view', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export function mayAct(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

/** A token as it is stored: never the token itself. */
export interface TokenRecord {
  /** Who it stands for: the actor of what is done with it. */
  readonly name: string;
  readonly role: Role;
  /** sha256 of the token, hex. A token is 256 random bits, so no slow hash is needed. */
  readonly hash: string;
  /** ISO 8601. */
  readonly created: string;
}

const PREFIX = 'mlr_';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

const fileSchema = z.strictObject({
  version: z.literal(1),
  tokens: z.array(
    z.strictObject({
      name: z.string().regex(NAME),
      role: z.enum(ROLES),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      created: z.string(),
    }),
  ),
});

const sha256 = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');

/**
 * The bearer tokens of one state folder (`tokens.json`, mode 0600). It is read for every check, so that a token revoked
 * by the command line is refused by the running engine at once. A file that cannot be read or does not fit its schema
 * lets nobody in.
 */
export class TokenStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  list(): readonly TokenRecord[] {
    const text = readPrivate(this.#path);
    if (text === undefined) return [];
    let parsed;
    try {
      parsed = fileSchema.safeParse(JSON.parse(text));
    } catch {
      parsed = undefined;
    }
    if (parsed?.success !== true)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `${this.#path} is not a list of tokens`,
        'remove the file and make new tokens with `millrace token create`',
      );
    return parsed.data.tokens;
  }

  /** Makes a token and stores its hash. The text returned is shown once and kept nowhere. */
  create(name: string, role: Role, now: Date): string {
    if (!NAME.test(name))
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `"${name}" cannot name a token`,
        'use up to 64 letters, digits and . _ @ -',
      );
    const tokens = this.list();
    if (tokens.some((token) => token.name === name))
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `there is a token "${name}" already`,
        `choose another name, or revoke it first with \`millrace token revoke ${name}\``,
      );
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
    registerSecret(token);
    this.#write([...tokens, { name, role, hash: sha256(token), created: now.toISOString() }]);
    return token;
  }

  /** False: there is no such token. */
  revoke(name: string): boolean {
    const tokens = this.list();
    const rest = tokens.filter((token) => token.name !== name);
    if (rest.length === tokens.length) return false;
    this.#write(rest);
    return true;
  }

  /** Whose token it is; undefined when nobody's. Takes the same time for every token that is stored. */
  find(token: string): TokenRecord | undefined {
    const presented = Buffer.from(sha256(token), 'hex');
    let found: TokenRecord | undefined;
    for (const record of this.list())
      if (timingSafeEqual(Buffer.from(record.hash, 'hex'), presented)) found = record;
    // It was made by another process: from here on it shows in no log of this one either.
    if (found !== undefined) registerSecret(token);
    return found;
  }

  #write(tokens: readonly TokenRecord[]): void {
    writePrivate(this.#path, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
  }
}
