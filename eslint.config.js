import js from '@eslint/js';
import rxjs from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

/** Rooms from the ground up: a room may import from rooms listed for it, never upwards. */
const rooms = {
  model: ['model'],
  state: ['model', 'state'],
  streams: ['model', 'streams'],
  matching: ['model', 'matching', 'streams'],
  operators: ['model', 'state', 'streams', 'matching', 'operators'],
  strategies: ['model', 'state', 'streams', 'matching', 'operators', 'strategies'],
  brokers: ['model', 'streams', 'matching', 'brokers'],
  emulators: ['model', 'streams', 'matching', 'emulators'],
  sinks: ['model', 'state', 'streams', 'sinks'],
  compat: ['model', 'state', 'streams', 'sinks', 'compat'],
};
const everyRoom = [
  'model',
  'state',
  'streams',
  'matching',
  'operators',
  'strategies',
  'brokers',
  'emulators',
  'sinks',
  'compat',
  'topology',
  'engine',
  'testing',
  'cli',
];

const hostClock = [
  {
    object: 'Date',
    property: 'now',
    message: 'Inside the loop time is event time: context.at() or the scheduler.',
  },
  {
    object: 'Math',
    property: 'random',
    message: 'Randomness is seeded: context.random() or model/random.ts.',
  },
  {
    object: 'performance',
    property: 'now',
    message: 'Inside the loop time is event time: context.at() or the scheduler.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'dist-bench', 'node_modules', 'coverage', 'data', '**/*.mjs', 'eslint.config.js'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'rxjs-x': rxjs },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'rxjs-x/no-internal': 'error',
      'rxjs-x/no-nested-subscribe': 'error',
      'rxjs-x/no-unsafe-takeuntil': 'error',
      'rxjs-x/no-create': 'error',
      'rxjs-x/no-exposed-subjects': 'error',
    },
  },
  ...Object.entries(rooms).map(([room, allowed]) => ({
    files: [`src/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: everyRoom
            .filter((other) => !allowed.includes(other))
            .map((other) => ({
              group: [`**/${other}/*`, `**/${other}/**`],
              message: `src/${room} stands below src/${other}: imports never go up.`,
            })),
        },
      ],
    },
  })),
  {
    files: ['src/model/**', 'src/state/**', 'src/operators/**', 'src/strategies/**', 'src/matching/**'],
    rules: {
      'no-restricted-properties': ['error', ...hostClock],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
    },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'rxjs-x/no-exposed-subjects': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
    },
  },
);
