import type { FaultKind } from '../faults/spec.js';

/** What goes on the wire instead of `text`: a damaged form of it, or a strange message before it. */
export function damaged(kind: FaultKind, text: string, connection: number): readonly string[] {
  switch (kind) {
    case 'malformed_json':
      return [text.slice(0, Math.max(1, text.length - 1 - (text.length >> 2)))];
    case 'unknown_field':
      return [withField(text)];
    case 'unknown_event':
      return [
        `{"e":"somethingNew","E":${Date.now()},"connection":${connection},"d":{"x":[1,"2",null]}}`,
        text,
      ];
    default:
      return [text];
  }
}

/** The message with a field no document knows, also in the object inside `data`, `event` or `result`. */
function withField(text: string): string {
  const extra = '"zzNew":{"a":1},';
  const inner = /"(?:data|event|result)":\{(?=")/.exec(text);
  if (inner !== null) {
    const at = inner.index + inner[0].length;
    return text.slice(0, at) + extra + text.slice(at);
  }
  return text.startsWith('{"') ? `{${extra}${text.slice(1)}` : text;
}
