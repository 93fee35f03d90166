/** One venue orders may go to: the name of a broker, and how it deals. */
export interface VenueOptions {
  readonly name: string;
  /** Part of a split, relative to the others; the greatest is where an unsplit order goes. */
  readonly weight: number;
  /** Account the venue's orders are in; default: the order's own. */
  readonly account?: string | undefined;
  readonly maker_rebate_bps: number;
  readonly taker_fee_bps: number;
  /** Makes prices made here for this venue keener (above zero) or more careful. */
  readonly price_adjustment_bps: number;
  readonly latency_ms: number;
  readonly queue_enabled: boolean;
  readonly queue_progress_fraction: number;
  readonly queue_default_visible_qty: number;
  readonly queue_depth_mode: string;
}

export interface SplitOptions {
  readonly mode: 'none' | 'parallel' | 'sequential';
  /** Least quantity of a child, on average: below it the order is not split. */
  readonly min_child_qty: number;
  readonly max_children: number;
  /** `partial`: the parent shows every fill; `final`: its figures come when all children are done; `none`: never. */
  readonly parent_aggregation: 'partial' | 'final' | 'none';
}

/** Settings of a `route` node, under the names they have in a topology. */
export interface RouteOptions {
  readonly enabled: boolean;
  readonly mode: 'smart' | 'none' | 'off' | 'disabled';
  readonly split: SplitOptions;
  /** Broker orders go to when nothing else says; empty: the only orders sink. */
  readonly default_venue: string;
  /** Widest spread at which a market order becomes a limit order. */
  readonly max_spread_bps: number;
  readonly passive_offset_bps: number;
  readonly aggressive_offset_bps: number;
  readonly venues: readonly VenueOptions[];
}

export const VENUE_DEFAULTS: Omit<VenueOptions, 'name'> = {
  weight: 1,
  maker_rebate_bps: 0,
  taker_fee_bps: 0,
  price_adjustment_bps: 0,
  latency_ms: 0,
  queue_enabled: false,
  queue_progress_fraction: 0,
  queue_default_visible_qty: 0,
  queue_depth_mode: '',
};

export const ROUTE_DEFAULTS: RouteOptions = {
  enabled: true,
  mode: 'smart',
  split: { mode: 'none', min_child_qty: 1, max_children: 8, parent_aggregation: 'partial' },
  default_venue: '',
  max_spread_bps: 8,
  passive_offset_bps: 0,
  aggressive_offset_bps: 0,
  venues: [],
};
