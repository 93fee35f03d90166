import { COMMANDS } from './commands.js';
import { openApi } from './openapi.js';
import { ORDER_COMMANDS } from './order-commands.js';
import { defineRoute, type Route } from './route.js';
import { TAPS } from './tap.js';
import { VIEWS } from './views.js';

const DOCUMENT = defineRoute({
  method: 'GET',
  path: '/v1/openapi.json',
  role: 'view',
  summary: 'This list, as OpenAPI 3.1.',
  run: () => openApi(ROUTES),
});

/** Every endpoint of the control surface. */
export const ROUTES: readonly Route[] = [...VIEWS, ...TAPS, DOCUMENT, ...COMMANDS, ...ORDER_COMMANDS];
