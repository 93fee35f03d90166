import { ControlError } from './route.js';
import { mayAct, type Role, type TokenRecord, type TokenStore } from './tokens.js';

const WRONG_A_MINUTE = 30;
const MINUTE_MS = 60_000;
const MOST_ADDRESSES = 1_000;

/**
 * Who may come in. A token is never taken from a URL. After 30 wrong tokens within a minute an address is told to wait
 * until that minute is over. A right token is let in all the same: everything on this machine, and behind a tunnel to it,
 * shares one address, and whatever calls with a stale token there must not keep an operator from killing.
 */
export class Door {
  readonly #tokens: TokenStore;
  readonly #now: () => number;
  readonly #wrong = new Map<string, { since: number; count: number }>();

  /** @param now milliseconds that never go back */
  constructor(tokens: TokenStore, now: () => number) {
    this.#tokens = tokens;
    this.#now = now;
  }

  /** Refuses a URL that carries a token. */
  checkUrl(url: string): void {
    if (!/[?&][^=&]*token[^=&]*=/i.test(url)) return;
    throw new ControlError(
      400,
      'TOKEN_IN_URL',
      'a token does not belong in a URL, where logs keep it',
      'send it as Authorization: Bearer TOKEN, and revoke this one',
    );
  }

  /** Whose token an `Authorization` header carries. Throws a {@link ControlError} when nobody's. */
  owner(authorization: string | undefined, ip: string): TokenRecord {
    const presented = /^Bearer +(\S{1,200})$/i.exec(authorization ?? '')?.[1];
    const owner = presented === undefined ? undefined : this.#find(presented);
    if (owner !== undefined) return owner;
    const wrong = this.#wrong.get(ip);
    const now = this.#now();
    if (wrong !== undefined && now - wrong.since >= MINUTE_MS) this.#wrong.delete(ip);
    else if (wrong !== undefined && wrong.count >= WRONG_A_MINUTE)
      throw new ControlError(
        429,
        'RATE_LIMIT',
        'too many wrong tokens from this address',
        'wait a minute; `millrace token list` shows which exist',
      );
    this.#count(ip, now);
    throw new ControlError(
      401,
      'UNAUTHORIZED',
      presented === undefined ? 'this call needs a token' : 'the token is not valid',
      'send Authorization: Bearer TOKEN; make one with `millrace token create`',
    );
  }

  /** Throws unless the role of the token is enough. */
  check(owner: TokenRecord, needs: Role): void {
    if (mayAct(owner.role, needs)) return;
    throw new ControlError(
      403,
      'FORBIDDEN',
      `this needs the role ${needs}; the token "${owner.name}" has ${owner.role}`,
      `make one with \`millrace token create --role ${needs}\``,
    );
  }

  /** A list that cannot be read lets nobody in, and says so to whoever can mend it. */
  #find(token: string): TokenRecord | undefined {
    try {
      return this.#tokens.find(token);
    } catch (error) {
      throw new ControlError(
        503,
        'TOKENS_UNREADABLE',
        (error as Error).message,
        'mend or remove tokens.json, then make tokens with `millrace token create`',
      );
    }
  }

  #count(ip: string, now: number): void {
    const wrong = this.#wrong.get(ip);
    if (wrong !== undefined) wrong.count++;
    else this.#wrong.set(ip, { since: now, count: 1 });
    if (this.#wrong.size > MOST_ADDRESSES) this.#wrong.delete(this.#wrong.keys().next().value ?? '');
  }
}
