import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The truth of the account, as the control endpoint of the emulator tells it. */
export interface Truth {
  readonly orders: readonly {
    readonly symbol: string;
    readonly clientOrderId: string;
    readonly status: string;
    readonly executed: string;
  }[];
  readonly fills: readonly {
    readonly symbol: string;
    readonly tradeId: number;
    readonly clientOrderId: string;
    readonly side: 'BUY' | 'SELL';
    readonly price: string;
    readonly quantity: string;
    readonly commission: string;
    readonly commissionAsset: string;
  }[];
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
  readonly duplicates: readonly { readonly clientOrderId: string; readonly count: number }[];
}

interface Requested {
  readonly index: number;
  readonly operation: string;
  readonly clientOrderId: string | undefined;
}
interface Ready {
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
  readonly control: string;
  readonly account: { readonly id: string; readonly apiKey: string; readonly apiSecret: string };
}

/** The Binance emulator in its own process. */
export class Venue {
  readonly ready: Ready;
  /** How often an order was asked for under each client order id. */
  readonly placed: Map<string, number> = new Map();
  readonly #child: ChildProcess;
  #seen = 0;

  private constructor(child: ChildProcess, ready: Ready) {
    this.#child = child;
    this.ready = ready;
  }

  static async start(seed: number): Promise<Venue> {
    const script = fileURLToPath(new URL('./venue.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, String(seed)], { stdio: ['pipe', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout }))
      return new Venue(child, JSON.parse(line) as Ready);
    throw new Error('the emulator did not start');
  }

  /** Counts the order requests that came since the last time: the venue keeps only the newest. */
  async countRequests(): Promise<void> {
    for (;;) {
      const list = await this.#ask<readonly Requested[]>(`/requests?from=${this.#seen}&limit=5000`);
      for (const { index, operation, clientOrderId = '' } of list) {
        this.#seen = index + 1;
        if (operation === 'order.place')
          this.placed.set(clientOrderId, (this.placed.get(clientOrderId) ?? 0) + 1);
      }
      if (list.length < 5000) return;
    }
  }

  truth(): Promise<Truth> {
    return this.#ask<Truth>(`/accounts/${this.ready.account.id}`);
  }

  /** Nothing trades any more. */
  async pause(): Promise<void> {
    await fetch(new URL('/market', this.ready.control), { method: 'POST', body: '{"paused":true}' });
  }

  end(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  async #ask<T>(path: string): Promise<T> {
    const response = await fetch(new URL(path, this.ready.control));
    if (!response.ok) throw new Error(`the emulator answered ${response.status} to ${path}`);
    return (await response.json()) as T;
  }
}
