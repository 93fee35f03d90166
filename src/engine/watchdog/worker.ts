import { parentPort, workerData } from 'node:worker_threads';
import { nodeFiles } from '../../sinks/file-port.js';
import { Heartbeat } from './heartbeat.js';
import { panic, type PanicOptions } from './panic.js';
import { Watch } from './watch.js';

/** What the main thread gives its watchdog. Plain data, credentials of `tasks` included: nothing of it is ever printed. */
export interface WatchdogData {
  readonly shared: SharedArrayBuffer;
  readonly stallMs: number;
  readonly stepMs: number;
  readonly latch: string | undefined;
  readonly report: string | undefined;
  readonly tasks: PanicOptions['tasks'];
}

/** The watchdog's thread: looks at the heartbeat, and acts when it stands still. */
function main(data: WatchdogData): void {
  const heartbeat = new Heartbeat(data.shared);
  const watch = new Watch(data.stallMs, data.stepMs);
  let acting = false;
  setInterval(() => {
    if (acting || heartbeat.tripped) {
      watch.reset();
      return;
    }
    if (!watch.look(performance.now(), heartbeat.beats)) return;
    acting = true;
    // The gate first: if the main thread comes back this moment, nothing leaves any more.
    heartbeat.tripped = true;
    const reason = `the main thread hung for ${(data.stallMs / 1_000).toString()} s`;
    const { latch, report, tasks } = data;
    void panic(
      { files: nodeFiles, latch, report, tasks, reason, now: () => new Date() },
      (outcome) => parentPort?.postMessage(outcome),
      () => heartbeat.tripped,
    ).finally(() => {
      acting = false;
    });
  }, data.stepMs);
  parentPort?.postMessage('watching');
}

main(workerData as WatchdogData);
