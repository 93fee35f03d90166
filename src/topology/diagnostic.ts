import { comparePlaces, type Place } from './place.js';

export interface Diagnostic {
  /** E0xx YAML, E1xx names and fields, E2xx graph, E3xx trading safety, E4xx mode, W5xx advice. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly place: Place;
  /** One sentence, with its full stop. */
  readonly message: string;
  /** The one thing to do, when there is one. */
  readonly help?: string;
}

/** Texts that places point into, by file. */
export type SourceTexts = ReadonlyMap<string, string>;

export function diagnostic(code: string, place: Place, message: string, help?: string): Diagnostic {
  const severity = code.startsWith('W') ? 'warning' : 'error';
  return help === undefined ? { code, severity, place, message } : { code, severity, place, message, help };
}

/** By file in the order given, then place; one place and code once. */
export function sortDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
): readonly Diagnostic[] {
  const rank = (file: string): number => (files.includes(file) ? files.indexOf(file) : files.length);
  const sorted = [...diagnostics].sort(
    (a, b) =>
      rank(a.place.file) - rank(b.place.file) ||
      comparePlaces(a.place, b.place) ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
  const seen = new Set<string>();
  return sorted.filter(({ code, place, message }) => {
    const key = `${code} ${place.file}:${place.line}:${place.col} ${message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

export function countDiagnostics(diagnostics: readonly Diagnostic[]): {
  readonly errors: number;
  readonly warnings: number;
} {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: diagnostics.length - errors };
}

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `2 errors, 1 warning`. */
function summaryLine(diagnostics: readonly Diagnostic[]): string {
  const { errors, warnings } = countDiagnostics(diagnostics);
  return `${many(errors, 'error')}, ${many(warnings, 'warning')}`;
}

function formatOne(item: Diagnostic, texts: SourceTexts): string {
  const { place } = item;
  const lines = [`${place.file}:${place.line}:${place.col}: ${item.severity} ${item.code}: ${item.message}`];
  const source = texts.get(place.file)?.split(/\r?\n/)[place.line - 1];
  if (source !== undefined) {
    const lead = [...source.slice(0, place.col - 1)].map((char) => (char === '\t' ? '\t' : ' ')).join('');
    const room = Math.max(1, source.length - place.col + 1);
    lines.push(
      `${String(place.line).padStart(5)} | ${source}`,
      `      | ${lead}${'^'.repeat(Math.max(1, Math.min(place.length, room)))}`,
    );
  }
  if (item.help !== undefined) lines.push(`      = help: ${item.help}`);
  return lines.join('\n');
}

/** The compiler form: `file:line:col: error E101: sentence.`, the line, a caret, help; last the counts. */
export function formatText(diagnostics: readonly Diagnostic[], texts: SourceTexts): string {
  return [...diagnostics.map((item) => formatOne(item, texts)), summaryLine(diagnostics)].join('\n');
}

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Workflow commands that GitHub turns into annotations of the changed lines. */
export function formatGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ severity, place, code, message, help }) => {
      const where = `file=${escapeProperty(place.file)},line=${place.line},col=${place.col},endColumn=${place.col + place.length}`;
      return `::${severity} ${where},title=${code}::${escapeData(`${code} ${message}${help === undefined ? '' : ` help: ${help}`}`)}`;
    })
    .join('\n');
}

export function diagnosticsJson(diagnostics: readonly Diagnostic[]): object {
  return {
    ...countDiagnostics(diagnostics),
    diagnostics: diagnostics.map(({ code, severity, place, message, help }) => ({
      code,
      severity,
      ...place,
      message,
      help: help ?? null,
    })),
  };
}
