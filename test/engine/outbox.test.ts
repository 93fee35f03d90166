import { Observable, Subscriber } from 'rxjs';
import { expect, test } from 'vitest';
import type { Broker, BrokerCommand } from '../../src/brokers/broker.js';
import { Outbox } from '../../src/engine/outbox.js';
import { mintApproved, mintCommand } from '../../src/model/command.js';
import { dec } from '../../src/model/decimal.js';
import type { InputEvent, OutcomeEvent } from '../../src/model/event.js';
import type { Intent } from '../../src/model/intent.js';
import { makeControl } from '../../src/model/make.js';
import { Bench, intentOf, T0 } from '../state/support.js';

/** An outbox on a State of its own, a journal that says "durable" when told, and a broker that hears. */
class Desk {
  readonly bench: Bench = new Bench();
  readonly sent: string[] = [];
  readonly answers: string[] = [];
  readonly halts: string[] = [];
  readonly outbox: Outbox;
  readonly #commits: (() => void)[] = [];
  lane: Subscriber<OutcomeEvent> | undefined;
  #sub = 0;
  tripped: string | undefined;

  constructor(execute?: (command: BrokerCommand) => void) {
    const { state } = this.bench;
    this.outbox = new Outbox({
      session: 's',
      state,
      record: (child) => {
        state.apply(child);
        state.takeChanges();
      },
      post: (event) => this.answer(event),
      nextSub: () => ++this.#sub,
      commit: (done) => void this.#commits.push(done),
      at: () => T0,
      halt: (code, reason) => {
        this.outbox.closeGate(code, reason);
        this.halts.push(code);
      },
      tripped: () => this.tripped,
      detached: false,
    });
    const broker = {
      name: 'sim',
      execute: (commands$: Observable<BrokerCommand>) =>
        new Observable<OutcomeEvent>((lane) => {
          this.lane = lane;
          return commands$.subscribe(
            new (class extends Subscriber<BrokerCommand> {
              override next(command: BrokerCommand): void {
                (execute ?? hear)(command);
              }
            })(),
          );
        }),
    };
    const hear = ({ dispatch }: BrokerCommand): void =>
      void this.sent.push(`${dispatch.action} ${dispatch.orderKey}`);
    this.outbox.attach(broker as unknown as Broker);
  }

  answer(event: InputEvent): void {
    if (event.kind !== 'outcome') return;
    this.answers.push(`${event.action} ${event.orderKey} ${event.outcome} ${event.reason}`);
    this.bench.apply(event);
  }

  /** Approved and taken in one turn. */
  take(intent: Intent): this {
    const approved = mintApproved(intent, dec(100), () => {
      throw new Error('not asked');
    });
    this.bench.apply(approved);
    this.outbox.take(mintCommand(approved), 'sim');
    this.outbox.flush();
    return this;
  }

  commit(): this {
    for (const done of this.#commits.splice(0)) done();
    return this;
  }

  control(action: Parameters<typeof makeControl>[1]): this {
    this.bench.apply(makeControl(T0, action, 'test', ''));
    return this;
  }
}

test('a new order waits for the journal; a cancel does not', () => {
  const desk = new Desk().take(intentOf('new'));
  expect([desk.sent, desk.outbox.waiting]).toEqual([[], 1]);
  desk.commit().take(intentOf('cancel'));
  expect([desk.sent, desk.outbox.waiting]).toEqual([['new k1', 'cancel k1'], 0]);
});

test('a cancel takes back a new order that still waits, and never overtakes it', () => {
  const desk = new Desk().take(intentOf('new')).take(intentOf('cancel')).commit();
  expect(desk.sent).toEqual([]);
  expect(desk.answers).toEqual([
    'new k1 not_sent withdrawn by a cancel before it left',
    'cancel k1 not_sent withdrawn by a cancel before it left',
  ]);
  expect([desk.bench.orderState, desk.bench.exposed(), desk.outbox.waiting]).toEqual(['rejected', '0', 0]);
});

test('a cancel takes back a replace that still waits, and is sent', () => {
  const desk = new Desk().take(intentOf('new')).commit();
  desk
    .take(intentOf('replace', { quantity: dec(20) }))
    .take(intentOf('cancel'))
    .commit();
  expect(desk.sent).toEqual(['new k1', 'cancel k1']);
  expect(desk.answers).toEqual(['replace k1 not_sent withdrawn by a cancel before it left']);
  expect([desk.bench.orderState, desk.bench.exposed()]).toEqual(['pending_cancel', '10']);
});

test.each([
  ['pause', 'TRADING_HALTED'],
  ['reduce', 'TRADING_REDUCING'],
  ['kill', 'LATCHED'],
  ['recovering', 'RECOVERING'],
] as const)('%s while an order waits for the journal: it is withheld', (action, code) => {
  const desk = new Desk().take(intentOf('new')).control(action).commit();
  expect(desk.sent).toEqual([]);
  expect(desk.answers[0]).toContain(`new k1 not_sent ${code}`);
  expect([desk.bench.orderState, desk.bench.exposed()]).toEqual(['rejected', '0']);
});

test('a broker that ends or fails halts, and every later command comes back', () => {
  const ends: ((desk: Desk) => void)[] = [
    (desk) => desk.lane?.complete(),
    (desk) => desk.lane?.error(new Error('gone')),
  ];
  for (const end of ends) {
    const desk = new Desk().take(intentOf('new')).commit();
    end(desk);
    expect(desk.halts).toEqual(['TRADING_PROVIDER_ERROR']);
    desk.take(intentOf('cancel'));
    expect(desk.answers).toEqual(['cancel k1 not_sent BROKER_NOT_READY: broker=sim']);
  }
});

test('a broker that throws while it has a command: nobody knows, and trading halts', () => {
  const desk = new Desk(() => {
    throw new Error('torn');
  });
  desk.take(intentOf('new')).commit();
  expect([desk.halts, desk.bench.orderState]).toEqual([['TRADING_PROVIDER_ERROR'], 'unknown']);
  expect(desk.answers).toEqual(['new k1 unknown the broker failed while sending it']);
  expect(desk.bench.exposed()).toBe('10');
});
