import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BUILT_IN_STRATEGIES } from '../../strategies/index.js';
import { diagnostic, type Diagnostic } from '../diagnostic.js';
import { meant } from '../suggest.js';
import { at } from '../tree.js';
import type { Finding, Rule } from './rule.js';

const looksLikeFile = (use: string): boolean =>
  /^\.{0,2}\//.test(use) || /\.([cm]?ts|[cm]?js|wasm)$/.test(use);

/** E110: the strategy is a built-in one, or its file is there. What is in the file is seen by `plan`. */
export const strategyFilesExist: Rule = ({ graph, baseDir, strategies }) =>
  graph.section('operators').flatMap((draft): readonly Finding[] => {
    const use = draft.config?.use;
    if (draft.type !== 'strategy' || typeof use !== 'string') return [];
    if (BUILT_IN_STRATEGIES.has(use) || strategies.includes(use)) return [];
    const place = at(draft.tree, ['use'])?.place ?? draft.place;
    const found = (item: Diagnostic): readonly Finding[] => [{ name: draft.name, diagnostic: item }];
    if (!looksLikeFile(use)) {
      const help = meant(use, [...BUILT_IN_STRATEGIES.keys()], 'there are');
      return found(
        diagnostic(
          'E110',
          place,
          `there is no built-in strategy "${use}".`,
          `${help ?? ''} A file is written ./${use}.ts.`.trim(),
        ),
      );
    }
    const file = resolve(baseDir, use);
    if (existsSync(file)) return [];
    return found(
      diagnostic(
        'E110',
        place,
        `there is no strategy file ${use}.`,
        `looked for ${file}; make one with \`millrace new strategy NAME\`.`,
      ),
    );
  });
