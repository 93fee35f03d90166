import type { Verb } from '../verb.js';
import { simpleCommand } from './command-verb.js';

export const verb: Verb = simpleCommand('/v1/resume');
