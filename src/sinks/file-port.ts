import {
  close,
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
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
  /** Like `sync`, without waiting for the disk. */
  syncLater(done: (error: Error | undefined) => void): void;
  close(): void;
}

/** A small file of a fixed size, made beforehand and written over in place: a full disk cannot stop a write to it. */
export interface FixedFile {
  readonly path: string;
  read(): Uint8Array;
  /** Writes all of `data` at `offset`, inside the file. */
  write(offset: number, data: Uint8Array): void;
  /** Returns when what was written survives a power cut. */
  sync(): void;
  close(): void;
}

/** The only way sinks reach the disk, so that tests can fill it, break it and slow it down. */
export interface FilePort {
  /** Opens for appending; makes the file and its folders when they are missing. */
  open(path: string): OpenFile;
  /** Makes a new file and its folders; an existing file is an error. */
  create(path: string): OpenFile;
  /** Opens a file of `size` bytes; makes it and its folders, filled with zeros, when it is missing or shorter. */
  fixed(path: string, size: number): FixedFile;
  exists(path: string): boolean;
  read(path: string): Uint8Array;
  /** Names in a folder, sorted; none when the folder does not exist. */
  list(folder: string): readonly string[];
  /** Makes one folder with its parents. False: it was there already. */
  makeFolder(path: string): boolean;
  /** Replaces `to` in one step. */
  rename(from: string, to: string): void;
  /** Removes a file; one that is not there is no error. */
  remove(path: string): void;
  /** Removes a folder that is empty; any other, or one that is not there, stays as it is. */
  removeFolder(path: string): void;
  /** Makes the names of new files in a folder survive a power cut. */
  syncFolder(path: string, done: (error: Error | undefined) => void): void;
}

/** False: the folder was there already. Throws ENOTDIR when something else has its name. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return false;
    if (stats === undefined) throw error;
    throw Object.assign(new Error(`ENOTDIR: ${path} is a file, not a folder`), { code: 'ENOTDIR' });
  }
}

/** Makes a folder with its parents. (The recursive mkdir of Node 20 never returns below /proc.) */
function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  makeOne(path);
}

class NodeFile implements OpenFile {
  readonly path: string;
  readonly #fd: number;
  /** Where a file of our own ends; undefined: the system knows, others may write too. */
  #end: number | undefined;

  constructor(path: string, flags: 'a' | 'wx') {
    makeFolders(dirname(path));
    this.path = path;
    this.#fd = openSync(path, flags, 0o640);
    this.#end = flags === 'wx' ? 0 : undefined;
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }
  append(data: Uint8Array): number {
    // With a position, bytes of a write that failed half-way are written over by the next one.
    const taken = writeSync(this.#fd, data, 0, data.length, this.#end ?? null);
    if (this.#end !== undefined) this.#end += taken;
    return taken;
  }
  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
    if (this.#end !== undefined) this.#end = size;
  }
  sync(): void {
    fdatasyncSync(this.#fd);
  }
  syncLater(done: (error: Error | undefined) => void): void {
    fdatasync(this.#fd, (error) => done(error ?? undefined));
  }
  close(): void {
    closeSync(this.#fd);
  }
}

class NodeFixedFile implements FixedFile {
  readonly path: string;
  readonly #fd: number;

  constructor(path: string, size: number) {
    makeFolders(dirname(path));
    this.path = path;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o640);
    const has = fstatSync(this.#fd).size;
    if (has >= size) return;
    this.write(has, new Uint8Array(size - has));
    fsyncSync(this.#fd);
  }

  read(): Uint8Array {
    const all = new Uint8Array(fstatSync(this.#fd).size);
    let at = 0;
    while (at < all.length) {
      const got = readSync(this.#fd, all, at, all.length - at, at);
      if (got === 0) break;
      at += got;
    }
    return all;
  }
  write(offset: number, data: Uint8Array): void {
    let done = 0;
    while (done < data.length) {
      const taken = writeSync(this.#fd, data, done, data.length - done, offset + done);
      if (taken <= 0) throw new Error(`${this.path}: nothing could be written.`);
      done += taken;
    }
  }
  sync(): void {
    fdatasyncSync(this.#fd);
  }
  close(): void {
    closeSync(this.#fd);
  }
}

/** The real disk. */
export const nodeFiles: FilePort = {
  open: (path) => new NodeFile(path, 'a'),
  create: (path) => new NodeFile(path, 'wx'),
  fixed: (path, size) => new NodeFixedFile(path, size),
  exists: (path) => existsSync(path),
  read: (path) => readFileSync(path),
  list: (folder) => (existsSync(folder) ? readdirSync(folder).sort() : []),
  makeFolder: (path) => {
    makeFolders(dirname(path));
    return makeOne(path);
  },
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  removeFolder: (path) => {
    try {
      rmdirSync(path);
    } catch {
      // It holds something, or it is not there.
    }
  },
  syncFolder: (path, done) =>
    open(path, 'r', (openError, fd) => {
      if (openError !== null) return done(openError);
      fsync(fd, (syncError) => close(fd, (closeError) => done(syncError ?? closeError ?? undefined)));
    }),
};

/** Appends all of `data`; throws when the disk stops taking it. */
export function appendAll(file: OpenFile, data: Uint8Array): void {
  for (let rest = data; rest.length > 0;) {
    const taken = file.append(rest);
    if (taken <= 0) throw new Error(`${file.path}: nothing could be written.`);
    rest = rest.subarray(taken);
  }
}

/** Writes a whole small file so that a reader sees the old or the new one, never half: temporary file, sync, rename. */
export function writeWhole(files: FilePort, path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const file = files.open(temporary);
  try {
    file.truncate(0);
    appendAll(file, Buffer.from(text, 'utf8'));
    file.sync();
  } finally {
    file.close();
  }
  files.rename(temporary, path);
}
