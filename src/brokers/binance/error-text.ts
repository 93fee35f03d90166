import { CODES } from './error-codes.js';

/** One plain sentence about a failure, with what to do next where something can be done. */
export function explain(status: number, code: number, message: string): string {
  const help = advice(status, code, message);
  const said = message === '' ? '' : `: ${message.replace(/\.+$/, '')}`;
  const which = code !== 0 ? `code ${code}${status > 299 ? `, status ${status}` : ''}` : `status ${status}`;
  return `Binance answered with ${which}${said}${help === '' ? '' : `; ${help}`}`;
}

function advice(status: number, code: number, message: string): string {
  if (status === 418 || /banned until/i.test(message))
    return `${banned(message)}, stop whatever else uses it, and wait`;
  switch (code) {
    case CODES.UNAUTHORIZED:
      return 'the key may not do this: enable the permission (for orders "Enable Spot & Margin Trading") in the API management of the account';
    case CODES.BAD_API_KEY:
      return 'the API key is malformed: copy it again, and use live keys for live, testnet keys for testnet';
    case CODES.REJECTED_KEY:
      return 'the API key is unknown here, lacks the permission, or this IP is not on its list: check all three in the API management of the account (live, testnet and demo each have keys of their own)';
    case CODES.SIGNATURE:
      return 'the signature does not fit the key: check that the secret (or private key) belongs to this API key';
    case CODES.TIMESTAMP:
      return 'the local clock differs too much from the venue’s, or the request was too long on its way: synchronise the clock (NTP) and check the network';
    case CODES.BAD_SYMBOL:
      return 'the symbol is not traded here: check the spelling and the market (spot or usdm)';
    case CODES.TOO_MANY_ORDERS:
      return 'too many orders: lower the order rate of the throttle';
    case CODES.TIMEOUT:
    case CODES.UNEXPECTED_RESPONSE:
      return 'the outcome is unknown until the venue is asked';
    default:
      break;
  }
  if (code === CODES.TOO_MANY_REQUESTS || status === 429)
    return 'too many requests from this IP: requests wait until the venue allows them again';
  if (status === 403)
    return 'the venue’s firewall blocks this IP or its country: wait some minutes, and check where requests come from';
  if (status === 410) return 'the venue has retired this request: update the program';
  if (status === 451) return 'the venue does not serve this place';
  return '';
}

/** The venue words a ban as "IP banned until 1659146400000". */
function banned(message: string): string {
  const until = /until (\d{13})\b/.exec(message)?.[1];
  return until === undefined
    ? 'this IP is banned'
    : `this IP is banned until ${new Date(Number(until)).toISOString()}`;
}

/** Milliseconds until the end of a ban worded in a message, at venue time `now`; 0 without one. */
export function banLeft(message: string, now: number): number {
  const until = /until (\d{13})\b/.exec(message)?.[1];
  return until === undefined ? 0 : Math.max(0, Number(until) - now);
}
