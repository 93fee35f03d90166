import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { MillraceError } from '../model/reason.js';

const CHUNK = 256 * 1024;
const HEAD = 64 * 1024;
/** Longest line anybody may send; a file without line ends must not fill memory. */
const LONGEST_LINE = 32 * 1024 * 1024;
const NEWLINE = 10;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3;

function unreadable(path: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('BAD_INPUT', `cannot read ${path}: ${why}`, 'check the path and the file', {
    cause,
  });
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * First bytes of a text file, unpacked when it is gzip by content. Throws MillraceError `BAD_INPUT` when it is
 * missing, not readable, or packed in a way that is not supported.
 */
export function readHead(path: string): Buffer {
  let bytes: Buffer;
  try {
    const file = openSync(path, 'r');
    try {
      bytes = Buffer.alloc(HEAD);
      bytes = bytes.subarray(0, readSync(file, bytes, 0, HEAD, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, words(error), error);
  }
  if (isZip(bytes)) throw unreadable(path, 'it is a zip archive; unpack it or pack it with gzip');
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw unreadable(path, `damaged gzip (${words(error)})`, error);
  }
}

/**
 * A text file as blocks of whole lines, each line with its line end (the last one gets one when it has none), in
 * constant memory. Gzip is recognised by content. Throws MillraceError `BAD_INPUT` on a read error, a damaged or cut
 * off gzip, or a line above 32 MiB.
 */
export async function* lineBlocks(path: string): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks(path)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, chunk]);
      if (rest.length > LONGEST_LINE) throw unreadable(path, 'it has a line above 32 MiB');
      continue;
    }
    const block = chunk.subarray(0, end);
    yield rest.length === 0 ? block : Buffer.concat([rest, block]);
    rest = Buffer.from(chunk.subarray(end));
  }
  if (rest.length > 0) yield Buffer.concat([rest, Buffer.of(NEWLINE)]);
}

async function* chunks(path: string): AsyncGenerator<Buffer, void, undefined> {
  const packed = isGzipFile(path);
  const file = createReadStream(path, { highWaterMark: 64 * 1024 });
  const gunzip = packed ? createGunzip({ chunkSize: CHUNK }) : undefined;
  try {
    if (gunzip === undefined) {
      for await (const chunk of file) yield chunk as Buffer;
    } else {
      file.on('error', (error) => gunzip.destroy(error));
      file.pipe(gunzip);
      for await (const chunk of gunzip) yield chunk as Buffer;
    }
  } catch (error) {
    throw unreadable(path, packed ? `damaged gzip (${words(error)})` : words(error), error);
  } finally {
    file.destroy();
    gunzip?.destroy();
  }
}

function isGzipFile(path: string): boolean {
  const magic = Buffer.alloc(2);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, magic, 0, 2, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, words(error), error);
  }
  return isGzip(magic);
}

/** Two files line by line: the lines of the first, each followed by a comma and the line of the second. */
export async function* joinLines(
  path: string,
  beside: string,
  delimiter: number,
): AsyncGenerator<Buffer, void, undefined> {
  const other = lineBlocks(beside);
  const feed = new LineFeed(other, beside);
  try {
    for await (const block of lineBlocks(path)) {
      const parts: Buffer[] = [];
      for (let from = 0; from < block.length;) {
        const end = block.indexOf(NEWLINE, from);
        const line = await feed.next();
        if (line === undefined) throw unreadable(beside, `it has fewer lines than ${path}`);
        parts.push(withoutReturn(block.subarray(from, end)), Buffer.of(delimiter), line);
        from = end + 1;
      }
      yield Buffer.concat(parts);
    }
    if ((await feed.next()) !== undefined) throw unreadable(beside, `it has more lines than ${path}`);
  } finally {
    await other.return();
  }
}

const withoutReturn = (line: Buffer): Buffer => (line[line.length - 1] === 13 ? line.subarray(0, -1) : line);

/** One line at a time, with its line end. */
class LineFeed {
  readonly #blocks: AsyncIterator<Buffer>;
  #block: Buffer = Buffer.alloc(0);
  #from = 0;
  readonly path: string;

  constructor(blocks: AsyncIterator<Buffer>, path: string) {
    this.#blocks = blocks;
    this.path = path;
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#from >= this.#block.length) {
      const step = await this.#blocks.next();
      if (step.done === true) return undefined;
      this.#block = step.value;
      this.#from = 0;
    }
    const end = this.#block.indexOf(NEWLINE, this.#from) + 1;
    const line = this.#block.subarray(this.#from, end);
    this.#from = end;
    return line;
  }
}
