import { startBinanceEmulator } from '../../src/emulators/binance/emulator.js';
import { SYMBOLS, VENUE_LIMITS } from './venue-options.js';

/** An emulator in a process of its own, so that the memory of the engine can be watched alone: `venue-process RATE`. */
const emulator = await startBinanceEmulator({
  seed: 7,
  symbols: SYMBOLS,
  market: { type: 'flow', style: 'quotes', rate: Number(process.argv[2] ?? 2_000) },
  ...VENUE_LIMITS,
});
const { rest, stream, wsApi, control, account } = emulator;
process.stdout.write(`${JSON.stringify({ rest, stream, wsApi, control, account })}\n`);
process.on('SIGTERM', () => process.exit());
