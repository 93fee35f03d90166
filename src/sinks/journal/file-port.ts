import {
  closeSync,
  fdatasync,
  fsync,
  mkdirSync,
  open,
  close,
  openSync,
  readdirSync,
  writeSync,
} from 'node:fs';

/** One open segment. `write` may write less than asked and throws on errors; `position` makes a retry harmless. */
export interface JournalFile {
  write(bytes: Uint8Array, offset: number, length: number, position: number): number;
  sync(done: (error: Error | undefined) => void): void;
  close(): void;
}

/** The journal's only way to the disk, so that tests can fill it, break it and slow it down. */
export interface FilePort {
  /** Makes the folder if needed and lists what is in it. */
  folder(path: string): readonly string[];
  /** Creates a new file; an existing one is an error. */
  create(path: string): JournalFile;
  /** Makes the names of new files in a folder safe. */
  syncFolder(path: string, done: (error: Error | undefined) => void): void;
}

export const nodeFiles: FilePort = {
  folder(path) {
    mkdirSync(path, { recursive: true });
    return readdirSync(path);
  },
  create(path) {
    const fd = openSync(path, 'wx', 0o640);
    return {
      write: (bytes, offset, length, position) => writeSync(fd, bytes, offset, length, position),
      sync: (done) => fdatasync(fd, (error) => done(error ?? undefined)),
      close: () => closeSync(fd),
    };
  },
  syncFolder(path, done) {
    open(path, 'r', (openError, fd) => {
      if (openError !== null) return done(openError);
      fsync(fd, (syncError) => close(fd, (closeError) => done(syncError ?? closeError ?? undefined)));
    });
  },
};
