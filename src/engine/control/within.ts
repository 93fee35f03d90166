import { ControlError } from './route.js';

/** Longest a turn may take to come. */
const TURN_MS = 10_000;

/** The answer, or 503 when it does not come within `ms` and the time a turn may take. */
export async function within<T>(answer: Promise<T>, ms = 0): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ControlError(
            503,
            'NOT_REDUCED',
            'the command was taken, but its turn has not come yet',
            'it is not lost: `millrace status` shows whether it came; `millrace kill` also works by file',
          ),
        ),
      ms + TURN_MS,
    );
    timer.unref();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
