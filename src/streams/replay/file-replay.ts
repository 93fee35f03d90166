import { basename, dirname, join } from 'node:path';
import type { InputEvent } from '../../model/event.js';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import { BadData } from '../bad-data.js';
import { CsvDecoder } from '../csv/decoder.js';
import type { CsvMapping } from '../csv/mapping.js';
import { joinLines, lineBlocks, readHead } from '../lines.js';
import { mergeBatches, type MergeInput } from '../merge.js';
import type { BadDataPolicy, PullSource, ReportBadData } from '../source.js';
import { BinanceDecoder } from './binance.js';
import type { Decoder, FileContext } from './decoder.js';
import type { InstrumentLookup } from './instrument-lookup.js';

export interface FileReplayOptions {
  readonly source: string;
  /** Existing files; at equal times an earlier file comes first. */
  readonly files: readonly string[];
  readonly format: 'binance' | 'csv';
  readonly csv: CsvMapping | undefined;
  readonly lookup: InstrumentLookup;
  readonly pace: number;
  readonly from: Micros;
  readonly to: Micros;
  readonly onBad: BadDataPolicy;
  readonly report: ReportBadData;
}

/**
 * Replays recorded files, merged by (receive time, file order, line). A file is opened when the merge gets to its
 * first event, so many files cost no more memory than those that overlap. Throws MillraceError when a file cannot be
 * read or the mapping does not fit it.
 */
export function fileReplay(options: FileReplayOptions): PullSource {
  let end = -Infinity;
  const ended = (at: Micros): void => {
    if (at > end) end = at;
  };
  const inputs = options.files.map((path) => fileInput(path, options, ended));
  return {
    type: 'pull',
    pace: options.pace,
    batches: () => mergeBatches(inputs),
    ends: () => (options.to < Infinity ? options.to : end),
  };
}

function fileInput(path: string, options: FileReplayOptions, ended: (at: Micros) => void): MergeInput {
  const first = firstAt(path, options);
  const input = { batches: () => fileBatches(path, options, ended) };
  return first === undefined ? input : { ...input, first };
}

async function* fileBatches(
  path: string,
  options: FileReplayOptions,
  ended: (at: Micros) => void,
): AsyncGenerator<readonly InputEvent[], void, undefined> {
  const decoder = makeDecoder(path, options, new BadData(options.onBad, options.report));
  for await (const block of blocksOf(path, options)) {
    const events: InputEvent[] = [];
    decoder.decode(block, events);
    if (events.length > 0) yield events;
    if (decoder.finished) break;
  }
  ended(decoder.ends);
}

function blocksOf(path: string, { csv }: FileReplayOptions): AsyncIterable<Buffer> {
  return csv?.join === undefined
    ? lineBlocks(path)
    : joinLines(path, besidePath(path, csv.join), csv.delimiter.charCodeAt(0));
}

function besidePath(
  path: string,
  { find, replace }: { readonly find: string; readonly replace: string },
): string {
  const name = basename(path);
  if (!name.includes(find))
    throw new MillraceError('BAD_INPUT', `${path}: its name has no "${find}"`, 'correct csv.join');
  return join(dirname(path), name.replace(find, replace));
}

function makeDecoder(path: string, options: FileReplayOptions, bad: BadData): Decoder {
  const { source, lookup, from, to, csv } = options;
  const file: FileContext = { source, path, lookup, bad, from, to };
  if (options.format === 'binance') return new BinanceDecoder(file);
  if (csv !== undefined) return new CsvDecoder(csv, file);
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `${path} needs a csv mapping`,
    'say in `csv:` what its columns mean',
  );
}

/** Receive time of the first event, from the start of the file; also proves that the file can be read. */
function firstAt(path: string, options: FileReplayOptions): Micros | undefined {
  const head = readHead(path);
  const decoder = makeDecoder(path, options, new BadData('skip', () => undefined));
  if (options.csv?.join !== undefined) {
    readHead(besidePath(path, options.csv.join));
    return undefined;
  }
  const events: InputEvent[] = [];
  decoder.decode(head.subarray(0, head.lastIndexOf(10) + 1), events);
  return events[0]?.at;
}
