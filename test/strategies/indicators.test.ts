import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { map, of, toArray } from 'rxjs';
import { CCI } from 'trading-signals';
import { describe, expect, it } from 'vitest';
import {
  Adx,
  Atr,
  BollingerBands,
  Ema,
  Kama,
  KeltnerChannels,
  Macd,
  Obv,
  Rsi,
  Sma,
  Stochastic,
  Vwap,
  crossover,
  ema,
  fromTradingSignals,
  averagePrice,
  withIndicator,
  sma,
} from '../../src/strategies/indicators/index.js';
import { barOf } from '../../src/testing/index.js';
import type { BarEvent } from '../../src/model/event.js';
import { sharedData } from '../support/shared-data.js';

interface Row {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly cells: readonly string[];
}
function read(file: string): Row[] {
  const path = sharedData('market', 'reference-indicators', file);
  if (path === undefined) return [];
  const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trim().split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim());
  const at = (name: string): number => names.indexOf(name);
  return lines.map((line) => {
    const cells = line.split(',');
    const number = (name: string): number => (at(name) < 0 ? NaN : Number(cells[at(name)]));
    return {
      open: number('Open'),
      high: number('High'),
      low: number('Low'),
      close: number('Close'),
      volume: number('Volume'),
      cells,
    };
  });
}

/** Every printed cell of a column against our value; the tolerance is relative, and half a unit of the printed digits. */
function compare(
  file: string,
  column: number,
  value: (row: Row) => number,
  tolerance: number,
  digits: number,
  skip = 0,
): number {
  let compared = 0;
  read(file).forEach((row, index) => {
    const ours = value(row);
    const text = row.cells[column]?.trim() ?? '';
    if (text === '' || index < skip) return;
    compared++;
    const theirs = Number(text);
    const allowed = tolerance * Math.abs(theirs) + 0.5001 * 10 ** -digits;
    if (!(Math.abs(ours - theirs) <= allowed))
      throw new Error(`${file} column ${column} row ${index + 2}: printed ${text}, ours ${ours}`);
  });
  return compared;
}

