export { route } from './route.js';
export {
  ROUTE_DEFAULTS,
  VENUE_DEFAULTS,
  type RouteOptions,
  type SplitOptions,
  type VenueOptions,
} from './options.js';
