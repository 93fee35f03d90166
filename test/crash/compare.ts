import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { END, readSnapshot } from '../../src/engine/recover/snapshots.js';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { MillraceError } from '../../src/model/reason.js';
import { verifyAudit } from '../../src/sinks/audit/verify.js';
import { readJournal, type Journal } from '../../src/sinks/journal/index.js';
import type { Everything } from './ask.js';

export interface Comparison {
  readonly wrong: readonly string[];
  readonly told: string;
}

/**
 * Compares everything the exchange has with everything the engine recorded over all its lives. `brokenDisk`: some lives
 * could not write; exits leave all the same then, so that orders of ours may be known by their id and fills alone.
 */
export async function compare(folder: string, venue: Everything, brokenDisk: boolean): Promise<Comparison> {
  const wrong: string[] = [];
  const journals = readdirSync(join(folder, 'journal'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => journalAt(join(folder, 'journal', name)))
    .sort((a, b) => a.header.after - b.header.after);
  const sent = new Set<string>();
  let lives = 0;
  let turns = 0;
  for (const journal of journals) {
    for (const frame of journal.frames()) {
      turns++;
      if (frame.input.kind === 'control' && frame.input.action === 'recovering') lives++;
      for (const child of frame.children) {
        if (child.kind !== 'dispatch') continue;
        if (sent.has(child.clientOrderId))
          wrong.push(`client order id ${child.clientOrderId} was given twice`);
        sent.add(child.clientOrderId);
      }
    }
    if (journal.header.after === journal.tail?.seq) continue;
    const verified = await verifyJournal(journal);
    if (verified.difference !== undefined) wrong.push(`${journal.path}: ${verified.difference.text}`);
  }
  for (const id of venue.repeated) wrong.push(`the exchange got ${id} more than once`);
  const ours = journals[0]?.header.originalSession ?? '';
  const unwritten = new Set(venue.orders.map(({ client }) => client).filter((client) => !sent.has(client)));
  for (const client of unwritten)
    if (!brokenDisk || !client.startsWith(`${ours}-`))
      wrong.push(`the exchange has ${client}, which was never written ahead`);
  const written = { ...venue, orders: venue.orders.filter(({ client }) => !unwritten.has(client)) };
  books(journals.at(-1), written, wrong);
  const audit = verifyAudit(join(folder, 'audit.jsonl'));
  if (!audit.intact) wrong.push(`audit: ${audit.message}`);
  const told = `${lives} restarts, ${turns} turns, ${venue.orders.length} orders, ${venue.fills.length} fills, position ${venue.position / 1000}`;
  return { wrong, told };
}

/** State of the end against the exchange: every order, every fill, the position. */
function books(journal: Journal | undefined, venue: Everything, wrong: string[]): void {
  if (journal === undefined) {
    wrong.push('there is no journal');
    return;
  }
  const { state } = readSnapshot(join(journal.path, END));
  const position = state.portfolio.accounts.flatMap(({ positions }) => positions)[0];
  const held = position?.quantity.times(1000).toNumber() ?? 0;
  if (held !== venue.position) wrong.push(`position ${held} here, ${venue.position} there (thousandths)`);
  const known = new Set(venue.orders.map(({ client }) => client));
  const cost = venue.fills.reduce((sum, { client, lots }) => sum + (known.has(client) ? lots : 0), 0);
  const orders = new Map(
    [...state.orders.open, ...state.orders.closed].map(
      (saved) => [saved.order.clientOrderId, saved] as const,
    ),
  );
  let counted = 0;
  for (const theirs of venue.orders) {
    const ours = orders.get(theirs.client);
    if (ours === undefined) {
      if (state.orders.closed.length < 2000) wrong.push(`order ${theirs.client} is not known here`);
      continue;
    }
    const filled = ours.order.filled.times(1000).toNumber();
    counted += filled;
    if (filled !== theirs.filled)
      wrong.push(`order ${theirs.client}: ${filled} filled here, ${theirs.filled} there`);
    const open = theirs.state === 'open';
    const closed = ours.order.closedAt !== undefined;
    if (open === closed)
      wrong.push(`order ${theirs.client}: ${ours.order.state} here, ${theirs.state} there`);
  }
  if (state.orders.closed.length < 2000 && counted !== cost)
    wrong.push(`${counted} filled here, ${cost} there`);
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
