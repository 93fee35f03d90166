import { Decimal, dec } from '../../model/decimal.js';
import type { State } from '../../state/state.js';
import { canonicalJson } from '../../topology/canonical.js';
import type { CheckedOperator, CheckedTopology } from '../../topology/checked.js';
import { amounts } from '../state-config.js';

/** What a reload would do, and what stands against it. */
export interface ReloadPlan {
  /** In words, for people. */
  readonly changes: readonly string[];
  /** Why it is not possible while running; empty: it is. */
  readonly refused: readonly string[];
  /** Strategies with other parameters: all of their parameters. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Limits with other values. */
  readonly limits: Readonly<Record<string, Decimal>>;
}

type Named = { readonly name: string; readonly spec: { readonly type: string }; readonly config: object };

/** Parts of the head that take effect only when an engine begins. */
const HEAD = [
  'name',
  'mode',
  'seed',
  'instruments',
  'portfolio',
  'shutdown',
  'reconcile',
  'recovery',
  'safety',
  'control',
  'stateDir',
  'plugins',
] as const satisfies readonly (keyof CheckedTopology)[];

const RESTART = 'takes effect only after a restart';

/** Compares two configurations. Nodes that did not change are not touched, so they keep their state. */
export function planReload(now: CheckedTopology, next: CheckedTopology, state: State): ReloadPlan {
  const changes: string[] = [];
  const refused: string[] = [];
  const parameters: Record<string, unknown> = {};
  const limits: Record<string, Decimal> = {};
  for (const part of HEAD)
    if (canonicalJson(now[part]) !== canonicalJson(next[part])) refused.push(`${part}: ${RESTART}`);
  for (const section of ['brokers', 'sources', 'sinks'] as const) {
    for (const [name, before, after] of pairs<Named>(now[section], next[section])) {
      if (before === undefined) refused.push(`${section}.${name} was added: ${RESTART}`);
      else if (after === undefined) refused.push(`${section}.${name} was removed: ${RESTART}`);
      else if (text(before) !== text(after)) refused.push(`${section}.${name} changed: ${RESTART}`);
    }
  }
  for (const [name, before, after] of pairs(now.operators, next.operators)) {
    if (before === undefined) refused.push(`operators.${name} was added: ${RESTART}`);
    else if (after === undefined) refused.push(removed(before, state));
    else if (text(before) !== text(after) || codeOf(now, before) !== codeOf(next, after))
      changed(name, before, after);
  }
  const order = (operators: readonly Named[]): string => operators.map(({ name }) => name).join(' ');
  if (refused.length === 0 && order(now.operators) !== order(next.operators))
    refused.push(`operators stand in another order, which decides order inside a turn: ${RESTART}`);
  return { changes, refused, parameters, limits };

  function changed(name: string, before: CheckedOperator, after: CheckedOperator): void {
    const { type } = before.spec;
    const hot =
      type === 'strategy' ? 'params' : type === 'risk' && before.spec.reload === 'hot' ? 'limits' : '';
    if (hot === '' || text(before, hot) !== text(after, hot)) {
      refused.push(`operators.${name} changed${hot === '' ? '' : ` in more than ${hot}:`}: ${RESTART}`);
      return;
    }
    if (codeOf(now, before) !== codeOf(next, after)) {
      refused.push(`the code of strategy ${name} changed: ${RESTART}`);
      return;
    }
    if (hot === 'params') {
      parameters[name] = after.config['params'] ?? {};
      changes.push(
        `${name}: parameters ${canonicalJson(before.config['params'])} -> ${canonicalJson(parameters[name])}`,
      );
      return;
    }
    limitChanges(name, before, after);
  }

  function limitChanges(name: string, before: CheckedOperator, after: CheckedOperator): void {
    const [was, is] = [before, after].map(({ config }) => config['limits'] ?? {}) as [object, object];
    const [old, fresh] = [amounts(was), amounts(is)];
    if (canonicalJson(withoutFigures(was)) !== canonicalJson(withoutFigures(is)))
      refused.push(`${name}: a limit that is no single figure changed: ${RESTART}`);
    for (const limit of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
      const [from, to] = [old[limit], fresh[limit]];
      if (from === undefined) refused.push(`${name}: the limit ${limit} was added: ${RESTART}`);
      else if (to === undefined) refused.push(`${name}: the limit ${limit} was removed: ${RESTART}`);
      else if (!dec(from).eq(dec(to))) {
        limits[limit] = dec(to);
        changes.push(`${name}: limit ${limit} ${dec(from).toString()} -> ${dec(to).toString()}`);
      }
    }
  }
}

function pairs<T extends Named>(
  now: readonly T[],
  next: readonly T[],
): readonly (readonly [string, T | undefined, T | undefined])[] {
  const names = new Set([...now, ...next].map(({ name }) => name));
  const of = (list: readonly T[], name: string): T | undefined => list.find((one) => one.name === name);
  return [...names].map((name) => [name, of(now, name), of(next, name)] as const);
}

/** Everything the file says about a component, but for one option; neither its place nor its free text. */
function text(component: Named, but = ''): string {
  const { spec, config, ...rest } = component as Named & {
    readonly place?: unknown;
    readonly description?: unknown;
  };
  return canonicalJson({
    ...rest,
    place: undefined,
    description: undefined,
    type: spec.type,
    config: { ...config, ...(but === '' ? {} : { [but]: undefined }) },
  });
}

/** Hash of the code a strategy node runs; empty for other nodes and built-in ones. */
function codeOf(topology: CheckedTopology, { config }: Named): string {
  const use = (config as { readonly use?: unknown }).use;
  return typeof use === 'string' ? (topology.strategies?.get(use)?.hash ?? '') : '';
}

function removed({ name, spec }: CheckedOperator, state: State): string {
  const open = [...state.orders.open()].filter(({ strategy }) => strategy === name).length;
  const orders = spec.type === 'strategy' && open > 0 ? `, and it has ${open} open orders` : '';
  return `operators.${name} was removed${orders}: ${RESTART}; \`millrace strategies disable ${name}\` stops it now`;
}

/** Limits without the figures {@link amounts} reads: what is left must not differ. */
function withoutFigures(limits: object): unknown {
  const entries = Object.entries(limits).map(([key, value]: [string, unknown]) => {
    if (key !== 'instruments') return [key, withoutFigure(value)];
    const own = Object.entries((value ?? {}) as Record<string, object>);
    return [key, own.map(([symbol, of]) => [symbol, withoutFigures(of)])];
  });
  return Object.fromEntries(entries) as unknown;
}

function withoutFigure(value: unknown): unknown {
  if (typeof value === 'number' || value instanceof Decimal) return 'figure';
  if (typeof value !== 'object' || value === null || !('amount' in value)) return value;
  return { ...value, amount: withoutFigure(value.amount) };
}
