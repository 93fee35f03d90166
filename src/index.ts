/**
 * The public API. Four ways in, from the outside to the inside:
 * a topology (`loadTopology` for YAML, `topology` for code) that `run` runs and `verifyJournal` proves;
 * an engine inside a program (`createEngine`): callbacks, snapshots, orders, steering, a bus;
 * strategies (`defineStrategy`, `fromCallbacks`);
 * components of one's own (`defineSource`, `defineOperator`, `defineSink`, `defineBroker`, `definePlugin`).
 * Operators by themselves are in `millrace/operators`, the test kit in `millrace/testing`.
 */

// ---- topologies ---------------------------------------------------------------------------------------------------
export { topology, TopologyBuilder, type BuildOptions, type Options } from './topology/build.js';
export { loadTopology, type LoadOptions, type LoadResult } from './topology/load.js';
export type { CheckedTopology } from './topology/checked.js';
export { formatText, type Diagnostic } from './topology/diagnostic.js';
export { run, type RunOptions } from './engine/api/run.js';
export { forBacktest } from './engine/backtest.js';
export type { RunSummary } from './engine/summary.js';
export { verifyJournal, type VerifyJournalOptions } from './engine/verify-journal.js';
export type { VerifyResult } from './engine/verify.js';

// ---- an engine inside a program -----------------------------------------------------------------------------------
export { createEngine } from './engine/api/create-engine.js';
export { LiveEngine } from './engine/api/live-engine.js';
export type { LiveEngineOptions, Orders } from './engine/api/options.js';
export type { ConfigurationOptions, TopologyInput } from './engine/api/configuration.js';
export type {
  DataCategory,
  DataChange,
  EngineCallbacks,
  EngineProblem,
  EngineRunStatus,
  EngineStart,
  ProviderStatus,
  StrategyProblem,
} from './engine/api/callbacks.js';
export type { EngineStatus } from './engine/api/status.js';
export type { Dashboard, OrderSummary } from './engine/api/dashboard.js';
export type { DashboardSetup } from './engine/api/setup.js';
export type { EquityPoint, FillSummary } from './engine/api/tally.js';
export type { SystemHealth } from './engine/api/health.js';
export {
  BUS_TOPICS,
  EventBus,
  type BusFigures,
  type BusHandler,
  type BusMessage,
  type BusTopic,
  type SubscribeOptions,
} from './sinks/bus/event-bus.js';
export type { By, Operations, ReleaseAnswer } from './engine/operations.js';
export type { ControlAnswer, ControlSnapshot } from './engine/control-turns.js';
export type { KillAnswer } from './engine/kill/killer.js';
export type { FlattenAnswer } from './engine/kill/flattener.js';
export type { OrderError, Trade } from './engine/order-manager.js';
export type { Asked, Modification, NewOrder, OrderAnswer } from './engine/order-request.js';

// ---- strategies ---------------------------------------------------------------------------------------------------
export {
  defineStrategy,
  type StrategyDefinition,
  type StrategyOutput,
} from './operators/strategy/definition.js';
export {
  fromCallbacks,
  type CallbackContext,
  type Callbacks,
  type CallbackStrategy,
} from './operators/strategy/callbacks.js';
export type { FillEvent, StrategyContext, StrategyState } from './operators/strategy/context.js';
export type { Memory } from './operators/strategy/persist.js';
export type {
  BracketExits,
  BracketRequest,
  Changes,
  HoldingsOptions,
  LimitRequest,
  OrderRequest,
  Place,
  StopLimitRequest,
  StopRequest,
  TrailingStopRequest,
} from './operators/strategy/place.js';
export { holdingsQuantity } from './operators/strategy/sizing.js';
export { buyAndHold, emaCross, stopOnFill, trailingStop } from './strategies/index.js';
export * from './strategies/indicators/index.js';

// ---- components of one's own --------------------------------------------------------------------------------------
export { definePlugin, type Plugin } from './topology/plugins.js';
export {
  defineBroker,
  defineOperator,
  defineSink,
  defineSource,
  type BrokerContext,
  type BrokerHost,
  type BrokerSpec,
  type ComponentSpec,
  type OperatorSpec,
  type SinkContext,
  type SinkSpec,
  type SourceContext,
  type SourceSpec,
} from './topology/spec.js';
export type { ComponentContext, Log, Mode } from './model/component.js';
export type { OperatorContext } from './operators/context.js';
export type { BadDataPolicy, PullSource, PushSource, ReportBadData, Source } from './streams/source.js';
export type { Delivery, Sink } from './sinks/sink.js';
export {
  BrokerError,
  type Broker,
  type BrokerCapabilities,
  type BrokerCommand,
  type BrokerPosition,
  type MarketSubscription,
} from './brokers/broker.js';

// ---- fields of schemas: text with a unit --------------------------------------------------------------------------
export { decimal } from './strategies/fields.js';
export { duration, fraction, money, rate } from './model/fields.js';
export type { Money, Rate } from './model/units.js';

// ---- what flows ---------------------------------------------------------------------------------------------------
export * from './model/event.js';
export {
  makeAccount,
  makeBar,
  makeBook,
  makeConnection,
  makeExecution,
  makeGap,
  makeLog,
  makeMark,
  makeOutcome,
  makeQuote,
  makeRegime,
  makeStatus,
  makeTrade,
  receivedAt,
  type BarFields,
  type ExecutionFields,
} from './model/make.js';
export { Decimal, dec, type DecimalInput } from './model/decimal.js';
export type {
  AssetClass,
  Instrument,
  InstrumentStatus,
  OrderType,
  SessionCalendar,
  Side,
  TimeInForce,
} from './model/instrument.js';
export { InstrumentTable, type InstrumentInput } from './model/instruments.js';
export type { Intent, IntentAction, IntentLinks, TrailingOffset } from './model/intent.js';
export { isApproved, isCommand, type Approved, type Command } from './model/command.js';
export { isClosed, leaves, type InFlight, type Order, type OrderState } from './model/order.js';
export type { ChildEvent, Event, EventKind, EventOf } from './model/record.js';
export { isoMicros, type Micros } from './model/time.js';
export type { Position, StateView } from './state/view.js';

// ---- reason and error codes ---------------------------------------------------------------------------------------
export {
  DENIALS,
  ERRORS,
  MillraceError,
  reasonText,
  type DenialCode,
  type ErrorCode,
  type ReasonCode,
} from './model/reason.js';
