import type { AccountEvent } from '../../model/event.js';
import { makeAccount } from '../../model/make.js';
import { MICROS_PER_MS } from '../../model/time.js';
import { breakId } from '../../state/readiness.js';
import { within, type ReconcileEnds } from './ends.js';
import { balanceDifferences, positionDifferences, type Difference } from './judge-money.js';
import type { Consistent } from './orders-pass.js';
import type { Recorder } from './record.js';

/** Compares positions and balances. Rejects when a query fails: no answer is never an answer of nothing. */
export class MoneyPass {
  readonly #ends: ReconcileEnds;
  readonly #record: Recorder;
  readonly #consistent: Consistent;
  readonly #balances: 'derived' | 'broker';
  #differences: readonly Difference[] = [];
  #account: AccountEvent | undefined;
  /** Ids of breaks that stand open after the pass. */
  readonly standing: Set<string> = new Set();

  constructor(ends: ReconcileEnds, record: Recorder, consistent: Consistent, balances: 'derived' | 'broker') {
    this.#ends = ends;
    this.#record = record;
    this.#consistent = consistent;
    this.#balances = balances;
  }

  /** Asks and compares. True: nothing differs that was not taken note of. */
  async ask(): Promise<boolean> {
    const { broker, state, settings } = this.#ends;
    const ms = settings.timeout / MICROS_PER_MS;
    const [positions, account] = await this.#consistent(
      async () =>
        [
          await within(broker.positions(), ms, 'positions'),
          await within(broker.accountState(), ms, 'balances'),
        ] as const,
    );
    this.#account = account;
    this.#differences = [
      ...positionDifferences(state, broker.account, positions, settings.positionTolerance),
      ...balanceDifferences(state, account, this.#balances, settings.balanceTolerance),
    ];
    return this.#differences.every((one) => this.#noted(one));
  }

  /** Instruments a fill nobody told may have been of. */
  get suspects(): readonly string[] {
    const keys = new Set(this.#differences.map(({ key }) => key));
    return this.#ends.state.instruments.all
      .filter(({ symbol, base, assetClass }) => keys.has(assetClass === 'crypto_spot' ? base : symbol))
      .map(({ symbol }) => symbol);
  }

  /** Records what differs. `opening`: the books were never compared before, so the venue's figures are where they begin. */
  conclude(opening: boolean): void {
    const { broker, settings, state } = this.#ends;
    if (this.#balances === 'broker' && this.#account !== undefined) {
      const { source, ts, account, balances } = this.#account;
      this.#ends.post(makeAccount(source, ts, broker.name, account, balances));
    }
    for (const one of this.#differences) {
      const id = breakId(one);
      if (!opening && this.#noted(one)) continue;
      const foreign = one.subject === 'position' && one.ix < 0;
      const policy = one.subject === 'balance' ? 'adopt' : settings.openingPositions;
      const resolution = foreign
        ? 'ignored'
        : opening && policy !== 'halt'
          ? policy === 'adopt'
            ? 'adopted'
            : 'ignored'
          : settings.onBreak === 'warn'
            ? 'ignored'
            : 'open';
      const known = state.readiness?.of(broker.name)?.open.get(id);
      if (resolution === 'open') this.standing.add(id);
      if (resolution === 'open' && known !== undefined && sameFigure(known.difference, one)) continue;
      this.#write(one, opening, resolution, foreign);
    }
    this.#forgetSettled();
  }

  #write(
    one: Difference,
    opening: boolean,
    resolution: 'adopted' | 'ignored' | 'open',
    foreign: boolean,
  ): void {
    const { subject, key, ix, ours, theirs, price } = one;
    const code = subject === 'balance' ? 'BALANCE' : 'POSITION';
    this.#record.found({
      subject,
      code: opening ? `OPENING_${code}` : code,
      key,
      ix,
      instrument: subject === 'position' ? key : '',
      ours: ours.toString(),
      theirs: theirs.toString(),
      difference: theirs.minus(ours),
      amount: foreign ? undefined : theirs,
      price,
      resolution,
      evidence: foreign
        ? 'its instrument is not in the topology'
        : opening
          ? 'first comparison of the books'
          : 'fills and orders were compared just before',
    });
  }

  /** A difference that was taken note of and is not there any more is forgotten: should it come back, it is told. */
  #forgetSettled(): void {
    const { broker, state } = this.#ends;
    const accepted = state.readiness?.of(broker.name)?.accepted;
    if (accepted === undefined) return;
    const still = new Set(this.#differences.map(breakId));
    for (const [id, { subject, code, key, ix }] of [...accepted]) {
      if ((subject !== 'position' && subject !== 'balance') || still.has(id)) continue;
      const both = { ours: '', theirs: '', evidence: 'they agree again' };
      this.#record.found({ subject, code: code as 'BALANCE', key, ix, ...both, resolution: 'gone' });
    }
  }

  /** An operator or the configuration took note of this very difference. */
  #noted(one: Difference): boolean {
    const { broker, state } = this.#ends;
    const noted = state.readiness?.of(broker.name)?.accepted.get(breakId(one));
    return noted !== undefined && sameFigure(noted.difference, one);
  }
}

function sameFigure(known: Difference['ours'] | undefined, { ours, theirs }: Difference): boolean {
  return known?.eq(theirs.minus(ours)) === true;
}
