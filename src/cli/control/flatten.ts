import type { ControlAnswer } from '../../engine/control-turns.js';
import type { FlattenAnswer } from '../../engine/kill/flattener.js';
import type { Verb } from '../verb.js';
import { defineCommand, scopeOf, scopeOptions, yesOption } from './command-verb.js';

const flat = (answer: ControlAnswer): FlattenAnswer => answer as FlattenAnswer;

export const verb: Verb = defineCommand({
  options: (yargs) => scopeOptions(yesOption(yargs)),
  request: (argv) => ({ path: '/v1/flatten', body: { scope: scopeOf(argv) } }),
  confirm: (argv) => ({
    type: 'flatten',
    about: `Flattening ${scopeOf(argv)}: open orders are cancelled and positions closed at the market.`,
  }),
  more: (answer) =>
    flat(answer).flat ? ['flat'] : [`not flat yet: ${JSON.stringify(flat(answer).left)}; it goes on`],
  complete: (answer) => flat(answer).flat,
});
