import { join } from 'node:path';
import type { Event } from '../../model/record.js';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import { nodeFiles, type FilePort } from '../file-port.js';
import { newFolders } from '../new-folders.js';
import { openError } from '../open-error.js';
import type { EngineStats, JournalPosition, JournalSink, SinkContext } from '../sink.js';
import { FrameEncoder } from './codec/frame-encoder.js';
import { FORMAT } from './codec/layout.js';
import { binaryEncoding, jsonlEncoding, type SegmentEncoding } from './encoding.js';
import type { JournalOptions } from './options.js';
import { JOURNAL_SCHEMA, type JournalEncoding, type JournalHeader } from './header.js';
import { SEGMENT } from './reader.js';
import { SegmentWriter } from './segment-writer.js';

/** What the journal uses of its surroundings. */
export type JournalContext = Pick<SinkContext, 'mode' | 'session' | 'instruments' | 'fail' | 'log'> &
  Pick<SinkContext, 'sessionInfo'>;

/** Frames are written in pieces of this size when nobody waits for them. */
const WRITE_BYTES = 256 * 1024;

/**
 * The journal: every turn as one frame in segments `<path>/<session>/000001.mlj` (or `.jsonl`). Nothing here throws into
 * a turn. When the disk does not take frames they wait in a bounded buffer and are tried again; when that is full,
 * `context.fail` is called with JOURNAL_FULL, once, and frames are still kept up to twice the size. Past that, or when a
 * sync fails, the journal ends: what is on disk stays a complete beginning, later frames are refused, never skipped over.
 */
export function journalSink(options: JournalOptions, context: JournalContext): JournalSink {
  return new Journal(options, context);
}

class Journal implements JournalSink {
  readonly path: string;
  readonly #options: JournalOptions;
  readonly #context: JournalContext;
  #encoder = new FrameEncoder();
  #encoding: SegmentEncoding;
  readonly #kind: JournalEncoding;
  readonly #writer: SegmentWriter;
  readonly #files: FilePort;
  readonly #bufferBytes: number;
  readonly #writeBytes: number;
  readonly #segmentBytes: number;
  readonly #segmentTime: Micros;
  readonly #flushMs: number;
  #segment = 0;
  #segmentStart = 0;
  #segmentAt: Micros = -1;
  #lastSeq = 0;
  #safeSeq = 0;
  #records = 0;
  #errors = 0;
  #full = false;
  #ended: string | undefined = 'it is not open';
  #timer: NodeJS.Timeout | undefined;
  #resumedAt: Micros = 0;
  #removeFolders = (): void => undefined;

