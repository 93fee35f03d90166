import { join } from 'node:path';
import { MillraceError } from '../../model/reason.js';
import type { Event } from '../../model/record.js';
import { isoMicros, type Micros } from '../../model/time.js';
import { zone, type Zone } from '../../model/zone.js';
import type { StateView } from '../../state/view.js';
import { BufferedFile } from '../buffered-file.js';
import { csvRow } from '../csv.js';
import { nodeFiles, type FilePort } from '../file-port.js';
import { newFolders } from '../new-folders.js';
import { openError } from '../open-error.js';
import { redact } from '../secrets.js';
import { SeenFills } from '../seen-fills.js';
import { makeSessionFolder, timeText, writeSessionFile, type SessionFile } from './session-folder.js';
import type { TurnSink } from '../sink.js';
import { recordRow, TABLES, type Cell, type TableName } from './tables.js';

export interface RecordsOptions {
  /** Folder that holds the folders of the days. */
  readonly path: string;
  /** Zone of the day in the folder's name. */
  readonly zone: string;
  readonly bars: boolean;
  /** Engine time between two equity samples. */
  readonly equityEvery: Micros;
  /** Bytes of one file that may wait for the disk; further rows are lost and counted. */
  readonly maxBytes: number;
  readonly session: string;
  readonly name: string;
  readonly mode: string;
  readonly build: string;
  readonly state: Pick<StateView, 'seq' | 'at' | 'portfolio' | 'orders'>;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** A row could not be kept. Called once until the disk takes rows again. */
  fail(error: Error): void;
  readonly files?: FilePort;
  /** Wall clock, in microseconds; read when it opens and closes. */
  readonly wall?: () => Micros;
}

const FLUSH_MS = 100;

/**
 * One session as CSV files that a spreadsheet, pandas or DuckDB reads: orders, fills, positions, denials and more.
 * It is written in the turn, so that the same session gives the same rows at any pace.
 */
export class RecordsSink implements TurnSink {
  readonly #options: RecordsOptions;
  readonly #files: FilePort;
  readonly #zone: Zone;
  readonly #wall: () => Micros;
  readonly #tables = new Map<TableName, BufferedFile>();
  readonly #rows: Partial<Record<TableName, number>> = {};
  readonly #fills: SeenFills;
  #timer: ReturnType<typeof setInterval> | undefined;
  #folder: string | undefined;
  #started = '';
  #first: Micros = 0;
  #last: Micros = 0;
  readonly #accounts = new Set<string>();
  #nextEquity: Micros = 0;
  #equitySeq = -1;
  #lost = 0;
  #failed = false;
  #removeFolders = (): void => undefined;

  constructor(options: RecordsOptions) {
    this.#options = options;
    this.#files = options.files ?? nodeFiles;
    this.#fills = new SeenFills(options.state.orders);
    this.#zone = zone(options.zone);
    this.#wall = options.wall ?? ((): Micros => Date.now() * 1000);
  }

  /** Folder of the session; undefined before the first record, whose engine time names the day. */
  get folder(): string | undefined {
    return this.#folder;
  }
  /** Engine time of the next row of equity.csv. */
  get sampleAt(): Micros {
    return this.#nextEquity;
  }
  /** Rows that could not be kept. */
  get lost(): number {
    return this.#lost;
  }

