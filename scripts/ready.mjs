// Makes a fresh clone runnable: installs dependencies and builds, each only when missing or older than its sources.
// Uses nothing but Node itself.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `millrace needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and run it again.`,
  );
  process.exit(78);
}

const time = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : time(path));
  }
  return latest;
}

function run(what, command, args) {
  console.error(`${what} ...`);
  try {
    execFileSync(command, args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  } catch {
    console.error(`${what} failed; run \`${command} ${args.join(' ')}\` to see why.`);
    process.exit(1);
  }
}

const installed = join(root, 'node_modules', '.package-lock.json');
if (time(installed) < time(join(root, 'package-lock.json')))
  run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund']);

const stamp = join(root, 'dist', '.built');
const sources = Math.max(
  newest(join(root, 'src')),
  time(join(root, 'tsconfig.json')),
  time(join(root, 'tsconfig.build.json')),
  time(installed),
);
if (time(stamp) < sources) {
  run('building', process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  writeFileSync(stamp, '');
}
