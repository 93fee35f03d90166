import { run } from 'millrace';
import { pipeline } from './pipeline.js';

const summary = await run(pipeline());
console.log(`${summary.orders} orders, ${summary.fills} fills, equity ${summary.equity ?? 'unknown'}`);
