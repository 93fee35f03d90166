import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DENIALS } from '../../../src/model/reason.js';
import type { RiskCheck } from '../../../src/operators/risk/check.js';
import { CHECKS } from '../../../src/operators/risk/checks.js';

interface Script {
  readonly DENIALS_PAGE: string;
  denialsPage(denials: Readonly<Record<string, string>>, checks: readonly RiskCheck[]): Promise<string>;
}

const script = (await import(new URL('../../../scripts/docs-tables.mjs', import.meta.url).href)) as Script;

it('docs/reference/denials.md is what the code says (else: node scripts/docs-tables.mjs)', async () => {
  const page = await script.denialsPage(DENIALS, CHECKS);
  expect(readFileSync(script.DENIALS_PAGE, 'utf8')).toBe(page);
});

it('every code of the risk stage has its row', async () => {
  const page = await script.denialsPage(DENIALS, CHECKS);
  for (const code of Object.keys(DENIALS)) expect(page).toContain(`\n| \`${code}\` `);
});
