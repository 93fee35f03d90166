/** Where a token stands: line and column count from 1; `length` is what a caret underlines. */
export interface Place {
  /** As the user gave it; `--set` and `--env-file` for the command line, `code` for a topology built in code. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly length: number;
}

export function comparePlaces(a: Place, b: Place): number {
  return a.file === b.file ? a.line - b.line || a.col - b.col : a.file < b.file ? -1 : 1;
}

/** `file:line`, for a message that points at a second place. */
export function shortPlace(place: Place): string {
  return `${place.file}:${place.line}`;
}
