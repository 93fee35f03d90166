export { readRegimeFlow, type RegimeFlowOptions, type RegimeFlowSummary } from './regimeflow-journal.js';
export { REGIMEFLOW_SCHEMA, toRegimeFlow } from './regimeflow-write.js';
