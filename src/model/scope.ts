/** What a kill or flatten is about: everything, one account, or one strategy. */
export type Scope =
  | { readonly kind: 'global' }
  | { readonly kind: 'account'; readonly name: string }
  | { readonly kind: 'strategy'; readonly name: string };

export const GLOBAL: Scope = Object.freeze({ kind: 'global' });

/** Text of a scope in control events and files: `global`, `account:main`, `strategy:ema`. */
export function scopeText(scope: Scope): string {
  return scope.kind === 'global' ? 'global' : `${scope.kind}:${scope.name}`;
}

/** Reads {@link scopeText}; an empty text is `global`. Undefined: it is none. */
export function parseScope(text: string): Scope | undefined {
  if (text === '' || text === 'global') return GLOBAL;
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (colon < 0 || name === '' || (kind !== 'account' && kind !== 'strategy')) return undefined;
  return { kind, name };
}

/** True when something of this account and strategy is meant by the scope. */
export function inScope(scope: Scope, account: string, strategy: string): boolean {
  if (scope.kind === 'global') return true;
  return scope.name === (scope.kind === 'account' ? account : strategy);
}