  /** Rejects when nothing can be written below `path`. */
  open(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#started = isoMicros(this.#wall());
      this.#removeFolders = newFolders(this.#files, this.#options.path);
      this.#files.makeFolder(this.#options.path);
      this.#timer = setInterval(() => this.tick(), FLUSH_MS);
      this.#timer.unref();
      resolve();
    }).catch((error: unknown) => {
      this.#removeFolders();
      throw openError('the records', this.#options.path, error);
    });
  }

  /** One step of the timer: writes what waits. */
  tick(): void {
    for (const file of this.#tables.values()) file.tick();
  }

  write(event: Event): void {
    if (this.#folder === undefined) this.#begin(event.at);
    if (event.at > this.#last) this.#last = event.at;
    const filled = event.kind === 'execution' && event.report === 'fill';
    if (filled && this.#fills.repeated(event)) return;
    if (event.kind !== 'bar' || this.#options.bars) {
      const row = recordRow(event, (id) => this.#options.state.orders.byClientOrderId(id)?.strategy ?? '');
      if (row !== undefined) this.#row(row.table, row.cells);
    }
    if (filled || (event.kind === 'account' && this.#isNew(event.account))) this.#equity();
  }

  /** A row of equity.csv for every account, from State as this turn leaves it. */
  sample(): void {
    const { state, equityEvery } = this.#options;
    this.#nextEquity = (Math.floor(state.at / equityEvery) + 1) * equityEvery;
    if (this.#folder !== undefined) this.#equity();
  }

  /** Writes what waits now. False: the disk does not take all of it. */
  flush(): boolean {
    let all = true;
    for (const file of this.#tables.values()) all = file.flush() && all;
    return all;
  }

  /** Completes the files and `session.json`; rejects when rows could not be written. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const wall = this.#wall();
    if (this.#folder === undefined) this.#begin(wall);
    else this.#equity();
    const results = await Promise.allSettled([...this.#tables.values()].map((file) => file.close()));
    const first = timeText(this.#first);
    const last = timeText(this.#last);
    this.#describe({
      ...this.#head('complete'),
      stopped: isoMicros(wall),
      ...(last === undefined || first === undefined ? {} : { firstRecord: first, lastRecord: last }),
      rows: { ...this.#rows },
      lost: this.#lost,
    });
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Nothing was recorded: the folder of the sessions goes again if this one made it. */
  discard(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#removeFolders();
    return Promise.resolve();
  }

  #begin(at: Micros): void {
    const { path, bars } = this.#options;
    const folder = makeSessionFolder(this.#files, path, at, this.#zone);
    this.#folder = folder;
    this.#first = this.#last = at;
    for (const table of Object.keys(TABLES) as TableName[]) {
      if (table === 'bars' && !bars) continue;
      const name = join(folder, `${table}.csv`);
      const file = new BufferedFile({
        files: this.#files,
        path: name,
        maxBytes: this.#options.maxBytes,
        onState: (error) => this.#disk(name, error),
      });
      this.#tables.set(table, file);
      this.#rows[table] = 0;
      file.write(`${TABLES[table].join(',')}\n`);
    }
    this.#describe(this.#head('running'));
  }

  #head(state: SessionFile['state']): SessionFile {
    const { session, name, mode, build } = this.#options;
    return { session, name, mode, build, started: this.#started, state };
  }

  /** A disk that does not take session.json is no reason to lose rows. */
  #describe(content: SessionFile): void {
    try {
      writeSessionFile(this.#files, this.#folder ?? '', content);
    } catch (error) {
      this.#options.log.warn(`session.json could not be written: ${String(error)}`);
    }
  }

  #row(table: TableName, cells: readonly Cell[]): void {
    const safe = cells.map((cell) => (typeof cell === 'string' ? redact(cell) : cell));
    const taken = this.#tables.get(table)?.write(`${csvRow([this.#options.session, ...safe])}\n`) ?? false;
    if (taken) this.#rows[table] = (this.#rows[table] ?? 0) + 1;
    else {
      this.#lost++;
      if (this.#failed) return;
      this.#failed = true;
      this.#options.fail(
        new MillraceError(
          'SINK_FAILED',
          `a row of ${table}.csv was lost`,
          `free the disk of ${this.#folder ?? this.#options.path}; session.json counts the rows that are lost`,
        ),
      );
    }
  }

  #disk(file: string, error: Error | undefined): void {
    if (error !== undefined) this.#options.log.warn(`${file}: cannot write, trying again: ${error.message}`);
    else {
      this.#failed = false;
      this.#options.log.info(`${file}: writing again.`);
    }
  }

  #isNew(account: string): boolean {
    if (this.#accounts.has(account)) return false;
    this.#accounts.add(account);
    return true;
  }

  /** At most one row an account and turn. */
  #equity(): void {
    const { state } = this.#options;
    if (state.seq === this.#equitySeq) return;
    this.#equitySeq = state.seq;
    const p = state.portfolio;
    for (const account of p.accounts())
      this.#row('equity', [
        ...[state.seq, 0, isoMicros(state.at), account, p.baseCurrency, p.equity(account)?.toFixed()],
        ...[p.realizedPnl(account).toFixed(), p.unrealizedPnl(account)?.toFixed(), p.fees(account).toFixed()],
        ...[p.grossExposure(account)?.toFixed(), p.netExposure(account)?.toFixed()],
      ]);
  }
}
