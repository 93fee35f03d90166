/**
 * Every stable code a user can meet, with its meaning. Codes are an interface: they are never renamed.
 * The tables in the documentation are generated from this list.
 */
export const DENIALS = {
  INSTRUMENT_UNKNOWN: 'The instrument is not in the instrument table.',
  INSTRUMENT_NOT_TRADABLE: 'The instrument is halted, closed or of unknown status.',
  MARKET_CLOSED: 'The instrument’s session is closed at engine time.',
  ORDER_TYPE_UNSUPPORTED: 'The venue does not take this order type for the instrument.',
  TIME_IN_FORCE_UNSUPPORTED: 'The venue does not take this time in force for the order type.',
  EXPIRE_TIME_MISSING: 'A gtd order needs an expiry.',
  EXPIRE_TIME_PASSED: 'The expiry is not in the future.',
  PRICE_MISSING: 'The order type needs a limit, stop or trailing price that was not given.',
  PRICE_INVALID: 'A price is not a positive finite number.',
  PRICE_PRECISION: 'A price has more decimals than the instrument.',
  PRICE_TICK: 'A price is not a multiple of the tick size.',
  QUANTITY_INVALID: 'The quantity is not a positive finite number.',
  QUANTITY_PRECISION: 'The quantity has more decimals than the instrument.',
  QUANTITY_LOT: 'The quantity is not a multiple of the lot size.',
  QUANTITY_MIN: 'The quantity is below the venue’s minimum.',
  QUANTITY_MAX: 'The quantity is above the venue’s maximum.',
  NOTIONAL_MIN: 'The order’s notional is below the venue’s minimum.',
  NOTIONAL_MAX: 'The order’s notional is above the venue’s maximum.',
  NO_REFERENCE_PRICE: 'Neither a quote nor a last price is known to value the order.',
  NO_EXCHANGE_RATE: 'No exchange rate into the base currency is known.',
  NO_EQUITY: 'Equity cannot be computed, so a limit relative to it cannot be checked.',
  STALE_QUOTE: 'The price used to value the order is older than the limit.',
  PRICE_COLLAR: 'The price is further from the market than the collar allows.',
  MAX_ORDER_QUANTITY: 'The quantity is above the configured limit for one order.',
  MAX_ORDER_VALUE: 'The order’s value is above the configured limit.',
  MAX_POSITION: 'Position and working orders together would exceed the position limit.',
  MAX_POSITION_PERCENT: 'Position and working orders would exceed the allowed part of equity.',
  MAX_GROSS_EXPOSURE: 'Gross exposure would exceed the limit.',
  MAX_NET_EXPOSURE: 'Net exposure would exceed the limit.',
  MAX_LEVERAGE: 'Gross exposure over equity would exceed the limit.',
  MARGIN: 'Initial margin would exceed what the account has free.',
  INSUFFICIENT_CASH: 'Cash or buying power does not cover the order.',
  SHORT_NOT_ALLOWED: 'The order would go short where shorting is not allowed.',
  MAX_OPEN_ORDERS: 'Too many open orders in the account.',
  MAX_OPEN_ORDERS_INSTRUMENT: 'Too many open orders on the instrument.',
  ORDER_RATE_SECOND: 'Too many orders within one second.',
  ORDER_RATE_MINUTE: 'Too many orders within one minute.',
  DAILY_LOSS: 'The loss since the daily roll reached the limit.',
  DAILY_LOSS_PERCENT: 'The loss since the daily roll reached the allowed part of the day’s starting equity.',
  MAX_DRAWDOWN: 'The fall from peak equity reached the limit.',
  ROLLING_LOSS: 'The loss inside the rolling window reached the limit.',
  DUPLICATE_INTENT: 'The same intent was approved inside the duplicate window.',
  DUPLICATE_ORDER: 'The order key is already in use.',
  ORDER_NOT_FOUND: 'There is no order with this key to replace or cancel.',
  ORDER_CLOSED: 'The order is closed already.',
  SELF_TRADE: 'The order would trade against an own resting order.',
  POST_ONLY_WOULD_TRADE: 'A post-only order would trade at once.',
  REDUCE_ONLY: 'A reduce-only order would open or enlarge a position.',
  SECTOR_EXPOSURE: 'The sector’s exposure would exceed its cap.',
  INDUSTRY_EXPOSURE: 'The industry’s exposure would exceed its cap.',
  CORRELATION_EXPOSURE: 'Exposure to strongly correlated instruments would exceed the cap.',
  REGIME_NEW_EXPOSURE: 'The current regime allows no new exposure.',
  REGIME_ORDER_NOTIONAL: 'The order’s notional is above the current regime’s limit.',
  REGIME_POSITION_PERCENT: 'The position would exceed the current regime’s part of equity.',
  REGIME_ORDER_TYPE: 'The current regime allows no market orders.',
  REGIME_TIME_IN_FORCE: 'The current regime allows no ioc or fok orders.',
  TRADING_HALTED: 'Trading is halted; only cancels and risk-reducing exits pass.',
  TRADING_REDUCING: 'Only orders that reduce a position pass.',
  STRATEGY_DISABLED: 'The strategy is disabled.',
  RECOVERING: 'The engine is recovering; new and replace intents wait for reconciliation.',
  DRY_RUN: 'Dry run: the order passed every check and was not sent.',
  ACCOUNT_UNKNOWN: 'The account is not known.',
  ROUTE_UNKNOWN: 'No orders sink serves the route or account.',
  CHECK_FAILED: 'A risk check threw; what cannot be checked is denied.',
  NOT_A_NUMBER: 'A risk check met a value that is not a number.',
  RATE_LIMIT: 'The throttle is set to reject and no rate token was left.',
  QUEUE_FULL: 'The queue is full.',
  LATCHED: 'The kill switch is latched; only cancels and risk-reducing exits pass.',
  DISARMED: 'The live account is not armed; only cancels and risk-reducing exits pass.',
  BROKER_NOT_READY: 'The broker session is not ready.',
  LINKED_UNSUPPORTED:
    'Linked orders (bracket, OCO, OTO) or an emulated stop of this kind are not supported here; put a manage operator in front of risk.',
} as const;

