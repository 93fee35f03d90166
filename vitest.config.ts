import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}/index.ts`, import.meta.url));

export default defineConfig({
  // The examples import the package by its name: here that is the source.
  resolve: {
    alias: [
      { find: /^millrace$/, replacement: source('.') },
      { find: /^millrace\/(.+)$/, replacement: source('$1') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
