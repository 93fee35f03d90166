export { barOf, fillOf, quoteOf, tradeOf, type EventInput } from './build.js';
export { testContext, type TestContext, type TestContextOptions } from './context.js';
export { makeMarbles, type Marbles } from './marbles.js';
export { TestState } from './state.js';
export { intentText, strategyTest, type StrategyCase, type TestInput } from './strategy-test.js';
