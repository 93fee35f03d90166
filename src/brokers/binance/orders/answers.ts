import type { BrokerErrorCategory, CommandOutcome } from '../../../model/event.js';
import type { Side } from '../../../model/instrument.js';
import type { IntentAction } from '../../../model/intent.js';
import type { Micros } from '../../../model/time.js';
import { classOf } from '../error-codes.js';
import { parseAmend, parseOrder, parseRefusal, parseReplace, type OrderAnswered } from '../schemas.js';
import type { OrderAnswer } from '../wire.js';
import { cancelHalfId } from './change.js';
import type { KnownOrders } from './known-orders.js';
import { isDuplicate, isUnknownOrder, refusalText } from './refusal.js';
import type { Reporter } from './reporter.js';
import type { OrderMethod } from './request.js';
import type { Question, Resolver } from './resolve.js';

/** A request that was handed to the wire. */
export interface Sent {
  readonly action: IntentAction;
  readonly method: OrderMethod;
  readonly clientOrderId: string;
  readonly targetId: string;
  readonly symbol: string;
  readonly side: Side;
}

export interface Verdict {
  readonly outcome: CommandOutcome;
  readonly category: BrokerErrorCategory | '';
  readonly reason: string;
}

export interface AnswerDeps {
  readonly known: KnownOrders;
  readonly reporter: Reporter;
  readonly resolver: Pick<Resolver, 'ask'>;
  readonly now: () => Micros;
}

const SENT: Verdict = { outcome: 'sent', category: '', reason: '' };

/**
 * What an answer means. Definitive results and refusals become reports; whatever is not clear becomes a question, never
 * a guess and never a second request.
 *
 * | answer | outcome | reports |
 * |---|---|---|
 * | result | sent | accepted, replaced or cancelled, and its fills |
 * | refusal of a new order | sent | rejected; a duplicate is asked for and adopted |
 * | refusal of a cancel | sent | cancel_rejected; "unknown order" is asked for first |
 * | refusal of a replace | sent | replace_rejected, and cancelled where only its cancel was carried out |
 * | not sent | not_sent | none |
 * | unknown, or not readable | unknown | what the query finds |
 */
export function takeAnswer(sent: Sent, answer: OrderAnswer, deps: AnswerDeps): Verdict {
  switch (answer.kind) {
    case 'answer':
      return takeResult(sent, answer.result, deps);
    case 'refused':
      takeRefusal(sent, answer.code, answer.message, answer.data, deps);
      return SENT;
    case 'not_sent': {
      forget(sent, deps);
      return { outcome: 'not_sent', category: answer.category, reason: answer.reason };
    }
    case 'unknown':
      deps.resolver.ask(questionOf(sent, answer.reason));
      return { outcome: 'unknown', category: answer.category, reason: answer.reason };
  }
}

export function questionOf(sent: Sent, why: string): Question {
  const { action, clientOrderId, targetId, symbol, side } = sent;
  return { action, clientOrderId, targetId, venueOrderId: '', symbol, side, why };
}

/** How an order stands, asked because something about it may be missing. */
export function refreshOf(symbol: string, clientOrderId: string, side: Side, why: string): Question {
  return { action: 'refresh', clientOrderId, targetId: '', venueOrderId: '', symbol, side, why };
}

function takeResult(sent: Sent, result: unknown, deps: AnswerDeps): Verdict {
  try {
    if (sent.method === 'order.cancelReplace') takeReplaced(sent, result, deps);
    else tell(sent.method === 'order.amend.keepPriority' ? parseAmend(result) : parseOrder(result), deps);
    return SENT;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    deps.resolver.ask(questionOf(sent, reason));
    return { outcome: 'unknown', category: 'schema', reason };
  }
}

