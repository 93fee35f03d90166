import type { CheckedTopology, Edge } from './checked.js';
import { strategyInfo } from './load-strategies.js';

const refText = ({ node, port }: Edge): string => (port === '' ? node : `${node}.${port}`);

/** What would run, its strategies loaded: wiring with kinds, ranks, buffers, and the configuration with every default. */
export function planText(topology: CheckedTopology): string {
  const lines = [
    `${topology.name}: mode ${topology.mode}, seed ${topology.seed}`,
    `configuration ${topology.configurationHash}`,
    '',
  ];
  const rows: string[][] = [];
  for (const { name, spec, reads } of topology.brokers) {
    const prices = reads.length === 0 ? '' : `, fills against ${reads.map(refText).join(', ')}`;
    rows.push(['broker', name, spec.type, `${spec.simulated ? 'simulated' : 'real session'}${prices}`]);
  }
  for (const { name, spec, emits, broker } of topology.sources)
    rows.push([
      'source',
      name,
      spec.type,
      `${broker === '' ? '' : `over ${broker}; `}emits ${emits.join(', ')}`,
    ]);
  for (const { name, spec, inputs, emits, rank } of topology.operators) {
    rows.push([`rank ${rank}`, name, spec.type, `${inputs.map(edgeText).join(', ')} -> ${emits.join(', ')}`]);
  }
  for (const { name, spec, inputs, everything, delivery, buffer, broker } of topology.sinks) {
    const reads = everything
      ? 'everything'
      : inputs.length === 0
        ? 'the engine'
        : inputs.map(edgeText).join(', ');
    const to = broker === '' ? '' : ` -> ${broker}`;
    rows.push([
      'sink',
      name,
      spec.type,
      `${reads}${to}; ${delivery}, ${delivery === 'required' ? 'halts when it cannot write' : `buffer of ${buffer.maxEvents}, then ${buffer.whenFull}`}`,
    ]);
  }
  const widths = [0, 1, 2].map((n) => Math.max(0, ...rows.map((row) => row[n]?.length ?? 0)));
  for (const row of rows)
    lines.push(
      row
        .map((cell, n) => (n < 3 ? cell.padEnd(widths[n] ?? 0) : cell))
        .join('  ')
        .trimEnd(),
    );
  for (const { name, use, version, sourceHash } of strategyInfo(topology))
    lines.push(`strategy code of ${name}: ${use} ${version}, ${sourceHash.slice(0, 12)}`);
  return [
    ...lines,
    '',
    'configuration in force (defaults included, secrets as ***):',
    ...topology.configurationText
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ].join('\n');
}

function edgeText(edge: Edge): string {
  return `${refText(edge)} (${edge.kinds.join(', ')})`;
}

export function planJson(topology: CheckedTopology): object {
  return {
    name: topology.name,
    mode: topology.mode,
    seed: topology.seed,
    configurationHash: topology.configurationHash,
    brokers: topology.brokers.map(({ name, spec, reads }) => ({
      name,
      type: spec.type,
      simulated: spec.simulated,
      reads: reads.map(refText),
    })),
    sources: topology.sources.map(({ name, spec, emits, broker }) => ({
      name,
      type: spec.type,
      emits,
      broker: broker === '' ? null : broker,
    })),
    operators: topology.operators.map(({ name, spec, inputs, emits, rank }) => ({
      name,
      type: spec.type,
      rank,
      inputs: inputs.map((edge) => ({ ref: refText(edge), kinds: edge.kinds })),
      emits,
    })),
    sinks: topology.sinks.map(({ name, spec, inputs, everything, delivery, buffer, broker }) => ({
      name,
      type: spec.type,
      inputs: everything ? ['*'] : inputs.map(refText),
      delivery,
      buffer,
      broker: broker === '' ? null : broker,
    })),
    strategies: strategyInfo(topology),
    configuration: topology.configurationText,
  };
}
