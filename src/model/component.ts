import type { InstrumentTable } from './instruments.js';

export type Mode = 'replay' | 'paper' | 'live';

/** Where a relative path of a topology starts, and what a component may know of its surroundings. */
export interface ComponentContext {
  readonly name: string;
  readonly mode: Mode;
  /** Folder of the topology file. */
  readonly baseDir: string;
  readonly instruments: InstrumentTable;
  readonly log: Log;
  /** Session id: part of client order ids and of file names. */
  readonly session: string;
  /** Seed from configuration for this component. */
  readonly seed: number;
  /** sha256 of the canonical resolved configuration without secrets. */
  readonly configurationHash?: string;
  /** Version of the build that runs. */
  readonly build?: string;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
