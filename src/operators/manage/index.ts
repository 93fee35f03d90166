export { manage } from './manage.js';
export { MANAGE_DEFAULTS, type ManageOptions } from './options.js';
