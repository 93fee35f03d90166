/** The one constructor of each kind of event: every event of a kind has the same hidden class, which keeps the loop fast. */
export * from './make-child.js';
export * from './make-input.js';
