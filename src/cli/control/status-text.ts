import { table } from '../format.js';

/** What of `GET /v1/status` is shown. */
export interface StatusBody {
  readonly name: string;
  readonly mode: string;
  readonly session: string;
  readonly build: string;
  readonly configurationHash: string;
  readonly phase: string;
  readonly pid: number;
  readonly ready: boolean;
  readonly at: string;
  readonly seq: number;
  readonly trading: string;
  readonly reason: string;
  readonly recovering: boolean;
  readonly armed: Readonly<Record<string, boolean>>;
  readonly latches: readonly { readonly scope: string; readonly actor: string; readonly reason: string }[];
  readonly kills: readonly { readonly scope: string; readonly verified: boolean; readonly why: string }[];
  readonly protections: readonly { readonly state: string; readonly line: string }[];
  readonly watchdog: string;
  readonly openOrders: number;
  readonly unsettled: number;
  readonly connections: readonly {
    readonly broker: string;
    readonly account: string;
    readonly state: string;
    readonly books: string | null;
    readonly withheld: string;
  }[];
  readonly feeds: readonly {
    readonly name: string;
    readonly events: number;
    readonly connection: string;
    readonly ageSeconds: number | null;
    readonly bad: Readonly<Record<string, number>>;
  }[];
  readonly strategies: readonly {
    readonly name: string;
    readonly use: string;
    readonly version: string;
    readonly enabled: boolean;
    readonly intents: number;
    readonly errors: number;
  }[];
}

/** The gravest first: what keeps it from trading, then what is connected, then what trades. */
export function statusText(s: StatusBody): readonly string[] {
  const disarmed = Object.entries(s.armed).filter(([, armed]) => !armed);
  const kill = s.kills.filter(({ verified }) => !verified);
  const fired = s.protections.filter(({ state }) => state !== 'ok');
  return [
    `${s.name} (${s.mode}, ${s.phase}, pid ${s.pid})  session ${s.session}  build ${s.build}  configuration ${s.configurationHash.slice(0, 12)}`,
    `trading ${s.trading}${s.reason === '' ? '' : `: ${s.reason}`}${s.recovering ? '  recovering' : ''}  ${s.ready ? 'ready' : 'NOT READY'}  turn ${s.seq}  ${s.at}`,
    ...s.latches.map(
      ({ scope, actor, reason }) =>
        `KILLED ${scope} by ${actor}: ${reason}; reset: millrace release --reason "..." when it is safe`,
    ),
    ...kill.map(({ scope, why }) => `NOT VERIFIED at the venue (${scope}): ${why}`),
    ...disarmed.map(([account]) => `DISARMED ${account}; millrace arm ${account} --reason "..."`),
    ...fired.map(({ line }) => line),
    ...(s.watchdog === 'acted' ? ['the WATCHDOG acted: the main thread hung'] : []),
    `open orders ${s.openOrders}, without an answer ${s.unsettled}`,
    '',
    ...section(
      ['broker', 'account', 'connection', 'books', 'held back'],
      s.connections.map((c) => [c.broker, c.account, c.state, c.books ?? '-', c.withheld || '-']),
    ),
    ...section(
      ['feed', 'connection', 'events', 'age', 'bad'],
      s.feeds.map((f) => [
        f.name,
        f.connection,
        f.events.toLocaleString('en-US'),
        f.ageSeconds === null ? 'never' : `${f.ageSeconds.toFixed(1)} s`,
        String(Object.values(f.bad).reduce((sum, n) => sum + n, 0)),
      ]),
    ),
    ...section(
      ['strategy', 'runs', 'state', 'intents', 'errors'],
      s.strategies.map((one) => [
        one.name,
        `${one.use} ${one.version}`,
        one.enabled ? 'enabled' : 'DISABLED',
        String(one.intents),
        String(one.errors),
      ]),
    ),
  ];
}

const section = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : table([head, ...rows]).split('\n');
