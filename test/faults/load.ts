import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtins } from '../../src/topology/builtins.js';
import type { CheckedTopology } from '../../src/topology/checked.js';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology } from '../../src/topology/load.js';
import { campaignBroker } from './topology.js';

/** Writes the topology into the folder and loads it, with the campaign's broker; throws what lint says. */
export async function loadCampaign(folder: string, text: string): Promise<CheckedTopology> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'topology.yaml');
  writeFileSync(path, text);
  const registry = builtins().with([campaignBroker], 'campaign');
  const { topology, diagnostics, texts } = await loadTopology([path], { registry, environment: {}, set: [] });
  if (topology === undefined) throw new Error(formatText(diagnostics, texts));
  return topology;
}
