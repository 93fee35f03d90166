import { COMMANDS } from './commands.js';
import type { Route } from './route.js';
import { VIEWS } from './views.js';

/** Every endpoint of the control surface. */
export const ROUTES: readonly Route[] = [...VIEWS, ...COMMANDS];
