import type { Engine } from '../engine/engine.js';
import { monotonicMs } from '../engine/guard.js';
import { isoMicros } from '../model/time.js';
import { liveView, tradingText } from './live-view.js';

/** Where progress goes; a terminal is redrawn in place, anything else gets plain lines. */
export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

const REDRAW_MS = 200;
const HEARTBEAT_MS = 10_000;

/** Shows a running engine: event rate, positions, profit, orders, denials. Never more often than a person can read. */
export class Progress {
  readonly #screen: Screen;
  #lines = 0;
  #lastDraw = 0;
  #lastBeat = monotonicMs();
  #lastSeq = 0;
  #lastTime = monotonicMs();
  #rate = 0;
  readonly #seen = new Map<string, number>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  update(engine: Engine): void {
    const now = monotonicMs();
    if (this.#screen.isTTY) {
      if (now - this.#lastDraw < REDRAW_MS) return;
      this.#lastDraw = now;
      this.#measure(engine, now);
      this.#draw(liveView(engine, this.#rate, Math.max(20, this.#screen.columns - 1)));
    } else if (now - this.#lastBeat >= HEARTBEAT_MS) {
      this.#lastBeat = now;
      this.#heartbeat(engine);
    }
  }

  /** Removes the live block, so that the summary takes its place. */
  clear(): void {
    if (this.#lines > 0) this.#screen.write(`\u001b[${this.#lines}A\u001b[0J`);
    this.#lines = 0;
  }

  #measure(engine: Engine, now: number): void {
    const seconds = (now - this.#lastTime) / 1000;
    if (seconds <= 0) return;
    this.#rate = Math.round((engine.driver.seq - this.#lastSeq) / seconds);
    this.#lastSeq = engine.driver.seq;
    this.#lastTime = now;
  }

  #draw(lines: readonly string[]): void {
    const up = this.#lines > 0 ? `\u001b[${this.#lines}A` : '';
    this.#screen.write(`${up}${lines.map((line) => `\u001b[2K${line}`).join('\n')}\n\u001b[0J`);
    this.#lines = lines.length;
  }

  #heartbeat(engine: Engine): void {
    const trading = tradingText(engine.state.control);
    if (trading !== 'active') this.#screen.write(`trading ${trading}\n`);
    for (const root of engine.graph.roots) {
      if (!root.market) continue;
      const before = this.#seen.get(root.name) ?? 0;
      this.#seen.set(root.name, root.events);
      const word = root.events > before ? 'heartbeat OK' : 'STALE';
      this.#screen.write(
        `${word} ${root.name}: ${root.events.toLocaleString('en-US')} events, newest ${root.lastAt === 0 ? 'never' : isoMicros(root.lastAt)}\n`,
      );
    }
  }
}
