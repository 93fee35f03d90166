import { z } from 'zod';
import { dec } from '../../../model/decimal.js';
import { FAULT_KINDS, type FaultInput } from '../faults/spec.js';
import type { ControlTarget } from './target.js';

/** A request the control endpoint takes. `:name` in a path stands for one part of it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly does: string;
  run(call: ControlCall): unknown;
}

export interface ControlCall {
  readonly emulator: ControlTarget;
  /** Values of the `:name` parts. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const amounts = z.record(
  z.string().min(1),
  z.string().regex(/^-?\d+(?:\.\d+)?$/, 'an amount as decimal text'),
);
const key = z.strictObject({
  apiKey: z.string().min(1),
  secret: z.string().min(1).optional(),
  publicKey: z.string().min(1).optional(),
  trade: z.boolean().optional(),
  ips: z.array(z.string()).optional(),
});
const account = z.strictObject({
  id: z.string().min(1),
  keys: z.array(key).default([]),
  balances: amounts.default({}),
  makerCommission: z.string().optional(),
  takerCommission: z.string().optional(),
  canTrade: z.boolean().optional(),
  canWithdraw: z.boolean().optional(),
  tradeGroupId: z.int().optional(),
});
const market = z.strictObject({
  paused: z.boolean().optional(),
  rate: z.number().optional(),
  step: z.int().min(1).max(1_000_000).optional(),
  price: z.strictObject({ symbol: z.string(), price: z.number() }).optional(),
});
const status = z.strictObject({ status: z.enum(['TRADING', 'END_OF_DAY', 'HALT', 'BREAK', 'CANCEL_ONLY']) });
const clock = z.strictObject({ skew_ms: z.number() });
const restart = z.strictObject({ down_ms: z.number().min(0).max(600_000).default(0) });

/** Leaves out what is undefined: optional fields are absent, never undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

const known = ({ emulator, names }: ControlCall): string => {
  const id = names['id'] ?? '';
  if (!emulator.exchange.accountIds.includes(id)) throw new RangeError(`there is no account ${id}`);
  return id;
};

/** Everything the control endpoint can do. */
export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    does: 'this list',
    run: () => ROUTES.map(({ method, path, does }) => ({ call: `${method} ${path}`, does })),
  },
  {
    method: 'GET',
    path: '/state',
    does: 'what runs: market, clock, connections, faults',
    run: (c) => c.emulator.state(),
  },
  {
    method: 'POST',
    path: '/accounts',
    does: 'adds an account: {id, keys: [{apiKey, secret | publicKey, trade, ips}], balances: {USDT: "100"}}',
    run: ({ emulator, body }) => {
      const { keys, ...rest } = account.parse(body);
      emulator.exchange.addAccount({ ...defined(rest), keys: keys.map(defined) });
      return { id: rest.id };
    },
  },
  {
    method: 'POST',
    path: '/accounts/:id/keys',
    does: 'adds a key: {apiKey, secret | publicKey (PEM of Ed25519 or RSA), trade, ips}',
    run: (call) => {
      call.emulator.exchange.addKey(known(call), defined(key.parse(call.body)));
      return {};
    },
  },
  {
    method: 'DELETE',
    path: '/keys/:key',
    does: 'revokes a key: its sessions and user data streams end',
    run: ({ emulator, names }) => {
      emulator.exchange.revokeKey(names['key'] ?? '');
      return {};
    },
  },
  {
    method: 'POST',
    path: '/accounts/:id/deposit',
    does: 'adds to free balances: {USDT: "50", BTC: "-0.1"}',
    run: (call) => {
      const id = known(call);
      for (const [asset, amount] of Object.entries(amounts.parse(call.body)))
        call.emulator.exchange.deposit(id, asset, amount);
      return call.emulator.exchange.audit.balances(id);
    },
  },
  {
    method: 'PUT',
    path: '/accounts/:id/balances',
    does: 'sets free balances: {USDT: "1000"}',
    run: (call) => {
      const { exchange } = call.emulator;
      const id = known(call);
      for (const [asset, amount] of Object.entries(amounts.parse(call.body))) {
        const free = exchange.audit.balances(id).find((b) => b.asset === asset)?.free ?? '0';
        const change = dec(amount).minus(free);
        if (!change.isZero()) exchange.deposit(id, asset, change.toFixed());
      }
      return exchange.audit.balances(id);
    },
  },
  {
    method: 'GET',
    path: '/accounts/:id',
    does: 'the truth of an account: its orders, fills, balances and client order ids accepted more than once',
    run: (call) => {
      const { audit } = call.emulator.exchange;
      const id = known(call);
      return {
        id,
        orders: audit.orders(id),
        fills: audit.fills(id),
        balances: audit.balances(id),
        duplicates: audit.duplicates(id),
      };
    },
  },
  {
    method: 'GET',
    path: '/faults',
    does: 'faults that are set',
    run: ({ emulator }) =>
      emulator.faults.list().map(({ id, spec, injected }) => ({ ...spec, id, injected })),
  },
  { method: 'GET', path: '/faults/kinds', does: 'kinds of faults', run: () => FAULT_KINDS },
  {
    method: 'POST',
    path: '/faults',
    does: 'sets a fault or a list of them: {kind, ...}; answers their ids',
    run: ({ emulator, body }) =>
      (Array.isArray(body) ? (body as FaultInput[]) : [body as FaultInput]).map(
        (spec) => emulator.faults.set(spec).id,
      ),
  },
  {
    method: 'DELETE',
    path: '/faults',
    does: 'ends all faults',
    run: ({ emulator }) => {
      emulator.faults.clear();
      return {};
    },
  },
  {
    method: 'DELETE',
    path: '/faults/:fault',
    does: 'ends one fault',
    run: ({ emulator, names }) => {
      emulator.faults.clear(names['fault'] ?? '');
      return {};
    },
  },
  {
    method: 'GET',
    path: '/faults/log',
    does: 'what was injected, with times; ?from=INDEX',
    run: ({ emulator, query }) => emulator.faults.log(Number(query.get('from') ?? 0)),
  },
  {
    method: 'GET',
    path: '/market',
    does: 'the market that plays',
    run: ({ emulator }) => emulator.market?.state() ?? null,
  },
  {
    method: 'POST',
    path: '/market',
    does: '{paused, rate (events/s, or speed of a capture), step (events to play now), price: {symbol, price}}',
    run: async ({ emulator, body }) => {
      const { paused, rate, step, price } = market.parse(body);
      const player = emulator.market;
      if (player === undefined) throw new RangeError('no market plays on this emulator');
      if (rate !== undefined) player.setRate(rate);
      if (paused === true) player.pause();
      if (price !== undefined) player.setPrice(price.symbol, price.price);
      if (step !== undefined) await player.step(step);
      if (paused === false) player.resume();
      return player.state();
    },
  },
  {
    method: 'PUT',
    path: '/symbols/:symbol',
    does: 'sets the status of a symbol: {status: TRADING | HALT | BREAK | END_OF_DAY | CANCEL_ONLY}',
    run: ({ emulator, names, body }) => {
      const symbol = names['symbol'] ?? '';
      if (!emulator.exchange.symbols.includes(symbol)) throw new RangeError(`there is no symbol ${symbol}`);
      emulator.exchange.market.status(symbol, status.parse(body).status);
      return {};
    },
  },
  {
    method: 'PUT',
    path: '/clock',
    does: 'sets how far the venue is ahead of this machine: {skew_ms}',
    run: ({ emulator, body }) => {
      emulator.exchange.clock.skewMs = clock.parse(body).skew_ms;
      return { skew_ms: emulator.exchange.clock.skewMs };
    },
  },
  {
    method: 'GET',
    path: '/requests',
    does: 'requests that came, oldest first; ?from=INDEX&limit=1000',
    run: ({ emulator, query }) => {
      const from = Number(query.get('from') ?? 0);
      const wanted = emulator.exchange.journal().filter(({ index }) => index >= from);
      return wanted.slice(0, Number(query.get('limit') ?? 1_000));
    },
  },
  {
    method: 'GET',
    path: '/connections',
    does: 'open WebSocket connections',
    run: ({ emulator }) => emulator.connectionList(),
  },
  {
    method: 'DELETE',
    path: '/connections',
    does: 'cuts all connections; ?channel=stream|ws_api',
    run: ({ emulator, query }) => {
      const channel = query.get('channel');
      return { cut: emulator.cut(channel === 'stream' || channel === 'ws_api' ? channel : undefined) };
    },
  },
  {
    method: 'POST',
    path: '/restart',
    does: 'closes the servers and opens them again, the exchange keeps its state: {down_ms}',
    run: async ({ emulator, body }) => {
      await emulator.restart(restart.parse(body ?? {}).down_ms);
      return {};
    },
  },
  {
    method: 'POST',
    path: '/shutdown',
    does: 'ends the emulator',
    run: ({ emulator }) => {
      setImmediate(() => void emulator.close());
      return {};
    },
  },
];
