import { nodeFiles, type FilePort, type FixedFile, type OpenFile } from '../../../src/sinks/file-port.js';

type Done = (error: Error | undefined) => void;

/** The real disk with faults to switch on. */
export class FaultyFiles implements FilePort {
  /** Every write and every new file throws this while it is set. */
  error: Error | undefined = undefined;
  /** Bytes the disk still takes before it is full; infinite: healthy. */
  room: number = Infinity;
  /** At most this many bytes a write. */
  most: number = Infinity;
  /** Syncs in the background wait here until released. */
  holdSyncs: boolean = false;
  syncError: Error | undefined = undefined;
  syncs: number = 0;
  readonly held: (() => void)[] = [];

  open(path: string): OpenFile {
    return this.#faulty(nodeFiles.open(path));
  }
  create(path: string): OpenFile {
    if (this.error !== undefined) throw this.error;
    return this.#faulty(nodeFiles.create(path));
  }
  fixed(path: string, size: number): FixedFile {
    const file = nodeFiles.fixed(path, size);
    return {
      path,
      read: () => file.read(),
      write: (offset, data) => {
        if (this.error !== undefined) throw this.error;
        file.write(offset, data);
      },
      sync: () => {
        this.syncs++;
        if (this.syncError !== undefined) throw this.syncError;
        file.sync();
      },
      close: () => file.close(),
    };
  }
  exists = (path: string): boolean => nodeFiles.exists(path);
  read = (path: string): Uint8Array => nodeFiles.read(path);
  list = (folder: string): readonly string[] => nodeFiles.list(folder);
  makeFolder = (path: string): boolean => nodeFiles.makeFolder(path);
  rename = (from: string, to: string): void => nodeFiles.rename(from, to);
  remove = (path: string): void => nodeFiles.remove(path);
  removeFolder = (path: string): void => nodeFiles.removeFolder(path);
  syncFolder = (path: string, done: Done): void => nodeFiles.syncFolder(path, done);

  release(): void {
    this.holdSyncs = false;
    for (const run of this.held.splice(0)) run();
  }

  #faulty(file: OpenFile): OpenFile {
    return {
      path: file.path,
      size: () => file.size(),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => file.close(),
      syncLater: (done) => {
        this.syncs++;
        const run = (): void => (this.syncError === undefined ? file.syncLater(done) : done(this.syncError));
        if (this.holdSyncs) this.held.push(run);
        else run();
      },
      append: (data) => {
        if (this.error !== undefined) throw this.error;
        if (this.room <= 0)
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        const part = data.subarray(0, Math.min(data.length, this.room, this.most));
        this.room -= part.length;
        return file.append(part);
      },
    };
  }
}
