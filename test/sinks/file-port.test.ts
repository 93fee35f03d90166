import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeFiles, writeWhole } from '../../src/sinks/file-port.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes folders once, and never over a file', () => {
  const path = join(folder, 'a', 'b');
  expect([nodeFiles.makeFolder(path), nodeFiles.makeFolder(path)]).toEqual([true, false]);
  writeFileSync(join(folder, 'file'), '');
  expect(() => nodeFiles.makeFolder(join(folder, 'file'))).toThrow('is a file, not a folder');
  expect(() => nodeFiles.open(join(folder, 'file', 'x'))).toThrow('ENOTDIR');
  expect(nodeFiles.list(join(folder, 'none'))).toEqual([]);
});

it.runIf(process.platform === 'linux')('gives up below a folder that takes none', () => {
  expect(() => nodeFiles.open('/proc/millrace/x/y')).toThrow('ENOENT');
  expect(() => nodeFiles.makeFolder('/proc/millrace/x')).toThrow('ENOENT');
});

it('makes new files only, and appends', () => {
  const path = join(folder, 'new');
  const file = nodeFiles.create(path);
  file.append(Buffer.from('one '));
  file.append(Buffer.from('two'));
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('one two');
  expect(() => nodeFiles.create(path)).toThrow('EEXIST');
  writeWhole(nodeFiles, path, 'whole');
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect(nodeFiles.list(folder)).toEqual(['new']);
});
