interface Stamped {
  readonly seq: number;
  readonly sub: number;
  readonly at: number;
}

/** Gives a derived market event the stamp of the event it comes from, and returns it. */
export function stampLike<E extends Stamped>(event: E, cause: Stamped): E {
  const target = event as { seq: number; sub: number; at: number };
  target.seq = cause.seq;
  target.sub = cause.sub;
  target.at = cause.at;
  return event;
}
