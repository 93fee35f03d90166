export type { PaperEnvironment, PaperHost } from './host.js';
export type { PaperOptions } from './options.js';
export { PaperBroker } from './paper-broker.js';
