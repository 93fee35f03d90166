import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { END, readSnapshot } from '../../src/engine/recover/snapshots.js';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { dec, type Decimal } from '../../src/model/decimal.js';
import type { ExecutionEvent } from '../../src/model/event.js';
import { MillraceError } from '../../src/model/reason.js';
import { verifyAudit } from '../../src/sinks/audit/verify.js';
import { readJournal, type Journal } from '../../src/sinks/journal/index.js';
import type { Truth, Venue } from './venue.js';

export interface Comparison {
  readonly wrong: readonly string[];
  readonly told: string;
}

/** What the journals of all lives say was sent and filled. */
interface Recorded {
  readonly sent: ReadonlySet<string>;
  /** By execution id; the first report of each. */
  readonly fills: ReadonlyMap<string, ExecutionEvent>;
  readonly lives: number;
  readonly turns: number;
}

/** Closed orders State keeps: more of them cannot all be compared one by one. */
const KEPT = 2_000;

/**
 * Compares everything the exchange has with everything the engine recorded over all its lives. `brokenDisk`: some lives
 * could not write; exits leave all the same then, so that orders of ours may be known by their id and fills alone.
 */
export async function compare(folder: string, venue: Venue, brokenDisk: boolean): Promise<Comparison> {
  const wrong: string[] = [];
  const truth = await venue.truth();
  const journals = readdirSync(join(folder, 'journal'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => journalAt(join(folder, 'journal', name)))
    .sort((a, b) => a.header.after - b.header.after);
  const recorded = recordedIn(journals, wrong);
  for (const journal of journals) {
    if (journal.header.after === journal.tail?.seq) continue;
    const verified = await verifyJournal(journal);
    if (verified.difference !== undefined) wrong.push(`${journal.path}: ${verified.difference.text}`);
  }
  for (const { clientOrderId, count } of truth.duplicates)
    wrong.push(`the exchange accepted ${clientOrderId} ${count} times`);
  for (const [id, count] of venue.placed) if (count > 1) wrong.push(`${id} was sent ${count} times`);
  const ours = journals[0]?.header.originalSession ?? '';
  for (const { clientOrderId: id } of truth.orders)
    if (!recorded.sent.has(id) && !(brokenDisk && id.startsWith(`${ours}-`)))
      wrong.push(`the exchange has ${id}, which was never written ahead`);
  fills(recorded, truth, wrong);
  const known = truth.orders.filter(({ clientOrderId }) => recorded.sent.has(clientOrderId));
  books(journals.at(-1), { ...truth, orders: known }, wrong);
  const audit = verifyAudit(join(folder, 'audit.jsonl'));
  if (!audit.intact) wrong.push(`audit: ${audit.message}`);
  const { lives, turns } = recorded;
  const told = `${lives} restarts, ${turns} turns, ${venue.placed.size} orders sent, ${truth.orders.length} at the exchange, ${truth.fills.length} fills`;
  return { wrong, told };
}

function recordedIn(journals: readonly Journal[], wrong: string[]): Recorded {
  const sent = new Set<string>();
  const told = new Map<string, ExecutionEvent>();
  let lives = 0;
  let turns = 0;
  for (const journal of journals) {
    for (const { input, children } of journal.frames()) {
      turns++;
      if (input.kind === 'control' && input.action === 'recovering') lives++;
      if (input.kind === 'execution' && input.fill !== undefined && !told.has(input.execId))
        told.set(input.execId, input);
      for (const child of children) {
        if (child.kind !== 'dispatch') continue;
        if (sent.has(child.clientOrderId))
          wrong.push(`client order id ${child.clientOrderId} was given twice`);
        sent.add(child.clientOrderId);
      }
    }
  }
  return { sent, fills: told, lives, turns };
}

/** Every fill of the exchange is recorded with its very price, quantity and fee, and no other one is. */
function fills(recorded: Recorded, truth: Truth, wrong: string[]): void {
  const left = new Map(recorded.fills);
  for (const theirs of truth.fills) {
    const id = `${theirs.symbol}:${theirs.tradeId}`;
    const fill = left.get(id)?.fill;
    left.delete(id);
    if (fill === undefined) wrong.push(`fill ${id} of ${theirs.clientOrderId} is not recorded`);
    else if (
      !fill.price.eq(theirs.price) ||
      !fill.quantity.eq(theirs.quantity) ||
      !fill.fee.eq(theirs.commission)
    )
      wrong.push(
        `fill ${id}: ${fill.quantity.toString()} at ${fill.price.toString()} here, ${theirs.quantity} at ${theirs.price} there`,
      );
  }
  for (const id of left.keys()) wrong.push(`fill ${id} is recorded, and the exchange does not have it`);
}

/** State of the end against the exchange: every order that is still known, every position, every balance. */
function books(journal: Journal | undefined, truth: Truth, wrong: string[]): void {
  if (journal === undefined) {
    wrong.push('there is no journal');
    return;
  }
  const { state } = readSnapshot(join(journal.path, END));
  const { instruments } = journal.header;
  const account = state.portfolio.accounts[0];
  const bought = new Map<string, Decimal>();
  for (const { symbol, side, quantity } of truth.fills) {
    const signed = side === 'BUY' ? dec(quantity) : dec(quantity).neg();
    bought.set(symbol, (bought.get(symbol) ?? dec(0)).plus(signed));
  }
  const coins = new Map<string, Decimal>();
  for (const { ix, quantity } of account?.positions ?? []) {
    const instrument = instruments.find((one) => one.ix === ix);
    const theirs = bought.get(instrument?.symbol ?? '') ?? dec(0);
    if (!quantity.eq(theirs))
      wrong.push(
        `position ${instrument?.symbol ?? ix}: ${quantity.toString()} here, ${theirs.toString()} there`,
      );
    coins.set(instrument?.base ?? '', quantity);
  }
  for (const { asset, free, locked } of truth.balances) {
    const here = (account?.cash.get(asset) ?? dec(0)).plus(coins.get(asset) ?? dec(0));
    const there = dec(free).plus(locked);
    if (!here.eq(there)) wrong.push(`balance ${asset}: ${here.toString()} here, ${there.toString()} there`);
    if (!dec(locked).isZero()) wrong.push(`${locked} ${asset} are still locked in open orders`);
  }
  const executed = new Map(truth.orders.map((order) => [order.clientOrderId, dec(order.executed)]));
  const known = new Set<string>();
  for (const { order, ids } of [...state.orders.open, ...state.orders.closed]) {
    if (order.closedAt === undefined) wrong.push(`order ${order.orderKey} is still ${order.state}`);
    let there = dec(0);
    for (const id of ids.keys()) {
      known.add(id);
      there = there.plus(executed.get(id) ?? 0);
    }
    if (!order.filled.eq(there))
      wrong.push(
        `order ${order.orderKey}: ${order.filled.toString()} filled here, ${there.toString()} there`,
      );
  }
  if (state.orders.closed.length >= KEPT) return;
  for (const { clientOrderId } of truth.orders)
    if (!known.has(clientOrderId)) wrong.push(`order ${clientOrderId} is not known here`);
}

/** None where the process was killed before the header was whole: such a session had no turn. */
function journalAt(path: string): readonly Journal[] {
  try {
    return [readJournal(path)];
  } catch (error) {
    if (error instanceof MillraceError && /no complete header|no journal segments/.test(error.message))
      return [];
    throw error;
  }
}
