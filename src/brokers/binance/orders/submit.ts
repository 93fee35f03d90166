import { Observable, type Subscriber } from 'rxjs';
import { isCommand } from '../../../model/command.js';
import type { BrokerErrorCategory, CommandOutcome, OutcomeEvent } from '../../../model/event.js';
import { makeOutcome } from '../../../model/make.js';
import { MillraceError, reasonText } from '../../../model/reason.js';
import type { BrokerCommand } from '../../broker.js';
import type { BinanceRest, BinanceWsApi, OrderAnswer } from '../wire.js';
import { takeAnswer, type AnswerDeps, type Sent } from './answers.js';
import { cancelRequest, replaceRequest } from './change.js';
import { placeRequest, stopFamily, type StopFamily } from './place.js';
import { refuse, restRequest, type Mapped, type VenueRequest } from './request.js';
import type { SymbolRules } from './symbol-rules.js';

export interface SubmitDeps extends AnswerDeps {
  readonly name: string;
  readonly rest: Pick<BinanceRest, 'order'>;
  /** Absent: orders go by REST. */
  readonly wsApi: Pick<BinanceWsApi, 'order'> | undefined;
  /** The WebSocket API can take requests now. */
  readonly wsUp: () => boolean;
  /** Empty when new orders may go; else why not. */
  readonly notReady: () => string;
  /** What the venue lets be done with an instrument; undefined when it is not the venue's. */
  readonly rulesOf: (ix: number) => SymbolRules | undefined;
  /** The venue answered that it did what was asked. */
  readonly carriedOut: () => void;
}

/**
 * The hot path from a command to its bytes: no promise, no pacing and no timer between them. A command goes over the
 * WebSocket API, or over REST while that is down. New and replace orders wait for nothing: while the session is not
 * ready they come back `not_sent`. Cancels are tried over whatever works.
 */
export class Submitter {
  readonly #d: SubmitDeps;
  /** Requests handed over, by transport; and commands refused here because the venue has no such thing. */
  readonly sent: { ws: number; rest: number } = { ws: 0, rest: 0 };
  refusedHere = 0;
  unknown = 0;
  notSent = 0;

  constructor(deps: SubmitDeps) {
    this.#d = deps;
  }

  /** Errors with `COMMAND_FORGED` when something else than a command of the throttle arrives. */
  execute(commands$: Observable<BrokerCommand>): Observable<OutcomeEvent> {
    return new Observable((subscriber) =>
      commands$.subscribe({
        next: (command) => {
          if (isCommand(command.command)) this.#submit(command, subscriber);
          else
            subscriber.error(
              new MillraceError(
                'COMMAND_FORGED',
                `broker ${this.#d.name} was sent something that is not a command of the throttle`,
              ),
            );
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  }

  #submit(command: BrokerCommand, out: Subscriber<OutcomeEvent>): void {
    const { dispatch } = command;
    const say = (outcome: CommandOutcome, category: BrokerErrorCategory | '', reason: string): void => {
      if (outcome === 'unknown') this.unknown++;
      else if (outcome === 'not_sent') this.notSent++;
      const { orderKey, clientOrderId, action } = dispatch;
      const { name, now } = this.#d;
      out.next(makeOutcome(name, now(), name, orderKey, clientOrderId, action, outcome, category, reason));
    };
    const notReady = dispatch.action === 'cancel' ? '' : this.#d.notReady();
    if (notReady !== '') {
      say(
        'not_sent',
        'unavailable',
        reasonText('BROKER_NOT_READY', { broker: this.#d.name, reason: notReady }),
      );
      return;
    }
    const rules = this.#d.rulesOf(dispatch.intent.ix);
    const mapped =
      rules === undefined
        ? refuse(`${dispatch.intent.instrument} is not traded on Binance spot`)
        : this.#map(command, rules);
    if (!mapped.ok || rules === undefined) {
      this.refusedHere++;
      say('not_sent', 'rejection', mapped.ok ? '' : mapped.reason);
      return;
    }
    const sent: Sent = {
      action: dispatch.action,
      method: mapped.request.method,
      clientOrderId: dispatch.clientOrderId,
      targetId: dispatch.targetClientOrderId,
      symbol: rules.symbol,
      side: dispatch.intent.side,
    };
    this.#note(sent, mapped.request);
    if (this.#d.wsApi !== undefined && this.#d.wsUp()) this.#byWs(this.#d.wsApi, sent, mapped.request, say);
    else this.#byRest(sent, mapped.request, say);
  }

  #map(command: BrokerCommand, rules: SymbolRules): Mapped {
    const { dispatch, order } = command;
    switch (dispatch.action) {
      case 'new':
        return placeRequest(dispatch.intent, dispatch.clientOrderId, rules);
      case 'cancel':
        return cancelRequest(dispatch, rules.symbol);
      case 'replace':
        return replaceRequest(dispatch, order, rules, this.#family(command));
    }
  }

  /** Direction of the stop order that is replaced: as it was placed. */
  #family({ dispatch }: BrokerCommand): StopFamily | undefined {
    const type = this.#d.known.get(dispatch.targetClientOrderId)?.type ?? '';
    if (type.startsWith('TAKE_PROFIT')) return 'TAKE_PROFIT';
    if (type.startsWith('STOP_LOSS')) return 'STOP_LOSS';
    return stopFamily(dispatch.intent) === 'TAKE_PROFIT' ? 'TAKE_PROFIT' : undefined;
  }

  /** Before the bytes leave: a report may come before anything else does. */
  #note({ action, method, clientOrderId, targetId, symbol, side }: Sent, { params }: VenueRequest): void {
    const { known } = this.#d;
    if (action === 'new') known.note(clientOrderId, symbol, side).type = String(params['type']);
    else if (action === 'replace')
      known.startReplace(clientOrderId, targetId, symbol, method === 'order.amend.keepPriority');
  }

  #byWs(wsApi: Pick<BinanceWsApi, 'order'>, sent: Sent, request: VenueRequest, say: Say): void {
    const call: { phase: 'writing' | 'written' | 'lost' | 'over' } = { phase: 'writing' };
    wsApi.order(request.method, request.params, (answer) => {
      const lost =
        answer.kind === 'not_sent' && (answer.category === 'network' || answer.category === 'unavailable');
      if (lost && call.phase === 'writing') call.phase = 'lost';
      else if (lost && sent.action === 'cancel') this.#byRest(sent, request, say);
      else {
        const told = call.phase === 'written';
        call.phase = 'over';
        this.#take(sent, answer, say, told);
      }
    });
    if (call.phase === 'lost') this.#byRest(sent, request, say);
    else this.sent.ws++;
    if (call.phase !== 'writing') return;
    call.phase = 'written';
    say('sent', '', '');
  }

  #byRest(sent: Sent, request: VenueRequest, say: Say): void {
    this.sent.rest++;
    this.#d.rest.order(restRequest(request)).then(
      (answer) => this.#take(sent, answer, say, false),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#take(sent, { kind: 'unknown', category: 'network', reason }, say, false);
      },
    );
  }

  #take(sent: Sent, answer: OrderAnswer, say: Say, told: boolean): void {
    const { outcome, category, reason } = takeAnswer(sent, answer, this.#d);
    if (answer.kind === 'answer') this.#d.carriedOut();
    if (outcome !== 'sent' || !told) say(outcome, category, reason);
  }
}

type Say = (outcome: CommandOutcome, category: BrokerErrorCategory | '', reason: string) => void;
