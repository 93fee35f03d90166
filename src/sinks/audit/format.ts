import { createHash } from 'node:crypto';
import { isoMicros, type Micros } from '../../model/time.js';
import { csvRow } from '../csv.js';

/** One thing that happened, as an auditor reads it. */
export interface AuditEntry {
  readonly seq: number;
  readonly sub: number;
  /** Engine time; for the first and last line of a session the wall clock. */
  readonly at: Micros;
  readonly type: string;
  /** Who caused it: a strategy, an operator of the control surface, a connection, the engine. */
  readonly actor: string;
  readonly reason: string;
  readonly details: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Place of a line in the chain. */
export interface ChainLink {
  /** From 1; goes on through the sessions of a file. */
  readonly line: number;
  readonly prev: string;
  readonly hash: string;
}

export interface ReadLine extends ChainLink {
  readonly type: string;
  /** What the hash should be by the line's own text. */
  readonly computed: string;
}

export interface AuditFormat {
  /** Written once at the top of a file, with its line end; empty: none. */
  readonly header: string;
  encode(entry: AuditEntry, line: number, prev: string): { readonly text: string; readonly hash: string };
  /** `undefined`: the text is not a line of this format. */
  decode(text: string): ReadLine | undefined;
}

export type AuditFormatName = 'jsonl' | 'csv';

/** `prev` of the first line of a file. */
export const FIRST_PREV: string = '0'.repeat(64);

/** sha256 of the previous hash followed by the line without its own hash. */
function chainHash(prev: string, canonical: string): string {
  return createHash('sha256').update(prev).update(canonical).digest('hex');
}

const JSONL_TAIL = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/;

const jsonl: AuditFormat = {
  header: '',
  encode(entry, line, prev) {
    const { seq, sub, at, type, actor, reason, details, metadata } = entry;
    const fields = { line, seq, sub, time: isoMicros(at), at, type, actor, reason, details, metadata, prev };
    const canonical = JSON.stringify(fields);
    const hash = chainHash(prev, canonical);
    return { text: `${canonical.slice(0, -1)},"hash":"${hash}"}\n`, hash };
  },
  decode(text) {
    const match = JSONL_TAIL.exec(text);
    if (match === null) return undefined;
    const canonical = `${match[1] ?? ''}}`;
    try {
      const { line, prev, type } = JSON.parse(canonical) as Record<string, unknown>;
      if (typeof line !== 'number' || typeof prev !== 'string' || typeof type !== 'string') return undefined;
      return { line, prev, type, hash: match[2] ?? '', computed: chainHash(prev, canonical) };
    } catch {
      return undefined;
    }
  },
};

// Line, seq, sub, time, at and type hold neither commas nor quotes, so the ends of a record can be read by pattern.
const CSV_ENDS = /^(\d+),\d+,\d+,[^,"]+,-?\d+,([^,"]+),.*,([0-9a-f]{64}),([0-9a-f]{64})$/;

/** Keeps a record on one line of the file; the text stays readable. */
function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

const csv: AuditFormat = {
  header: 'line,seq,sub,time,at,type,actor,reason,details,metadata,prev,hash\n',
  encode(entry, line, prev) {
    const { seq, sub, at, type, actor, reason, details, metadata } = entry;
    const texts = [type, actor, reason, details, JSON.stringify(metadata)].map(oneLine);
    const canonical = csvRow([line, seq, sub, isoMicros(at), at, ...texts, prev]);
    const hash = chainHash(prev, canonical);
    return { text: `${canonical},${hash}\n`, hash };
  },
  decode(text) {
    const match = CSV_ENDS.exec(text);
    if (match === null) return undefined;
    const prev = match[3] ?? '';
    const hash = match[4] ?? '';
    const computed = chainHash(prev, text.slice(0, -(hash.length + 1)));
    return { line: Number(match[1]), prev, type: match[2] ?? '', hash, computed };
  },
};

export const AUDIT_FORMATS: Readonly<Record<AuditFormatName, AuditFormat>> = { jsonl, csv };

/** By the name of the file: `.csv` is CSV, everything else JSONL. */
export function auditFormatOf(path: string): AuditFormatName {
  return path.toLowerCase().endsWith('.csv') ? 'csv' : 'jsonl';
}
