import { z } from 'zod';
import type { ControlAnswer } from '../control-turns.js';
import type { By } from '../operations.js';
import { name, reason, scope, waitMs } from './fields.js';
import { ControlError, defineRoute, type Call, type ControlHost, type Route } from './route.js';
import { within } from './within.js';

/** Longest a venue may take to be compared with. */
const VENUE_MS = 60_000;

const onlyReason = z.strictObject({ reason });
const by = ({ actor, body }: Call<{ readonly reason: string }>): By => ({ actor, reason: body.reason });

/**
 * A refused command is an error to its caller: 409, with what stood in its way; 503 when the engine ended before its
 * turn came, or when that does not come in time.
 */
async function done<A extends ControlAnswer>(answer: Promise<A>, ms?: number): Promise<A> {
  const result = await within(answer, ms);
  if (result.refused === undefined) return result;
  throw new ControlError(409, 'CONTROL_REFUSED', result.refused, 'see `millrace status`', result);
}

const simple = (
  path: string,
  role: 'operate' | 'admin',
  summary: string,
  act: (host: ControlHost, by: By) => Promise<ControlAnswer>,
): Route =>
  defineRoute({
    method: 'POST',
    path,
    role,
    summary,
    body: onlyReason,
    run: (host, call) => done(act(host, by(call))),
  });

/** Everything that acts. Each is a control event, answered after it was reduced. */
export const COMMANDS: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/arm',
    role: 'operate',
    summary: 'Lets new orders of a live account out.',
    body: z.strictObject({ account: name.describe('The account, as the topology names it.'), reason }),
    run: ({ operations }, call) => done(operations.arm(call.body.account, by(call))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/disarm',
    role: 'operate',
    summary: 'Holds new orders of a live account back; exits and cancels pass.',
    body: z.strictObject({ account: name.optional().describe('Default: all accounts.'), reason }),
    run: ({ operations }, call) => done(operations.disarm(by(call), call.body.account)),
  }),
  simple('/v1/pause', 'operate', 'No new orders until resume; exits and cancels pass.', (h, b) =>
    h.operations.pause(b),
  ),
  simple('/v1/resume', 'operate', 'Trades again after pause, reduce or a halt.', (h, b) =>
    h.operations.resume(b),
  ),
  simple('/v1/reduce', 'operate', 'Only orders that reduce a position, until resume.', (h, b) =>
    h.operations.reduce(b),
  ),
  defineRoute({
    method: 'POST',
    path: '/v1/kill',
    role: 'operate',
    summary: 'Closes the gate, latches, cancels open orders and verifies it. Positions stay.',
    body: z.strictObject({ scope, reason, waitMs }),
    early: true,
    run: ({ operations }, call) =>
      within(operations.kill(by(call), call.body.scope, call.body.waitMs), call.body.waitMs),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/release',
    role: 'admin',
    summary: 'Clears a kill latch after a clean reconciliation; trading stays halted until resume.',
    body: z.strictObject({ scope, reason }),
    run: ({ operations }, call) => done(operations.release(by(call), call.body.scope), VENUE_MS),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/flatten',
    role: 'operate',
    summary: 'Cancels open orders and closes positions, whatever the trading state.',
    body: z.strictObject({ scope, reason, waitMs }),
    run: ({ operations }, call) =>
      done(operations.flatten(by(call), call.body.scope, call.body.waitMs), call.body.waitMs),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/reconcile',
    role: 'operate',
    summary: 'Compares the books with the venues now.',
    body: z.strictObject({ brokers: z.array(name).optional().describe('Default: all.'), reason }),
    run: async ({ engine, operations }, call) => {
      const known = [...engine.brokers.keys()];
      const wrong = call.body.brokers?.find((one) => !known.includes(one));
      if (wrong !== undefined)
        throw new ControlError(
          404,
          'NO_SUCH_BROKER',
          `there is no broker "${wrong}"`,
          `these are: ${known.join(', ')}`,
        );
      const why = await within(operations.reconcile(by(call), call.body.brokers), VENUE_MS);
      return { clean: why === '', why };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/acknowledge',
    role: 'operate',
    summary: 'Takes note of differences of a broker, or of a protection that fired, and lets trading go on.',
    body: z.strictObject({ target: name.describe('A broker, or `protection:NAME`.'), reason }),
    run: ({ operations }, call) => done(operations.acknowledge(call.body.target, by(call))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/limits/tighten',
    role: 'operate',
    summary: 'Makes a risk limit smaller.',
    body: z.strictObject({ limit: name.describe('Name, as under `limits:`.'), value: name, reason }),
    run: ({ operations }, call) => done(operations.setLimit(call.body.limit, call.body.value, by(call))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/limits/loosen',
    role: 'admin',
    summary: 'Makes a risk limit larger.',
    body: z.strictObject({ limit: name.describe('Name, as under `limits:`.'), value: name, reason }),
    run: ({ operations }, call) => done(operations.loosenLimit(call.body.limit, call.body.value, by(call))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/strategies/:name/enable',
    role: 'operate',
    summary: 'Runs a strategy that was disabled, afresh.',
    body: onlyReason,
    run: ({ operations }, call) => done(operations.enableStrategy(call.path['name'] ?? '', by(call))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/strategies/:name/disable',
    role: 'operate',
    summary: 'Stops a strategy; its open orders stay.',
    body: onlyReason,
    run: ({ operations }, call) => done(operations.disableStrategy(call.path['name'] ?? '', by(call))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/strategies/:name/parameters',
    role: 'operate',
    summary: 'Gives a strategy other parameters; it begins afresh with them, its warm-up too.',
    body: z.strictObject({
      parameters: z
        .record(name, z.unknown())
        .describe('Those that change, as under `params:`; the others stay.'),
      version: z
        .int()
        .min(0)
        .optional()
        .describe('Version it is based on: refused when somebody changed them meanwhile.'),
      reason,
    }),
    run: ({ operations }, call) =>
      done(
        operations.setParameters(call.path['name'] ?? '', call.body.parameters, by(call), call.body.version),
      ),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/reload',
    role: 'admin',
    summary: 'Reads the files of the topology again and takes over what can change while it runs.',
    body: z.strictObject({
      dry_run: z.boolean().default(false).describe('Only says what would change.'),
      reason,
    }),
    run: async ({ reload }, call) => {
      if (reload === undefined)
        throw new ControlError(
          409,
          'NO_FILES',
          'this topology was made in code, there is nothing to read again',
          'start it with `millrace run FILE` to reload it',
        );
      const answer = await within(reload.run(by(call), call.body.dry_run), VENUE_MS);
      if (answer.refused === undefined) return answer;
      throw new ControlError(409, 'RELOAD_REFUSED', answer.refused, 'see the list; the rest needs a restart');
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/heartbeat',
    role: 'operate',
    summary: 'The operator is there: the dead man’s switch starts again.',
    body: z.strictObject({}),
    early: true,
    run: ({ operations }, { actor }) => {
      operations.heartbeat(actor);
      return { heard: actor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/shutdown',
    role: 'admin',
    summary: 'Ends the run: feeds stop, then the drain. Open orders as the topology says.',
    body: onlyReason,
    early: true,
    run: async ({ shutdown }, call) => ({ ...(await done(shutdown(by(call)))), stopping: true }),
  }),
];
