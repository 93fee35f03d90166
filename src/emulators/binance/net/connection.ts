import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ActiveFault } from '../faults/active-fault.js';
import type { Channel, FaultBoard, MessageClass } from '../faults/fault-board.js';
import type { TimeUnit } from '../types.js';
import { damaged } from './damage.js';
import { messageFrame } from './frame.js';

/** Bytes a client may leave unread before the venue cuts it off. */
const MOST_UNREAD = 64 * 1024 * 1024;
/** Messages a delay may hold back. */
const MOST_HELD = 100_000;

interface Held {
  readonly text: string;
  /** Messages that still pass it; Infinity: all wait for the time. */
  passing: number;
}

/**
 * One WebSocket client. Frames are made here and written in one go for everything that is said within one turn of the
 * host; `ws` reads, and does pings and closes. Faults of messages strike in {@link Connection.send}.
 */
export class Connection {
  readonly id: number;
  readonly channel: Channel;
  readonly ip: string;
  readonly timeUnit: TimeUnit;
  readonly ws: WebSocket;
  readonly openedAt: number = Date.now();
  sent: number = 0;
  received: number = 0;
  /** A half-open connection: nothing is read or written any more, and nobody is told. */
  frozen: boolean = false;
  readonly #socket: Duplex;
  readonly #board: FaultBoard;
  #corked = false;
  /** Messages wait for a delay. */
  #waiting: string[] | undefined;
  #held: Held | undefined;

  constructor(
    id: number,
    channel: Channel,
    ip: string,
    timeUnit: TimeUnit,
    ws: WebSocket,
    socket: Duplex,
    board: FaultBoard,
  ) {
    this.id = id;
    this.channel = channel;
    this.ip = ip;
    this.timeUnit = timeUnit;
    this.ws = ws;
    this.#socket = socket;
    this.#board = board;
  }

  get open(): boolean {
    return this.ws.readyState === 1;
  }

  /** Says a message of a class; `name` is its stream, event type or operation. */
  send(text: string, message: MessageClass, name: string): void {
    this.sendFrame(undefined, text, message, name);
  }

  /** The same with the frame already made, for messages many clients get. */
  sendFrame(frame: Buffer | undefined, text: string, message: MessageClass, name: string): void {
    if (this.frozen || this.ws.readyState !== 1) return;
    if (this.#board.messages.length > 0) {
      const fault = this.#board.onMessage(this.channel, message, name);
      if (fault !== undefined) return this.#strike(fault, text);
    }
    if (this.#waiting !== undefined || this.#held !== undefined) this.#queue(text);
    else this.#write(frame ?? messageFrame(text));
  }

  /** Cuts the connection without a goodbye. */
  cut(): void {
    this.ws.terminate();
  }

  close(code: number, reason: string): void {
    if (this.frozen) this.cut();
    else this.ws.close(code, reason);
  }

  #write(frame: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    this.sent++;
    this.#socket.write(frame);
    if (this.#socket.writableLength > MOST_UNREAD) this.cut();
  }

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };

  #queue(text: string): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(text);
      if (this.#waiting.length > MOST_HELD) this.cut();
      return;
    }
    this.#write(messageFrame(text));
    if (this.#held !== undefined && --this.#held.passing <= 0) this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && !this.frozen && this.open) this.#write(messageFrame(held.text));
  }

  #strike(fault: ActiveFault, text: string): void {
    const { spec } = fault;
    switch (spec.kind) {
      case 'drop_message':
      case 'stale_user_stream':
      case 'depth_gap':
        return;
      case 'duplicate_message':
        this.#queue(text);
        this.#queue(text);
        return;
      case 'delay_message':
        this.#wait(spec.delay_ms);
        this.#queue(text);
        return;
      case 'reorder_messages':
        this.#release();
        this.#held = { text, passing: spec.hold };
        setTimeout(() => this.#release(), spec.delay_ms).unref();
        return;
      case 'torn_frame':
        this.#tear(text);
        return;
      case 'half_open':
        this.frozen = true;
        this.#socket.pause();
        return;
      case 'disconnect':
        this.cut();
        return;
      case 'disconnect_after':
        this.#queue(text);
        this.#socket.end();
        return;
      case 'binary_frame':
        this.#write(messageFrame(text, true));
        return;
      default:
        for (const changed of damaged(spec.kind, text, this.id)) this.#queue(changed);
    }
  }

  #wait(ms: number): void {
    if (this.#waiting !== undefined) return;
    this.#waiting = [];
    setTimeout(() => {
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      if (!this.frozen && this.open) for (const text of waiting) this.#write(messageFrame(text));
    }, ms);
  }

  #tear(text: string): void {
    const frame = messageFrame(text);
    this.frozen = true;
    this.#socket.write(frame.subarray(0, Math.max(1, frame.length >> 1)), () => this.#socket.destroy());
  }
}
