import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
} from '../../../model/time.js';
import type { BinanceMarket } from '../environments.js';

const INTERVALS: Readonly<Record<string, Micros>> = {
  '1s': MICROS_PER_SECOND,
  '1m': MICROS_PER_MINUTE,
  '3m': 3 * MICROS_PER_MINUTE,
  '5m': 5 * MICROS_PER_MINUTE,
  '15m': 15 * MICROS_PER_MINUTE,
  '30m': 30 * MICROS_PER_MINUTE,
  '1h': MICROS_PER_HOUR,
  '2h': 2 * MICROS_PER_HOUR,
  '4h': 4 * MICROS_PER_HOUR,
  '6h': 6 * MICROS_PER_HOUR,
  '8h': 8 * MICROS_PER_HOUR,
  '12h': 12 * MICROS_PER_HOUR,
  '1d': MICROS_PER_DAY,
  '3d': 3 * MICROS_PER_DAY,
  '1w': 7 * MICROS_PER_DAY,
};

/** The venue's word for a bar length, or undefined when it has no such bars. Seconds are for spot only. */
export function intervalOf(every: Micros, market: BinanceMarket): string | undefined {
  const name = Object.keys(INTERVALS).find((key) => INTERVALS[key] === every);
  return name === '1s' && market === 'usdm' ? undefined : name;
}

/** Bar lengths the venue has, for messages. */
export function intervalNames(market: BinanceMarket): readonly string[] {
  return Object.keys(INTERVALS).filter((name) => name !== '1s' || market === 'spot');
}
