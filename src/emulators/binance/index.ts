/** A local exchange that speaks Binance's spot protocol, for tests, demonstrations and measurements. */
export { ApiError } from './api-error.js';
export type { AccountConfig, ExchangeConfig, KeyConfig, LimitConfig, SymbolConfig } from './config.js';
export type { ConnectionInfo, ControlTarget, EmulatorState } from './control/target.js';
export { TEST_ACCOUNT, startBinanceEmulator, type BinanceEmulator } from './emulator.js';
export type { ActiveFault } from './faults/active-fault.js';
export type { Channel, FaultBoard, Injection, MessageClass } from './faults/fault-board.js';
export { FAULT_KINDS, type FaultInput, type FaultKind, type FaultSpec } from './faults/spec.js';
export { emulatedSymbol, type EmulatedSymbol } from './known-symbols.js';
export type { MarketPlayer, MarketState } from './market/player.js';
export type { ConnectionRules } from './net/connections.js';
export type { BinanceEmulatorOptions, EmulatedMarket, SnapshotPlace, TestAccount } from './options.js';
export type * from './types.js';
