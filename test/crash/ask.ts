import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** What the exchange has in the end. */
export interface Everything {
  readonly orders: readonly {
    readonly client: string;
    readonly side: 'buy' | 'sell';
    readonly lots: number;
    readonly filled: number;
    readonly state: string;
  }[];
  readonly fills: readonly {
    readonly exec: string;
    readonly client: string;
    readonly lots: number;
    readonly price: number;
  }[];
  readonly repeated: readonly string[];
  readonly position: number;
  readonly cash: number;
}

/** Asks the exchange one question. */
export async function askVenue(port: number, op: string): Promise<Everything> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${JSON.stringify({ n: 1, op })}\n`);
  try {
    for await (const line of createInterface({ input: socket })) {
      const message = JSON.parse(line) as Everything & { readonly n?: number };
      if (message.n === 1) return message;
    }
  } finally {
    socket.destroy();
  }
  throw new Error('the exchange gave no answer');
}
