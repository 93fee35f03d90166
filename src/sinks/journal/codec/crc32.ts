/** CRC-32 (IEEE 802.3, as in zip and gzip) of bytes, eight at a time; about half a nanosecond a byte. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const low =
      crc ^ (at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24));
    crc =
      table(1792 + (low & 0xff)) ^
      table(1536 + ((low >>> 8) & 0xff)) ^
      table(1280 + ((low >>> 16) & 0xff)) ^
      table(1024 + (low >>> 24)) ^
      table(768 + at(bytes, i + 4)) ^
      table(512 + at(bytes, i + 5)) ^
      table(256 + at(bytes, i + 6)) ^
      table(at(bytes, i + 7));
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ table((crc ^ at(bytes, i)) & 0xff);
  return (crc ^ -1) >>> 0;
}

// Indexes are inside the arrays by construction.
const at = (bytes: Uint8Array, index: number): number => bytes[index] as number;
const table = (index: number): number => TABLES[index] as number;

/** Table k gives the effect of one byte followed by k zero bytes. */
const TABLES: Int32Array = ((): Int32Array => {
  const tables = new Int32Array(8 * 256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[n] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] ?? 0;
    tables[i] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
})();
