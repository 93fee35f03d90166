import { nodeFiles, type FilePort } from '../file-port.js';
import { AUDIT_FORMATS, auditFormatOf, FIRST_PREV, type AuditFormatName, type ReadLine } from './format.js';

export type AuditProblem = 'removed' | 'changed' | 'reordered' | 'truncated';

export type AuditVerdict =
  | {
      readonly intact: true;
      /** Audit lines, the CSV header not counted. */
      readonly lines: number;
      readonly lastHash: string;
      readonly sessions: number;
      /** Sessions that never wrote their closing line because the process was killed; all but the last can be told. */
      readonly unclosed: number;
    }
  | {
      readonly intact: false;
      readonly problem: AuditProblem;
      /** Number of the audit line concerned, as written in the line itself. */
      readonly line: number;
      /** Place in the file, from 1. */
      readonly fileLine: number;
      readonly message: string;
    };

export interface VerifyAuditOptions {
  readonly files?: FilePort;
  /** Default: by the file's name. */
  readonly format?: AuditFormatName;
  /** True: the session may still be running, so a missing closing line is no fault. */
  readonly open?: boolean;
}

/**
 * Checks the hash chain of an audit file and names the first line that is not as it was written.
 * Throws when the file cannot be read. Somebody who rewrites the whole file can make a new chain: keep the last hash,
 * which is logged when a session ends, somewhere else.
 */
export function verifyAudit(path: string, options: VerifyAuditOptions = {}): AuditVerdict {
  const bytes = (options.files ?? nodeFiles).read(path);
  return verifyAuditText(
    Buffer.from(bytes).toString('utf8'),
    options.format ?? auditFormatOf(path),
    options.open ?? false,
  );
}

export function verifyAuditText(text: string, formatName: AuditFormatName, open = false): AuditVerdict {
  const format = AUDIT_FORMATS[formatName];
  const offset = format.header === '' ? 0 : 1;
  const bad = (problem: AuditProblem, line: number, index: number, message: string): AuditVerdict => ({
    intact: false,
    problem,
    line,
    fileLine: index + 1 + offset,
    message,
  });
  if (text === '') return bad('truncated', 1, -offset, 'The file is empty.');
  if (offset === 1 && !text.startsWith(format.header))
    return bad('changed', 0, -1, 'The first line of the file is not the header of an audit file.');
  const body = text.slice(format.header.length);
  const torn = body !== '' && !body.endsWith('\n');
  const texts = body.split('\n');
  if (!torn) texts.pop();

  let prev = FIRST_PREV;
  let before: ReadLine | undefined;
  let sessions = 0;
  let unclosed = 0;
  for (let i = 0; i < texts.length; i++) {
    const expected = i + 1;
    const read = format.decode(texts[i] ?? '');
    if (read === undefined) {
      if (torn && i === texts.length - 1)
        return bad('truncated', expected, i, `Line ${expected} ends in the middle.`);
      return bad('changed', expected, i, `Line ${expected} cannot be read as an audit line.`);
    }
    if (read.computed !== read.hash)
      return bad('changed', expected, i, `The text of line ${expected} does not fit its hash.`);
    if (read.line !== expected) return misplaced(texts, i, read, (text) => format.decode(text)?.line, bad);
    if (read.prev !== prev)
      return bad(
        'changed',
        i === 0 ? 1 : i,
        Math.max(i - 1, 0),
        i === 0
          ? 'Line 1 is not the beginning of a chain.'
          : `Line ${i} was replaced: line ${expected} was written after another one.`,
      );
    if (read.type === 'system_start') {
      sessions++;
      if (before !== undefined && before.type !== 'system_stop') unclosed++;
    } else if (before === undefined || before.type === 'system_stop') {
      return bad('changed', expected, i, `Line ${expected} should begin a session but is a ${read.type}.`);
    }
    prev = read.hash;
    before = read;
  }
  if (torn) return bad('truncated', texts.length, texts.length - 1, 'The last line has no line end.');
  const lines = texts.length;
  if (before?.type !== 'system_stop') {
    if (!open || before === undefined) {
      const message = `The file ends without a closing line after line ${lines}: the session still runs, was killed, or lines were removed.`;
      return bad('truncated', lines + 1, lines, message);
    }
    unclosed++;
  }
  return { intact: true, lines, lastHash: prev, sessions, unclosed };
}

/** A sound line stands where another number is expected: lines before it are gone, or stand elsewhere. */
function misplaced(
  texts: readonly string[],
  index: number,
  read: ReadLine,
  lineOf: (text: string) => number | undefined,
  bad: (problem: AuditProblem, line: number, index: number, message: string) => AuditVerdict,
): AuditVerdict {
  const expected = index + 1;
  if (read.line < expected)
    return bad('reordered', read.line, index, `Line ${read.line} stands where line ${expected} belongs.`);
  for (let i = index + 1; i < texts.length; i++)
    if (lineOf(texts[i] ?? '') === expected)
      return bad(
        'reordered',
        expected,
        index,
        `Line ${expected} stands later, in the place of line ${i + 1}.`,
      );
  const last = read.line - 1;
  const which =
    last === expected ? `Line ${expected} was removed` : `Lines ${expected} to ${last} were removed`;
  return bad('removed', expected, index, `${which}.`);
}
