import { readFileSync, writeFileSync } from 'node:fs';
import { MillraceError } from '../../model/reason.js';

const BEGIN = '<!-- exercises: written by millrace check --exercise --record -->';
const END = '<!-- /exercises -->';
const HEAD = '| date | where | what | result | millrace |\n| --- | --- | --- | --- | --- |';
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
  const cell = (value: string): string => value.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const row = `| ${[record.date, record.where, record.what, record.result, record.version].map(cell).join(' | ')} |`;
  const old = text
    .slice(begin + BEGIN.length, end)
    .split('\n')
    .filter((line) => /^\| \d{4}-/.test(line));
  const rows = [row, ...old].slice(0, MOST);
  writeFileSync(file, `${text.slice(0, begin)}${BEGIN}\n\n${HEAD}\n${rows.join('\n')}\n\n${text.slice(end)}`);
}

function noTable(file: string): MillraceError {
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `${file} has no place for the result`,
    `write these two lines where it shall stand: ${BEGIN} and ${END}`,
  );
}
