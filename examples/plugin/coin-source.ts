import { defineSource, makeQuote, rate, receivedAt, type InputEvent, type Rate } from 'millrace';
import { z } from 'zod';

const SECOND = 1_000_000;

/** A source of one's own: a price that goes up or down by one tick, as a seeded coin says. */
export const coinSource = defineSource({
  type: 'coin',
  summary: 'Quotes that move by one tick up or down, by the toss of a seeded coin.',
  config: z.strictObject({
    instrument: z.string().describe('Symbol.'),
    price: z.number().positive().describe('Middle of the first quote.'),
    events: z.int().positive().default(1000).describe('Quotes before it ends.'),
    rate: rate().prefault('1/s').describe('Quotes per event time.'),
  }),
  examples: ['instrument: GOLD\nprice: 4000\nevents: 500\nrate: 2/s'],
  reload: 'restart',
  emits: ['quote'],
  make: (config, { name, seed, instruments }) => {
    const instrument = instruments.get(config.instrument);
    if (instrument === undefined) throw new Error(`coin: there is no instrument ${config.instrument}`);
    const tick = instrument.tickSize.toNumber();
    return {
      type: 'pull',
      pace: Infinity,
      *batches(): Generator<readonly InputEvent[]> {
        const { count, per }: Rate = config.rate;
        let state = seed;
        let ticks = Math.round(config.price / tick);
        for (let n = 0; n < config.events; n++) {
          state = (state * 48_271 + 1) % 2_147_483_647;
          ticks += state % 2 === 0 ? 1 : -1;
          const at = 1_735_689_600 * SECOND + Math.round((n * per) / count);
          const quote = makeQuote(
            name,
            at,
            instrument.symbol,
            instrument.ix,
            (ticks - 1) * tick,
            5,
            (ticks + 1) * tick,
            5,
          );
          yield [receivedAt(quote, at)];
        }
      },
    };
  },
});
