import { MillraceError } from '../../model/reason.js';
import { appendLine, open } from './codec/json-text.js';
import { toJson } from './codec/json.js';
import { WordBuffer } from './codec/word-buffer.js';
import type { JournalTail } from './frame.js';
import { checkpointShape, endShape, headerShape } from './header.js';
import { readJournal } from './reader.js';

export interface CatOptions {
  /** Only records of these kinds. */
  readonly kinds?: readonly string[];
  /** First and last position: a `seq`, or a time (`2024-08-08T23:54Z`) compared with engine time. */
  readonly from?: string;
  readonly to?: string;
}

/**
 * Prints a journal as JSONL lines, each with its checksum. Without filters the output is itself a JSONL journal.
 * Returns how it ended. Throws INVALID_CONFIGURATION for a position it does not understand.
 */
export function catJournal(
  path: string,
  write: (line: string) => void,
  options: CatOptions = {},
): JournalTail | undefined {
  const journal = readJournal(path);
  const kinds =
    options.kinds === undefined || options.kinds.length === 0 ? undefined : new Set(options.kinds);
  const from = position('--from', options.from);
  const to = position('--to', options.to);
  const whole = kinds === undefined && from === undefined && to === undefined;
  const out = new WordBuffer(4_096);
  const print = (value: object): void => {
    out.end = 0;
    appendLine(out, open(value));
    write(out.bytes.toString('latin1', 0, out.end - 1));
  };
  if (whole)
    print({ type: 'header', ...(headerShape.toJson({ ...journal.header, encoding: 'jsonl' }) as object) });
  for (const { input, children, checkpoint } of journal.frames()) {
    if (from !== undefined && input[from.field] < from.value) continue;
    if (to !== undefined && input[to.field] > to.value) break;
    if (kinds?.has(input.kind) !== false) print({ ...toJson(input), children: children.length });
    for (const child of children) if (kinds?.has(child.kind) !== false) print(toJson(child));
    if (whole && checkpoint !== undefined)
      print({ type: 'checkpoint', ...(checkpointShape.toJson(checkpoint) as object) });
  }
  const tail = journal.tail;
  if (whole && tail?.digest !== undefined)
    print({ type: 'end', ...(endShape.toJson({ seq: tail.seq, digest: tail.digest }) as object) });
  return tail;
}

function position(
  option: string,
  text: string | undefined,
): { readonly field: 'seq' | 'at'; readonly value: number } | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return { field: 'seq', value: Number(text) };
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `${option} ${text} is neither a position nor a time`,
      'write a number, or a time such as 2024-08-08T23:54:13Z',
    );
  return { field: 'at', value: ms * 1_000 };
}
