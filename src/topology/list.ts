import { singular, type Registry } from './registry.js';
import type { Section } from './spec.js';

/** The components by section, one line each. */
export function listText(registry: Registry, sections: readonly Section[]): string {
  const width = Math.max(
    ...sections.flatMap((section) => registry.types(section).map(({ length }) => length)),
    0,
  );
  return sections
    .map((section) =>
      [
        `${section}:`,
        ...registry.list(section).map(({ type, summary }) => `  ${type.padEnd(width)}  ${summary}`),
      ].join('\n'),
    )
    .join('\n\n');
}

export function listJson(registry: Registry, sections: readonly Section[]): object {
  return sections.flatMap((section) =>
    registry.list(section).map(({ type, summary, reload }) => ({
      section,
      kind: singular(section),
      type,
      summary,
      reload,
      from: registry.origin(section, type),
    })),
  );
}
