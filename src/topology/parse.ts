import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import { Decimal } from '../model/decimal.js';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import type { Place } from './place.js';
import type { Entry, Tree } from './tree.js';

export interface Parsed {
  readonly tree: Tree | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** More nodes than any topology has: stops aliases that multiply. */
const MAX_NODES = 100_000;

/** What to do about the syntax errors people meet most, by the parser's code. */
const SYNTAX: Readonly<Record<string, readonly [sentence: string, help: string]>> = {
  TAB_AS_INDENT: ['tabs are not allowed as indentation.', 'indent with spaces.'],
  BAD_INDENT: [
    'the indentation does not fit the lines above, or a bracket above is not closed.',
    'align it with its neighbours, and close every [ and {.',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'a value may not hold another "key: value" on the same line.',
    'start the inner map on its own line, or put the text in quotes.',
  ],
  MULTIPLE_DOCS: ['a topology is one document.', 'remove the line ---, or pass two files.'],
  BAD_SCALAR_START: ['a value may not start with this character.', 'put the text in quotes.'],
  MISSING_CHAR: ['a closing quote, bracket or colon is missing.', 'close what was opened on this line.'],
};

/** Reads one YAML 1.2 document and keeps the place of every key and value. */
export function parseYaml(text: string, file: string, line = 1, col = 1): Parsed {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const place = (from: number, to: number): Place => {
    const pos = counter.linePos(from);
    return {
      file,
      line: pos.line + line - 1,
      col: pos.line === 1 ? pos.col + col - 1 : pos.col,
      length: Math.max(1, to - from),
    };
  };
  if (document.errors.length > 0 || document.warnings.length > 0) {
    // The parser's later errors are mostly consequences of its first.
    const first = document.errors[0] ?? document.warnings[0];
    if (first === undefined) return { tree: undefined, diagnostics: [] };
    const interpolated = text[first.pos[0]] === '{' && text[first.pos[0] - 1] === '$';
    const [sentence, help] = interpolated
      ? ['inside { } and [ ] the text ${...} needs quotes.', 'write it as "${...}".']
      : (SYNTAX[first.code] ?? [`${first.message.charAt(0).toLowerCase()}${first.message.slice(1)}.`]);
    return {
      tree: undefined,
      diagnostics: [
        diagnostic('E001', place(first.pos[0], first.pos[0] + 1), `not valid YAML: ${sentence}`, help),
      ],
    };
  }
  return new Converter(document, place).run();
}

/** Turns the parser's nodes into a {@link Tree}; aliases are written out. */
class Converter {
  readonly #document: Document;
  readonly #place: (from: number, to: number) => Place;
  readonly #diagnostics: Diagnostic[] = [];
  #nodes = 0;

  constructor(document: Document, place: (from: number, to: number) => Place) {
    this.#document = document;
    this.#place = place;
  }

  run(): Parsed {
    const contents = this.#document.contents;
    const tree = contents === null ? undefined : this.#convert(contents, []);
    if (tree === undefined && this.#diagnostics.length === 0) {
      this.#fail(0, 1, 'the file is empty.', 'start with `millrace new topology NAME`.');
    }
    return { tree, diagnostics: this.#diagnostics };
  }

  #fail(from: number, to: number, sentence: string, help?: string): undefined {
    if (this.#diagnostics.length === 0)
      this.#diagnostics.push(diagnostic('E001', this.#place(from, to), `not valid YAML: ${sentence}`, help));
    return undefined;
  }

  #convert(node: Node, open: readonly Node[]): Tree | undefined {
    const [from, to] = node.range ?? [0, 1, 1];
    if ((this.#nodes += 1) > MAX_NODES || open.includes(node)) {
      return this.#fail(
        from,
        to,
        'aliases make this file refer to itself or grow without end.',
        'write the values out.',
      );
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined)
        return this.#fail(
          from,
          to,
          `the alias *${node.source} has no anchor above it.`,
          `mark a value above with &${node.source}.`,
        );
      return this.#convert(target, [...open, node]);
    }
    const place = this.#place(from, to);
    const inner = [...open, node];
    if (isScalar(node)) return { type: 'scalar', place, ...scalarValue(node) };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#convert(item as Node, inner));
      return { type: 'list', place, items: items.filter((item) => item !== undefined) };
    }
    if (!isMap(node)) return this.#fail(from, to, 'this cannot be understood here.');
    const entries: Entry[] = [];
    for (const pair of node.items) {
      const key = pair.key as Node | null;
      if (!isScalar(key)) return this.#fail(from, to, 'a key must be plain text.');
      const [keyFrom, keyTo] = key.range ?? [from, from + 1, from + 1];
      const keyPlace = this.#place(keyFrom, keyTo);
      const value =
        pair.value === null
          ? ({ type: 'scalar', place: keyPlace, value: null } as const)
          : this.#convert(pair.value as Node, inner);
      if (value !== undefined) entries.push({ key: String(key.source ?? key.value), keyPlace, value });
    }
    return { type: 'map', place, entries };
  }
}

/** A number that a `number` cannot hold exactly stays text, so that a decimal field gets every digit. */
function scalarValue(node: Scalar): { readonly value: unknown; readonly coercible?: boolean } {
  const { value, source } = node;
  if (typeof value === 'bigint') return { value: String(value), coercible: true };
  if (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    source !== undefined &&
    /^[-+]?\d+(\.\d+)?$/.test(source)
  ) {
    if (!new Decimal(source).eq(new Decimal(value)))
      return { value: source.replace(/^\+/, ''), coercible: true };
  }
  return { value };
}
