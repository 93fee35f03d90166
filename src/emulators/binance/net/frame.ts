const FIN = 0x80;
const TEXT = 0x1;
const BINARY = 0x2;

/** One complete, unmasked WebSocket message (RFC 6455, 5.2) as a server sends it: made once, written to many sockets. */
export function messageFrame(text: string, binary: boolean = false): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FIN | (binary ? BINARY : TEXT);
  if (header === 2) {
    frame[1] = length;
  } else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(text, header);
  return frame;
}
