import { definePlugin } from 'millrace';
import { coinSource } from './coin-source.js';
import { everyOperator } from './every-operator.js';
import { fillsSink } from './fills-sink.js';
import { instantBroker } from './instant-broker.js';

/** Four components of one's own, through the same contract as the built-in ones. */
export default definePlugin({ api: 1, components: [coinSource, everyOperator, fillsSink, instantBroker] });