  constructor(options: JournalOptions, context: JournalContext) {
    const durability = options.durability ?? 'os';
    if (context.mode === 'live' && durability === 'none') {
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        'a live journal cannot have durability none',
        'use os (survives a killed process) or fsync (survives a power cut)',
      );
    }
    this.#options = options;
    this.#context = context;
    this.path = join(options.path, context.session);
    this.#kind = options.encoding ?? 'binary';
    this.#encoding = this.#makeEncoding();
    this.#files = options.files ?? nodeFiles;
    this.#bufferBytes = options.bufferBytes ?? 16 * 1024 * 1024;
    this.#writeBytes = Math.min(WRITE_BYTES, this.#bufferBytes);
    this.#segmentBytes = options.segmentBytes ?? 256 * 1024 * 1024;
    this.#segmentTime = options.segmentTime ?? Infinity;
    this.#flushMs = options.flushMs ?? 100;
    this.#writer = new SegmentWriter(this.#files, durability, {
      onRetry: (error) => this.#retrying(error),
      onLost: (error) =>
        this.#end(
          new MillraceError(
            'SINK_FAILED',
            `the journal could not be synced to disk: ${error.message}`,
            'check the disk; the records since the last sync may be lost',
            { cause: error },
          ),
        ),
    });
  }

  get digest(): string {
    return this.#encoder.digest;
  }

  get figures(): NonNullable<EngineStats['journal']> {
    if (this.#writer.safe === this.#writer.framed) this.#safeSeq = this.#lastSeq;
    return {
      records: this.#records,
      bytes: this.#writer.written,
      pendingBytes: this.#writer.pending,
      syncedSeq: this.#safeSeq,
      errors: this.#errors,
    };
  }

  open(): Promise<void> {
    try {
      this.#removeFolders = newFolders(this.#files, this.path);
      this.#files.makeFolder(this.path);
      if (this.#segment === 0 && this.#files.list(this.path).some((name) => SEGMENT.test(name))) {
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `the journal folder ${this.path} is not empty`,
          'every session writes to a folder of its own; choose another path or session id',
        );
      }
      this.#ended = undefined;
      this.#begin(this.#resumedAt);
      if (!this.#writer.flush()) throw this.#writer.lastError ?? new Error('unknown error');
      // The number of this life must survive a power cut whatever the durability: client order ids are made of it.
      return this.#context.mode === 'live' ? this.#writer.sync() : Promise.resolve();
    } catch (error) {
      return this.discard().then(() => Promise.reject(openError('the journal', this.path, error)));
    }
  }

  resume({ segment, seq, at, encoder }: JournalPosition): void {
    this.#segment = segment;
    this.#lastSeq = this.#safeSeq = seq;
    this.#resumedAt = at;
    if (encoder === undefined) return;
    this.#encoder = encoder;
    this.#encoding = this.#makeEncoding();
  }

  write(event: Event): void {
    this.#context.fail(
      new MillraceError(
        'INVARIANT',
        `the journal takes whole turns, not the single record ${event.kind} of turn ${event.seq}`,
      ),
    );
  }

  frame(input: Event, children: readonly Event[]): void {
    if (this.#ended !== undefined) {
      this.#errors++;
      return;
    }
    const writer = this.#writer;
    try {
      if (this.#segmentAt < 0) this.#segmentAt = input.at;
      if (
        writer.framed - this.#segmentStart >= this.#segmentBytes ||
        input.at - this.#segmentAt >= this.#segmentTime
      )
        this.#begin(input.at);
      this.#encoding.frame(writer.buffer, input, children);
    } catch (error) {
      return this.#end(error instanceof Error ? error : new Error(String(error)));
    }
    this.#lastSeq = input.seq;
    this.#records += 1 + children.length;
    if (writer.pending < this.#writeBytes) {
      if (this.#timer === undefined) this.#timer = setTimeout(this.#onTimer, this.#flushMs);
      return;
    }
    if (writer.flush()) this.#full = false;
    else if (writer.pending >= this.#bufferBytes) this.#overflow();
  }

  commit(done: () => void): void {
    // An ended journal makes no more promises: `done` is never called and the engine has been told.
    if (this.#ended !== undefined) return;
    this.#writer.commit(() => {
      try {
        done();
      } catch (error) {
        this.#context.fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  checkpoint(stateHash: string): void {
    if (this.#ended !== undefined) return;
    this.#encoding.checkpoint(this.#writer.buffer, {
      seq: this.#lastSeq,
      digest: this.digest,
      state: stateHash,
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#segment === 0) return;
    if (this.#ended === undefined) {
      this.#encoding.end(this.#writer.buffer, { seq: this.#lastSeq, digest: this.digest });
      this.#ended = 'it is closed';
    }
    try {
      await this.#writer.close(this.#options.closeMs ?? 5_000);
    } catch (error) {
      throw new MillraceError(
        'SINK_FAILED',
        `the journal ${this.path} was not completed: ${error instanceof Error ? error.message : String(error)}`,
        'what is on disk is a complete beginning; replay it to see where it ends',
        { cause: error },
      );
    }
    this.#safeSeq = this.#lastSeq;
  }

  /** No turn was framed: what is left of a file that holds nothing but its header would only mislead. */
  discard(): Promise<void> {
    clearTimeout(this.#timer);
    this.#ended = 'it is closed';
    const file = this.#writer.abandon();
    if (file !== '') this.#files.remove(file);
    this.#removeFolders();
    return Promise.resolve();
  }

  #makeEncoding(): SegmentEncoding {
    return this.#kind === 'binary' ? binaryEncoding(this.#encoder) : jsonlEncoding(this.#encoder);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#writer.flush();
  };

  #begin(at: Micros): void {
    this.#segment++;
    this.#segmentStart = this.#writer.framed;
    this.#segmentAt = at > 0 ? at : -1;
    this.#writer.begin(
      join(this.path, `${String(this.#segment).padStart(6, '0')}.${this.#encoding.extension}`),
    );
    this.#encoding.begin(this.#writer.buffer, this.#header(at));
  }

  #header(at: Micros): JournalHeader {
    const { context, info } = { context: this.#context, info: this.#context.sessionInfo };
    return {
      schema: JOURNAL_SCHEMA,
      format: FORMAT,
      encoding: this.#kind,
      session: context.session,
      originalSession: info?.originalSession ?? context.session,
      mode: context.mode,
      build: info?.build ?? '',
      node: process.version,
      configurationHash: info?.configurationHash ?? '',
      configuration: info?.configuration ?? '',
      strategies: info?.strategies ?? [],
      instruments: context.instruments.all,
      baseDir: info?.baseDir ?? '',
      startedAt: info?.startedAt ?? 0,
      topology: info?.topology ?? '',
      life: info?.life ?? 1,
      opening: info?.opening ?? '',
      segment: this.#segment,
      at,
      after: this.#lastSeq,
      digest: this.digest,
    };
  }

  #retrying(error: Error): void {
    this.#errors++;
    if (this.#errors === 1)
      this.#context.log.error('the journal cannot write and tries again', {
        path: this.path,
        error: error.message,
      });
  }

  #overflow(): void {
    if (this.#writer.flush(true)) {
      this.#full = false;
      return;
    }
    const reason = this.#writer.lastError?.message ?? 'the disk takes no bytes';
    if (!this.#full) {
      this.#full = true;
      this.#context.fail(
        new MillraceError(
          'JOURNAL_FULL',
          `the journal cannot write (${reason}) and ${this.#writer.pending} bytes wait`,
          'free space or repair the disk; nothing is lost while the process lives',
          { cause: this.#writer.lastError },
        ),
      );
    }
    if (this.#writer.pending >= this.#bufferBytes * 2)
      this.#end(
        new MillraceError(
          'JOURNAL_FULL',
          `the journal ends after turn ${this.#lastSeq}: ${reason} and its buffer is full twice over`,
          'what is written stays a complete beginning',
        ),
      );
  }

  /** No more frames: a hole must never appear between two of them. */
  #end(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error.message;
    this.#errors++;
    this.#context.fail(error);
  }
}
