import { COMMANDS } from './commands.js';
import { ORDER_COMMANDS } from './order-commands.js';
import type { Route } from './route.js';
import { TAPS } from './tap.js';
import { VIEWS } from './views.js';

/** Every endpoint of the control surface. */
export const ROUTES: readonly Route[] = [...VIEWS, ...TAPS, ...COMMANDS, ...ORDER_COMMANDS];
