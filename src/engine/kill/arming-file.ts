import { z } from 'zod';
import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { writeWhole, type FilePort } from '../../sinks/file-port.js';

const schema = z.strictObject({
  version: z.literal(1),
  configuration: z.string(),
  accounts: z.record(z.string(), z.strictObject({ actor: z.string(), armed: z.iso.datetime() })),
  /** When the engine last said that they are armed. */
  seen: z.iso.datetime(),
});

export interface ArmedAccount {
  readonly account: string;
  readonly actor: string;
  /** ISO 8601. */
  readonly armed: string;
}

/**
 * Which live accounts are armed, so that a restart within a short time need not ask again. It holds for the same
 * configuration only; what is older than `remember`, from the future or not readable is forgotten.
 */
export class ArmingFile {
  readonly #files: FilePort;
  readonly #path: string;
  readonly #configuration: string;
  readonly #remember: Micros;
  readonly #now: () => Date;

  constructor(files: FilePort, path: string, configuration: string, remember: Micros, now: () => Date) {
    this.#files = files;
    this.#path = path;
    this.#configuration = configuration;
    this.#remember = remember;
    this.#now = now;
  }

  /** Accounts that were armed no longer ago than `remember`. */
  read(): readonly ArmedAccount[] {
    if (!this.#files.exists(this.#path)) return [];
    try {
      const saved = schema.parse(JSON.parse(Buffer.from(this.#files.read(this.#path)).toString('utf8')));
      const age = (this.#now().getTime() - Date.parse(saved.seen)) * (MICROS_PER_SECOND / 1_000);
      if (saved.configuration !== this.#configuration || age < 0 || age > this.#remember) return [];
      return Object.entries(saved.accounts).map(([account, { actor, armed }]) => ({ account, actor, armed }));
    } catch {
      return [];
    }
  }

  /** Throws the error of the operating system. */
  write(accounts: readonly ArmedAccount[]): void {
    const saved: z.infer<typeof schema> = {
      version: 1,
      configuration: this.#configuration,
      accounts: Object.fromEntries(accounts.map(({ account, actor, armed }) => [account, { actor, armed }])),
      seen: this.#now().toISOString(),
    };
    writeWhole(this.#files, this.#path, `${JSON.stringify(saved)}\n`);
  }
}
