import {
  closeSync,
  existsSync,
  fsyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** An open file that is only ever written at its end. Every method throws the error of the operating system. */
export interface OpenFile {
  readonly path: string;
  /** Bytes in the file. */
  size(): number;
  /** Writes at the end; returns how many bytes were taken, which may be fewer than given. */
  append(data: Uint8Array): number;
  /** Cuts the file to `size` bytes. */
  truncate(size: number): void;
  /** Returns when what was written survives a power cut. */
  sync(): void;
  close(): void;
}

/** The only way sinks reach the disk, so that tests can inject a full disk or a failing write. */
export interface FilePort {
  /** Opens for appending; makes the file and its folders when they are missing. */
  open(path: string): OpenFile;
  exists(path: string): boolean;
  read(path: string): Uint8Array;
  /** Names in a folder; none when the folder does not exist. */
  list(folder: string): readonly string[];
  /** Makes one folder with its parents. False: it was there already. */
  makeFolder(path: string): boolean;
  /** Replaces `to` in one step. */
  rename(from: string, to: string): void;
}

class NodeFile implements OpenFile {
  readonly path: string;
  readonly #fd: number;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.#fd = openSync(path, 'a');
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }
  append(data: Uint8Array): number {
    return writeSync(this.#fd, data);
  }
  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
  }
  sync(): void {
    fsyncSync(this.#fd);
  }
  close(): void {
    closeSync(this.#fd);
  }
}

/** The real disk. */
export const nodeFiles: FilePort = {
  open: (path) => new NodeFile(path),
  exists: (path) => existsSync(path),
  read: (path) => readFileSync(path),
  list: (folder) => (existsSync(folder) ? readdirSync(folder).sort() : []),
  makeFolder: (path) => {
    mkdirSync(dirname(path), { recursive: true });
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  },
  rename: (from, to) => renameSync(from, to),
};

/** Writes a whole small file so that a reader sees the old or the new one, never half: temporary file, sync, rename. */
export function writeWhole(files: FilePort, path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const file = files.open(temporary);
  try {
    file.truncate(0);
    let rest: Uint8Array = Buffer.from(text, 'utf8');
    while (rest.length > 0) {
      const taken = file.append(rest);
      if (taken <= 0) throw new Error(`${temporary}: nothing could be written.`);
      rest = rest.subarray(taken);
    }
    file.sync();
  } finally {
    file.close();
  }
  files.rename(temporary, path);
}
