export type { PaperEnvironment, PaperHost, PaperState } from './host.js';
export type { PaperOptions } from './options.js';
export { PaperBroker } from './paper-broker.js';
