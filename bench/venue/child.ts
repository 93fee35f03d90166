import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Block, Said } from './messages.js';

/** A process of a measurement, and what it says, in order. */
export class Child {
  readonly #process: ChildProcess;
  readonly #said: Said[] = [];
  #wake: () => void = () => undefined;

  constructor(script: string, argument: unknown, node: string) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#process = fork(path, [JSON.stringify(argument)], {
      execPath: node,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const heard = (said: Said): void => {
      this.#said.push(said);
      this.#wake();
    };
    this.#process.on('message', heard);
    this.#process.on('exit', (code) =>
      heard({ type: 'failed', reason: `${script} ended with ${code ?? 'a signal'}` }),
    );
  }

  async next<T extends Said['type']>(type: T, waitMs = 60_000): Promise<Extract<Said, { type: T }>> {
    if (this.#said.length === 0) {
      await new Promise<void>((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`nothing was heard for ${waitMs} ms`)), waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    const said = this.#said.shift();
    if (said?.type === 'failed') throw new Error(said.reason);
    if (said?.type !== type) throw new Error(`expected ${type}, heard ${said?.type ?? 'nothing'}`);
    return said as Extract<Said, { type: T }>;
  }

  send(block: Block): void {
    this.#process.send(block);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((done) => this.#process.once('exit', done));
    if (this.#process.connected) this.#process.disconnect();
    const force = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }
}
