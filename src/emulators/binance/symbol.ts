import { dec, type Decimal } from '../../model/decimal.js';
import type { InstrumentInput } from '../../model/instruments.js';
import type { SymbolConfig } from './config.js';
import type { SymbolStatus } from './types.js';

export type SymbolStatusName = SymbolStatus;

/** Values of filters that differ from the defaults, all as decimal text or counts. `'0'` disables a bound. */
export interface FilterOverrides {
  readonly minPrice?: string;
  readonly maxPrice?: string;
  readonly tickSize?: string;
  readonly minQty?: string;
  readonly maxQty?: string;
  readonly stepSize?: string;
  readonly marketMinQty?: string;
  readonly marketMaxQty?: string;
  readonly marketStepSize?: string;
  readonly minNotional?: string;
  readonly maxNotional?: string;
  readonly applyMinToMarket?: boolean;
  readonly applyMaxToMarket?: boolean;
  readonly bidMultiplierUp?: string;
  readonly bidMultiplierDown?: string;
  readonly askMultiplierUp?: string;
  readonly askMultiplierDown?: string;
  readonly icebergParts?: number;
  readonly maxNumOrders?: number;
  readonly maxNumAlgoOrders?: number;
  readonly maxNumOrderLists?: number;
  readonly maxNumOrderAmends?: number;
  readonly maxPosition?: string;
  readonly minTrailingDelta?: number;
  readonly maxTrailingDelta?: number;
}

const DEFAULTS = {
  minPrice: '0.01000000',
  maxPrice: '1000000.00000000',
  tickSize: '0.01000000',
  minQty: '0.00001000',
  maxQty: '9000.00000000',
  stepSize: '0.00001000',
  marketMinQty: '0.00000000',
  marketMaxQty: '1000.00000000',
  marketStepSize: '0.00000000',
  minNotional: '5.00000000',
  maxNotional: '9000000.00000000',
  applyMinToMarket: true,
  applyMaxToMarket: false,
  bidMultiplierUp: '5',
  bidMultiplierDown: '0.2',
  askMultiplierUp: '5',
  askMultiplierDown: '0.2',
  icebergParts: 100,
  maxNumOrders: 200,
  maxNumAlgoOrders: 5,
  maxNumOrderLists: 20,
  maxNumOrderAmends: 10,
  maxPosition: '',
  minTrailingDelta: 10,
  maxTrailingDelta: 2000,
};

export const ORDER_TYPES = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;
export type SpotOrderType = (typeof ORDER_TYPES)[number];

export const STP_MODES = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'] as const;
export type StpMode = (typeof STP_MODES)[number];

type Rules = typeof DEFAULTS;

/** A pair and its rules. */
export class SpotSymbol {
  readonly name: string;
  readonly base: string;
  readonly quote: string;
  /** Index in the matching engine. */
  readonly ix: number;
  readonly precision: number;
  readonly rules: Rules;
  readonly tick: Decimal;
  readonly step: Decimal;
  readonly defaultStp: StpMode;
  status: SymbolStatus;

  constructor(config: SymbolConfig, ix: number) {
    this.name = config.symbol;
    this.base = config.baseAsset;
    this.quote = config.quoteAsset;
    this.ix = ix;
    this.precision = config.precision ?? 8;
    this.rules = { ...DEFAULTS, ...config.filters };
    this.tick = dec(this.rules.tickSize);
    this.step = dec(this.rules.stepSize);
    this.status = config.status ?? 'TRADING';
    this.defaultStp = STP_MODES.find((m) => m === config.defaultSelfTradePreventionMode) ?? 'EXPIRE_MAKER';
    if (this.tick.lte(0) || this.step.lte(0))
      throw new RangeError(`symbol ${config.symbol}: tickSize and stepSize must be above zero`);
  }

  /** The instrument of the matching engine. Its limits are open: the filters are checked before. */
  instrument(): InstrumentInput {
    return {
      symbol: this.name,
      venue: 'binance',
      assetClass: 'crypto_spot',
      base: this.base,
      quote: this.quote,
      tickSize: this.tick,
      lotSize: this.step,
      minQuantity: 0,
    };
  }

  filters(): readonly Readonly<Record<string, unknown>>[] {
    const r = this.rules;
    return [
      { filterType: 'PRICE_FILTER', minPrice: r.minPrice, maxPrice: r.maxPrice, tickSize: r.tickSize },
      { filterType: 'LOT_SIZE', minQty: r.minQty, maxQty: r.maxQty, stepSize: r.stepSize },
      { filterType: 'ICEBERG_PARTS', limit: r.icebergParts },
      {
        filterType: 'MARKET_LOT_SIZE',
        minQty: r.marketMinQty,
        maxQty: r.marketMaxQty,
        stepSize: r.marketStepSize,
      },
      {
        filterType: 'TRAILING_DELTA',
        minTrailingAboveDelta: r.minTrailingDelta,
        maxTrailingAboveDelta: r.maxTrailingDelta,
        minTrailingBelowDelta: r.minTrailingDelta,
        maxTrailingBelowDelta: r.maxTrailingDelta,
      },
      {
        filterType: 'PERCENT_PRICE_BY_SIDE',
        bidMultiplierUp: r.bidMultiplierUp,
        bidMultiplierDown: r.bidMultiplierDown,
        askMultiplierUp: r.askMultiplierUp,
        askMultiplierDown: r.askMultiplierDown,
        avgPriceMins: 5,
      },
      {
        filterType: 'NOTIONAL',
        minNotional: r.minNotional,
        applyMinToMarket: r.applyMinToMarket,
        maxNotional: r.maxNotional,
        applyMaxToMarket: r.applyMaxToMarket,
        avgPriceMins: 5,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: r.maxNumOrders },
      { filterType: 'MAX_NUM_ORDER_LISTS', maxNumOrderLists: r.maxNumOrderLists },
      { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: r.maxNumAlgoOrders },
      { filterType: 'MAX_NUM_ORDER_AMENDS', maxNumOrderAmends: r.maxNumOrderAmends },
      ...(r.maxPosition === '' ? [] : [{ filterType: 'MAX_POSITION', maxPosition: r.maxPosition }]),
    ];
  }

  /** One entry of `exchangeInfo.symbols`. */
  info(showPermissionSets = true): Readonly<Record<string, unknown>> {
    return {
      symbol: this.name,
      status: this.status,
      baseAsset: this.base,
      baseAssetPrecision: this.precision,
      quoteAsset: this.quote,
      quotePrecision: this.precision,
      quoteAssetPrecision: this.precision,
      baseCommissionPrecision: this.precision,
      quoteCommissionPrecision: this.precision,
      orderTypes: ORDER_TYPES,
      icebergAllowed: false,
      ocoAllowed: true,
      otoAllowed: true,
      opoAllowed: false,
      quoteOrderQtyMarketAllowed: true,
      allowTrailingStop: true,
      cancelReplaceAllowed: true,
      amendAllowed: true,
      pegInstructionsAllowed: false,
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      filters: this.filters(),
      permissions: [],
      ...(showPermissionSets ? { permissionSets: [['SPOT']] } : {}),
      defaultSelfTradePreventionMode: this.defaultStp,
      allowedSelfTradePreventionModes: STP_MODES,
    };
  }
}