/** Accepted, its fills, its end; an end whose fills are not all here is asked for, so that fills come first. */
function tell({ view, fills, cancelId }: OrderAnswered, { reporter, known, resolver }: AnswerDeps): void {
  if (view.status !== 'REJECTED') reporter.order({ ...view, status: 'NEW' });
  for (const fill of fills) reporter.fill(fill);
  const filled = known.get(view.clientOrderId)?.filled;
  if (filled === undefined || filled.gte(view.executed)) reporter.order(view, cancelId);
  else resolver.ask(refreshOf(view.symbol, view.clientOrderId, view.side, 'fills are missing in an answer'));
}

function takeReplaced(sent: Sent, result: unknown, deps: AnswerDeps): void {
  const { cancelResponse, newOrderResponse } = parseReplace(result);
  const placed = parseOrder(newOrderResponse);
  takeCancelHalf(sent, cancelResponse, deps);
  tell(placed, deps);
}

/** The old order is gone. Its end is not told: it lives on in the new one, or the replace is refused. */
function takeCancelHalf(sent: Sent, response: unknown, deps: AnswerDeps): void {
  const { view } = parseOrder(response);
  deps.reporter.order(view, cancelHalfId(sent.clientOrderId));
}

function takeRefusal(sent: Sent, code: number, message: string, data: unknown, deps: AnswerDeps): void {
  const { reporter, resolver, now } = deps;
  const reason = refusalText(code, message);
  const ask = (): void => resolver.ask(questionOf(sent, reason));
  switch (sent.action) {
    case 'new':
      if (isDuplicate(code, message)) ask();
      else reporter.rejected(sent, reason, now());
      return;
    case 'cancel':
      if (isUnknownOrder(code, message)) ask();
      else reporter.cancelRejected(sent, reason, now());
      return;
    case 'replace':
      if (sent.method === 'order.cancelReplace' && data !== undefined && data !== null)
        refusedReplace(sent, data, reason, deps);
      else refuseReplace(sent, reason, deps);
  }
}

/** STOP_ON_FAILURE leaves three results: nothing done, the cancel alone done, or (never asked for) the new one alone. */
function refusedReplace(sent: Sent, data: unknown, reason: string, deps: AnswerDeps): void {
  const ask = (why: string): void => deps.resolver.ask(questionOf(sent, why));
  try {
    const halves = parseReplace(data);
    if (halves.newOrderResult === 'SUCCESS') {
      ask(reason);
      return;
    }
    const refused = parseRefusal(halves.newOrderResponse);
    if (halves.newOrderResult === 'FAILURE') {
      const decided =
        refused !== undefined &&
        classOf(refused.code) !== 'unknown' &&
        !isDuplicate(refused.code, refused.msg);
      if (halves.cancelResult === 'SUCCESS') takeCancelHalf(sent, halves.cancelResponse, deps);
      if (!decided) {
        ask(reason);
        return;
      }
      refuseReplace(sent, refusalText(refused.code, refused.msg), deps);
      return;
    }
    const uncancelled = parseRefusal(halves.cancelResponse);
    refuseReplace(
      sent,
      uncancelled === undefined ? reason : refusalText(uncancelled.code, uncancelled.msg),
      deps,
    );
  } catch (error) {
    ask(error instanceof Error ? error.message : String(error));
  }
}

/** The replace is refused; why may be that the order filled or ended, so how it stands is asked too. */
function refuseReplace(sent: Sent, reason: string, { reporter, known, resolver, now }: AnswerDeps): void {
  reporter.replaceRejected(sent, reason, now());
  if (known.get(sent.targetId)?.ended !== true)
    resolver.ask(refreshOf(sent.symbol, sent.targetId, sent.side, 'its replace was refused'));
}

/** It never left: nothing of it will be heard of. */
function forget(sent: Sent, { known }: AnswerDeps): void {
  const replace = known.replaceByNew(sent.clientOrderId);
  if (replace !== undefined) replace.state = 'failed';
  const order = sent.action === 'new' ? known.get(sent.clientOrderId) : undefined;
  if (order !== undefined) known.end(order);
}
