import type { FilePort } from '../sinks/file-port.js';
import type { RecoverySettings } from '../topology/recovery-schema.js';
import type { LoadResult } from '../topology/load.js';
import type { Log } from '../topology/spec.js';
import type { Engine } from './engine.js';
import type { Operations } from './operations.js';
import type { Safety } from './safety.js';

export interface RunOptions {
  /** Default: nothing is logged. */
  readonly log?: Log;
  readonly session?: string;
  /** Whether to go on from the run before; default: what the topology says under `recovery:`. */
  readonly resume?: RecoverySettings['resume'];
  /** Ends the run: sources stop, then the drain. */
  readonly signal?: AbortSignal;
  /** Needed, beside `mode: live`, to send real orders. */
  readonly live?: boolean;
  /** How latch and arming reach the disk; default: the real one. */
  readonly files?: FilePort;
  /** Called once, before anything opens: what an operator can do, from now to the end of the run. */
  readonly onOperations?: (operations: Operations, safety: Safety) => void;
  /** Reads the topology again, for `millrace reload`; absent: it was made in code. */
  readonly reload?: () => Promise<LoadResult>;
  /** Called once with the address of the control surface, when it listens. */
  readonly onControl?: (url: string) => void;
  /** Ends the run by itself after this wall time. */
  readonly forMs?: number;
  /** Called about every 100 ms of wall time, between turns. */
  readonly onProgress?: (engine: Engine) => void;
  /** Called once, after everything is open and before the start turn. A promise is waited for; a throw ends the run. */
  readonly onOpen?: (engine: Engine) => unknown;
}
