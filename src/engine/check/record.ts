import { readFileSync, writeFileSync } from 'node:fs';
import { MillraceError } from '../../model/reason.js';

const BEGIN = '<!-- exercises: written by millrace check --exercise --record -->';
const END = '<!-- /exercises -->';
const HEAD = ['date', 'where', 'what', 'result', 'millrace'];
/** Rows that are kept, newest first. */
const MOST = 20;

export interface ExerciseRecord {
  /** ISO date. */
  readonly date: string;
  readonly where: string;
  readonly what: string;
  readonly result: string;
  readonly version: string;
}

/** Puts one row on top of the marked table of a venue's page. Throws when the page has no such table. */
export function recordExercise(file: string, record: ExerciseRecord): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw noTable(file);
  }
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw noTable(file);
  const { date, where, what, result, version } = record;
  const row = [date, where, what, result, version].map((value) =>
    value.replaceAll('|', '/').replaceAll('\n', ' '),
  );
  const old = text
    .slice(begin + BEGIN.length, end)
    .split('\n')
    .filter((line) => /^\| \d{4}-/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const rows = [row, ...old].slice(0, MOST);
  writeFileSync(file, `${text.slice(0, begin)}${BEGIN}\n\n${table(rows)}\n\n${text.slice(end)}`);
}

/** Markdown, its columns aligned. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((name, i) => Math.max(3, name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function noTable(file: string): MillraceError {
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `${file} has no place for the result`,
    `write these two lines where it shall stand: ${BEGIN} and ${END}`,
  );
}
