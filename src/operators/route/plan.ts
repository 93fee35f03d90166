import { Decimal, ZERO, dec } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import type { MarketView } from '../../state/view.js';
import { LINKED } from '../manage/intents.js';
import { VENUE_DEFAULTS, type RouteOptions, type VenueOptions } from './options.js';

/** Metadata an order may bring, and what its children carry. */
export const VENUE = 'venue';
export const ROUTE_STYLE = 'route_style';
export const ROUTE_PARENT = 'route_parent';
export const ROUTE_MODE = 'route_mode';
export const ROUTE_SPLIT = 'route_split';
export const ROUTE_PLAN = 'route_plan';

export type Style = 'auto' | 'passive' | 'aggressive';

/** One piece of a split order. */
export interface Piece {
  readonly venue: string;
  readonly quantity: Decimal;
}

/** The venue an unsplit order goes to: the one it asks for, else its route, else the greatest weight, else the default. */
export function venueOf(intent: Intent, options: RouteOptions): VenueOptions | undefined {
  const asked = intent.metadata?.[VENUE] ?? (intent.route === '' ? undefined : intent.route);
  if (asked !== undefined) return venueNamed(asked, options);
  const heaviest = options.venues.reduce<VenueOptions | undefined>(
    (best, venue) => (best === undefined || venue.weight > best.weight ? venue : best),
    undefined,
  );
  if (heaviest !== undefined) return heaviest;
  return options.default_venue === '' ? undefined : venueNamed(options.default_venue, options);
}

export function venueNamed(name: string, { venues }: RouteOptions): VenueOptions {
  return venues.find((venue) => venue.name === name) ?? { ...VENUE_DEFAULTS, name };
}

export function styleOf(intent: Intent): Style | undefined {
  switch (intent.metadata?.[ROUTE_STYLE] ?? 'auto') {
    case 'auto':
      return 'auto';
    case 'passive':
    case 'limit':
      return 'passive';
    case 'aggressive':
    case 'market':
      return 'aggressive';
    default:
      return undefined;
  }
}

/** Spread in basis points of the middle; NaN while there is no two-sided quote. */
export function spreadBps(market: MarketView, ix: number): number {
  const bid = market.bid(ix);
  const ask = market.ask(ix);
  return ((ask - bid) / ((ask + bid) / 2)) * 10_000;
}

/**
 * Type and price an order gets at a venue. Limit and stop orders keep their own. A market order becomes a limit order
 *
 * - `auto`: at the bid (buy) or ask (sell), when the spread is at most `max_spread_bps`; else it stays a market order;
 * - `passive`: there in any case;
 * - `aggressive`: at the ask (buy) or bid (sell).
 *
 * `passive_offset_bps` moves a passive price away from the market, `aggressive_offset_bps` an aggressive one through it,
 * `price_adjustment_bps` of the venue either towards the other side. Without a quote the last trade is the price, and
 * without that it stays a market order. Rounded to the tick: a passive price away from the market, another through it.
 */
export function termsAt(
  intent: Intent,
  venue: VenueOptions | undefined,
  instrument: Instrument,
  market: MarketView,
  options: RouteOptions,
): Pick<Intent, 'type' | 'limitPrice'> {
  const own = { type: intent.type, limitPrice: intent.limitPrice };
  const style = styleOf(intent);
  if (intent.type !== 'market' || style === undefined) return own;
  if (style === 'auto' && !(spreadBps(market, intent.ix) <= options.max_spread_bps)) return own;
  const buy = intent.side === 'buy';
  const aggressive = style === 'aggressive';
  const quoted = buy === aggressive ? market.ask(intent.ix) : market.bid(intent.ix);
  const base = Number.isFinite(quoted) ? quoted : market.last(intent.ix);
  if (!Number.isFinite(base)) return own;
  const offset = aggressive ? options.aggressive_offset_bps : -options.passive_offset_bps;
  const keener = (offset + (venue?.price_adjustment_bps ?? 0)) * (buy ? 1 : -1);
  const price = dec(base).times(dec(10_000).plus(keener)).div(10_000).div(instrument.tickSize);
  const up = buy === aggressive;
  return { type: 'limit', limitPrice: (up ? price.ceil() : price.floor()).times(instrument.tickSize) };
}

/** Pieces of a quantity by weight, in whole lots; the last gets what is left. */
export function shares(
  quantity: Decimal,
  venues: readonly Pick<VenueOptions, 'name' | 'weight'>[],
  lot: Decimal,
): Piece[] {
  const total = venues.reduce((sum, { weight }) => sum + weight, 0);
  let left = quantity;
  return venues.map(({ name, weight }, i) => {
    const part = total > 0 ? quantity.times(weight).div(total).div(lot).floor().times(lot) : ZERO;
    const piece = i === venues.length - 1 ? left : Decimal.min(part, left);
    left = left.minus(piece);
    return { venue: name, quantity: piece };
  });
}

/** How an order is split; empty when it is not. */
export function splitOf(intent: Intent, options: RouteOptions, instrument: Instrument): Piece[] {
  const { split, venues } = options;
  const fixed = intent.route !== '' || intent.metadata?.[VENUE] !== undefined;
  if (split.mode === 'none' || fixed || intent.metadata?.[LINKED] !== undefined) return [];
  const used = [...venues].sort((a, b) => b.weight - a.weight).slice(0, split.max_children);
  const chosen = venues.filter((venue) => used.includes(venue));
  if (chosen.length < 2 || intent.quantity.lt(split.min_child_qty * chosen.length)) return [];
  return shares(intent.quantity, chosen, instrument.lotSize).filter(({ quantity }) => quantity.gt(0));
}

/** What a child knows of its venue, as metadata. */
export function profileOf(venue: VenueOptions | undefined): Readonly<Record<string, string>> {
  if (venue === undefined) return {};
  const told = Object.entries(venue) as [string, unknown][];
  const profile = told.filter(([key]) => key !== 'name' && key !== 'weight' && key !== 'account');
  return { [VENUE]: venue.name, ...Object.fromEntries(profile.map(([key, value]) => [key, String(value)])) };
}

/** The plan as text in the metadata of the parent, so that a record alone says it. */
export function planText(pieces: readonly Piece[]): string {
  return pieces.map(({ venue, quantity }) => `${venue}=${quantity.toString()}`).join(' ');
}

export function readPlan(text: string | undefined): Piece[] {
  if (text === undefined || text === '') return [];
  return text.split(' ').map((part) => {
    const [venue = '', quantity = '0'] = part.split('=');
    return { venue, quantity: dec(quantity) };
  });
}
