import { EVENT_KINDS, type EventKind } from '../../../model/record.js';

/**
 * The binary layout, version 1. Little-endian; every record starts at a multiple of 8 and is padded with zeros.
 *
 * Record: word 0 = type | length in 8 bytes << 8; word 1 = checksum (lane x of {@link WordHash}); then the body.
 * Frame body: word 2 = low 32 bits of seq; word 3 = high 12 bits of seq | child count << 12; then input and children.
 * Event: word 0 = kind | flags << 8 | source id << 16; word 1 = instrument id, or bytes of JSON;
 * then `at` and `ts` as 64-bit floats; then the fixed fields of the kind, or the payload as JSON text.
 * `sub` is the place in the frame; `seq` is the frame's.
 */
export const MAGIC = 'MLRJ\u0001\r\n\u001a';
export const FORMAT = 1;

export const RECORD = { header: 1, source: 2, instrument: 3, frame: 4, checkpoint: 5, end: 6 } as const;

export const MAX_RECORD_BYTES: number = 0xffffff * 8;
export const MAX_CHILDREN = 0xfffff;
export const MAX_SEQ: number = 2 ** 44 - 1;
export const MAX_NAMES = 0xffff;

/** Flag of an event whose payload is JSON text. */
export const AS_JSON = 0x80;
/** Flags of a trade: aggressor in two bits (2 = seller), then how its id is stored. */
export const SELLER = 2;
export const ID_NUMBER = 4;
export const SNAPSHOT = 1;

export const KIND_NUMBER: Readonly<Record<EventKind, number>> = Object.fromEntries(
  EVENT_KINDS.map((kind, i) => [kind, i]),
) as Record<EventKind, number>;
export const BAR_BASES = ['trade', 'bid', 'ask', 'mid'] as const;
