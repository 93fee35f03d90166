import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { diagnostic } from '../diagnostic.js';
import { at } from '../tree.js';
import type { Finding, Rule } from './rule.js';

export const looksLikeFile = (use: string): boolean =>
  /^\.{0,2}\//.test(use) || /\.(ts|mts|js|mjs|wasm)$/.test(use);

/** E110: the file of a strategy is there. What is in it is seen by `plan`. */
export const strategyFilesExist: Rule = ({ graph, baseDir }) =>
  graph.section('operators').flatMap((draft): readonly Finding[] => {
    const use = draft.config?.use;
    if (draft.type !== 'strategy' || typeof use !== 'string' || !looksLikeFile(use)) return [];
    const file = resolve(baseDir, use);
    if (existsSync(file)) return [];
    const place = at(draft.tree, ['use'])?.place ?? draft.place;
    return [
      {
        name: draft.name,
        diagnostic: diagnostic(
          'E110',
          place,
          `there is no strategy file ${use}.`,
          `looked for ${file}; make one with \`millrace new strategy NAME\`.`,
        ),
      },
    ];
  });
