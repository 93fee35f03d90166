import { diagnostic, type Diagnostic } from './diagnostic.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/**
 * `KEY=VALUE` lines as a shell's env file has them: blank lines and `#` comments are skipped; `'single'` quotes keep
 * everything, `"double"` quotes know `\n`, `\r`, `\t`, `\"`, `\\`. A line that is none of these is an error, since a
 * credential that silently is not read fails much later.
 */
export function parseEnvFile(text: string, file: string, diagnostics: Diagnostic[]): Environment {
  const result: Record<string, string> = {};
  for (const [n, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, raw] = LINE.exec(line) ?? [];
    const value = raw === undefined ? undefined : unquote(raw);
    if (name === undefined || value === undefined) {
      // The line may hold a secret: it is not shown.
      diagnostics.push(
        diagnostic(
          'E003',
          { file, line: n + 1, col: 1, length: 1 },
          'this line is not KEY=VALUE.',
          'quote values that hold quotes or #; start comments with #.',
        ),
      );
      continue;
    }
    result[name] = value;
  }
  return result;
}

function unquote(raw: string): string | undefined {
  if (raw.startsWith("'")) return /^'([^']*)'\s*(?:#.*)?$/.exec(raw)?.[1];
  if (raw.startsWith('"')) {
    const body = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(raw)?.[1];
    return body?.replace(/\\(.)/g, (whole, char: string) => ESCAPES[char] ?? whole);
  }
  return raw.replace(/(^|\s+)#.*$/, '');
}
