import type { PanicReport, PanicTask } from '../../brokers/broker.js';
import { redact } from '../../model/secrets.js';
import { writeWhole, type FilePort } from '../../sinks/file-port.js';
import { LatchFile } from '../kill/latch-file.js';

export interface PanicOptions {
  readonly files: FilePort;
  /** Undefined: this session keeps no latch on disk. */
  readonly latch: string | undefined;
  readonly report: string | undefined;
  readonly tasks: readonly { readonly broker: string; readonly task: PanicTask }[];
  readonly reason: string;
  readonly now: () => Date;
}

/** What a watchdog did, as its report file and the main thread get it. */
export interface PanicOutcome {
  readonly at: string;
  readonly reason: string;
  /** `disk`, or why it is not there. */
  readonly latch: string;
  readonly brokers: readonly (PanicReport & { readonly broker: string })[];
  /** True: every venue said that no order is open. */
  readonly verified: boolean;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Longest time one attempt at a venue may take. */
const ATTEMPT_MS = 30_000;

/**
 * What is left to do when the main thread hangs: latch on disk, then cancel everything at every venue through sessions
 * of its own, again and again until the venues say that nothing is open. `tell` hears of each attempt.
 */
export async function panic(
  options: PanicOptions,
  tell: (outcome: PanicOutcome) => void,
  goOn: () => boolean = () => true,
): Promise<PanicOutcome> {
  const latch = writeLatch(options);
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const brokers = await Promise.all(
      options.tasks.map(async ({ broker, task }) => ({ broker, ...(await attempt(task)) })),
    );
    const outcome: PanicOutcome = {
      at: options.now().toISOString(),
      reason: options.reason,
      latch,
      brokers,
      verified: brokers.every(({ verified }) => verified),
    };
    writeReport(options, outcome);
    tell(outcome);
    if (outcome.verified || !goOn()) return outcome;
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }
}

function writeLatch({ files, latch, reason, now }: PanicOptions): string {
  if (latch === undefined) return 'memory only: this session keeps no files of its own';
  const file = new LatchFile(files, latch);
  try {
    const before = file.read().filter(({ scope }) => scope !== 'global');
    file.write([...before, { scope: 'global', actor: 'watchdog', reason, since: now().toISOString() }]);
    return 'disk';
  } catch (error) {
    return `memory only: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    file.close();
  }
}

/** One attempt at one venue. Whatever goes wrong is an answer: not verified. */
async function attempt(task: PanicTask): Promise<PanicReport> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ATTEMPT_MS / 1_000} s`)), ATTEMPT_MS);
    });
    const module = (await import(task.module)) as {
      readonly cancelEverything: (options: PanicTask['options']) => Promise<PanicReport>;
    };
    const report = await Promise.race([module.cancelEverything(task.options), late]);
    return { ...report, verified: report.verified === true };
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : String(error));
    return { cancelled: 0, verified: false, reason };
  } finally {
    clearTimeout(timer);
  }
}

function writeReport({ files, report }: PanicOptions, outcome: PanicOutcome): void {
  if (report === undefined) return;
  try {
    writeWhole(files, report, `${JSON.stringify(outcome, null, 2)}\n`);
  } catch {
    // The main thread is told anyway, when it comes back; the latch has its own word.
  }
}