/** The file prints values on 183 of its rows. */
const MACD_ROWS = 183;
const files = sharedData('market', 'reference-indicators', 'spy_atr.txt.gz') !== undefined;
describe.skipIf(!files)('indicators against published values', () => {
  it('spy_with_indicators: SMA, EMA, MACD, RSI simple and Wilder (OBV: the file has no volumes)', () => {
    const file = 'spy_with_indicators.txt.gz';
    const a = new Sma(14),
      b = new Ema(14),
      c = new Macd(12, 26, 9),
      d = new Rsi(14, 'simple'),
      e = new Rsi(14);
    expect(compare(file, 1, (r) => a.update(r.close), 1e-6, 2)).toBeGreaterThan(450);
    expect(compare(file, 2, (r) => b.update(r.close), 1e-6, 2)).toBeGreaterThan(450);
    expect(compare(file, 3, (r) => c.update(r.close), 1e-4, 4)).toBeGreaterThan(450);
    expect(compare(file, 4, (r) => d.update(r.close), 1e-4, 4)).toBeGreaterThan(450);
    expect(compare(file, 5, (r) => e.update(r.close), 1e-4, 4)).toBeGreaterThan(450);
  });
  it('spy_bollinger_bands: middle, bands, width, %B', () => {
    const file = 'spy_bollinger_bands.txt.gz';
    const on = (pick: (b: BollingerBands) => number) => {
      const b = new BollingerBands(20, 2);
      return (r: Row) => {
        b.update(r.close);
        return pick(b);
      };
    };
    expect(
      compare(
        file,
        5,
        on((b) => b.value),
        1e-6,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        6,
        on((b) => b.upper),
        1e-6,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        7,
        on((b) => b.lower),
        1e-6,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        8,
        on((b) => b.bandWidth),
        1e-4,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        9,
        on((b) => b.percentB),
        1e-4,
        4,
      ),
    ).toBeGreaterThan(450);
  });
  it('spy_with_macd: MACD, signal, histogram', () => {
    const file = 'spy_with_macd.txt.gz';
    const on = (pick: (b: Macd) => number) => {
      const b = new Macd();
      return (r: Row) => {
        b.update(r.close);
        return pick(b);
      };
    };
    expect(
      compare(
        file,
        5,
        on((b) => b.value),
        1e-4,
        5,
      ),
    ).toBe(MACD_ROWS);
    expect(
      compare(
        file,
        6,
        on((b) => b.signal),
        1e-4,
        5,
      ),
    ).toBe(MACD_ROWS);
    expect(
      compare(
        file,
        7,
        on((b) => b.histogram),
        1e-4,
        5,
      ),
    ).toBe(MACD_ROWS);
  });
  it('spy_atr, spy_atr_wilder', () => {
    const simple = new Atr(14, 'simple'),
      w = new Atr(14);
    expect(compare('spy_atr.txt.gz', 5, (r) => simple.update(r), 1e-5, 6)).toBeGreaterThan(450);
    expect(compare('spy_atr_wilder.txt.gz', 5, (r) => w.update(r), 1e-5, 6)).toBeGreaterThan(450);
  });
  it('spy_kama', () => {
    const k = new Kama(5);
    expect(compare('spy_kama.txt.gz', 6, (r) => k.update(r.close), 1e-9, 8)).toBeGreaterThan(450);
  });
  it('spy_with_adx: TR, moves, sums, DI, DX, ADX, ADXR', () => {
    const file = 'spy_with_adx.txt.gz';
    const on = (pick: (b: Adx) => number) => {
      const b = new Adx(14);
      return (r: Row) => {
        b.update(r);
        return pick(b);
      };
    };
    expect(
      compare(
        file,
        5,
        on((b) => b.trueRange),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        6,
        on((b) => b.plusMove),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        7,
        on((b) => b.minusMove),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        8,
        on((b) => b.sums.range),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        9,
        on((b) => b.sums.plus),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        10,
        on((b) => b.sums.minus),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        11,
        on((b) => b.plusDi),
        1e-4,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        12,
        on((b) => b.minusDi),
        1e-4,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        13,
        on((b) => Math.abs(b.plusDi - b.minusDi)),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        14,
        on((b) => b.plusDi + b.minusDi),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        15,
        on((b) => b.dx),
        1e-4,
        2,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        16,
        on((b) => b.value),
        1e-4,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        17,
        on((b) => b.rating),
        1e-4,
        4,
      ),
    ).toBeGreaterThan(450);
  });
  it('spy_with_keltner: channels and middle', () => {
    const file = 'spy_with_keltner.csv.gz';
    const on = (pick: (b: KeltnerChannels) => number) => {
      const b = new KeltnerChannels(20, 1.5);
      return (r: Row) => {
        b.update(r);
        return pick(b);
      };
    };
    expect(
      compare(
        file,
        7,
        on((b) => b.value),
        1e-6,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        5,
        on((b) => b.upper),
        1e-6,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        file,
        6,
        on((b) => b.lower),
        1e-6,
        4,
      ),
    ).toBeGreaterThan(450);
    expect(compare(file, 8, (r) => (r.high + r.low + r.close) / 3, 1e-6, 4)).toBeGreaterThan(450);
  });
  it('spy_with_obv, spy_with_stoch12k3, spy_with_vwap', () => {
    const o = new Obv(),
      v = new Vwap(50, averagePrice);
    expect(compare('spy_with_obv.txt.gz', 6, (r) => o.update(r), 1e-5, -3)).toBeGreaterThan(450);
    const on = (pick: (b: Stochastic) => number) => {
      const b = new Stochastic(12, 3, 5);
      return (r: Row) => {
        b.update(r);
        return pick(b);
      };
    };
    expect(
      compare(
        'spy_with_stoch12k3.txt.gz',
        5,
        on((b) => b.value),
        1e-4,
        5,
      ),
    ).toBeGreaterThan(450);
    expect(
      compare(
        'spy_with_stoch12k3.txt.gz',
        6,
        on((b) => b.signal),
        1e-4,
        5,
      ),
    ).toBeGreaterThan(450);
    expect(compare('spy_with_vwap.txt.gz', 6, (r) => v.update(r), 1e-6, 4)).toBeGreaterThan(400);
  });
});

describe('indicators', () => {
  it('keep no rounding from values long gone', () => {
    const average = new Sma(3);
    average.update(1e18);
    for (let i = 0; i < 6; i++) average.update(0.1);
    expect(average.value).toBeCloseTo(0.1, 12);
  });
  it('refuse a period that is none', () => {
    expect(() => new Sma(0)).toThrow('positive whole number');
    expect(() => new Ema(-1)).toThrow('above zero');
  });
  it('take part in streams, per instrument', () => {
    const closes = [1, 2, 3, 2, 1, 0.5, 3, 5];
    const out: unknown[] = [];
    of(...closes.map((c) => barOf(c)))
      .pipe(crossover(sma(1), ema(3)), toArray())
      .subscribe((v) => out.push(v));
    expect(out).toStrictEqual([['sell', 'buy']]);
    const values: unknown[] = [];
    of(barOf(1), barOf(7, { ix: 1 }), barOf(3))
      .pipe(
        withIndicator<BarEvent>(() => new Atr(2)),
        map((v) => v.value),
      )
      .subscribe((v) => values.push(v));
    expect(values).toStrictEqual([1]);
  });
  it('adapt the trading-signals library', () => {
    const indicator = fromTradingSignals(() => new CCI(3))();
    for (const c of [1, 2, 4]) indicator.update({ high: c + 1, low: c - 1, close: c });
    expect(indicator.ready).toBe(true);
    expect(indicator.value).toBeCloseTo(100, 6);
  });
});