export type DenialCode = keyof typeof DENIALS;

/** Engine errors: what stops a command or halts trading. */
export const ERRORS = {
  INVALID_CONFIGURATION: 'The topology or an option is wrong.',
  PROVIDER_CONNECTION_FAILED: 'A broker or feed could not be reached.',
  STREAM_DISCONNECTED: 'A feed or session was lost.',
  STRATEGY_INIT_FAILED: 'A strategy could not be started.',
  TRADING_PROVIDER_ERROR: 'A broker failed in a way that is neither accept nor reject.',
  CONTEXT_CANCELLED: 'The run was stopped from outside.',
  CALLBACK_FAILED: 'A callback or sink of the user threw.',
  STRATEGY_FAILED: 'A strategy threw.',
  STRATEGY_DISABLED: 'A strategy reached max_errors and was disabled.',
  NODE_FAILED: 'An operator of the graph threw.',
  HOST_CLOCK: 'Code inside a turn used the wall clock, host timers, default schedulers or Math.random.',
  TIMER_STORM: 'More than 1,000 clock turns at one engine time.',
  CLOCK_BACKWARDS: 'Engine time would have gone back.',
  SEQUENCER_FULL: 'The sequencer’s buffer is full.',
  NESTED_TURN: 'A turn was started inside a turn.',
  DIVERGED: 'Replay did not give what the journal says.',
  RECOVERY_DIVERGED: 'Re-feeding the journal did not give what the journal says.',
  COMMAND_FORGED: 'Something that is not an approved command reached a broker edge.',
  JOURNAL_DAMAGED: 'A journal record fails its checksum.',
  JOURNAL_TORN: 'The journal ended inside a record; the torn tail was cut.',
  JOURNAL_FULL: 'The journal cannot write and its buffer is full.',
  JOURNAL_MISMATCH: 'The journal was written by another build, configuration or strategy.',
  SINK_FAILED: 'A required sink cannot write.',
  BAD_INPUT: 'A source met data it cannot use.',
  ORDER_ANOMALY: 'An execution report does not fit the order’s state.',
  BALANCE_DIFFERENCE: 'A broker reports another balance than our own books.',
  FLATTEN_LEFT: 'A flatten could not close a position; the record says why.',
  RECONCILIATION_BREAK: 'Our books and the venue’s differ; the record says in what, and what was done.',
  FILL_BUSTED: 'The venue took a fill back; order and position follow.',
  FILL_CORRECTED: 'The venue gave a fill other figures; order and position follow.',
  LINKED_RACE: 'Two linked orders filled where one should have; what was too much is taken back.',
  LINKED_EXIT_FAILED: 'An exit of linked orders could not be placed; the record says what was done instead.',
  CONTROL_REFUSED: 'A control action was not carried out; the record says why.',
  PROTECTION_WARNED: 'A protection came near its limit, or passed it and only warns.',
  PROTECTION_FIRED: 'A protection passed its limit and stopped trading; `status` says how to reset it.',
  NOT_RUNNING: 'The engine does not run, so it cannot be asked or steered.',
  INVARIANT: 'An invariant of the engine does not hold.',
} as const;

export type ErrorCode = keyof typeof ERRORS;
export type ReasonCode = DenialCode | ErrorCode;

/** `CODE: key=value key=value`. Values with blanks are quoted. */
export function reasonText(code: string, details: Readonly<Record<string, unknown>> = {}): string {
  const parts = Object.entries(details).map(([key, value]) => {
    const text = String(value);
    return `${key}=${/\s/.test(text) ? JSON.stringify(text) : text}`;
  });
  return parts.length === 0 ? code : `${code}: ${parts.join(' ')}`;
}

/** An error of the engine, with its stable code and what to do next. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  readonly help: string;

  constructor(code: ErrorCode, message: string, help = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
