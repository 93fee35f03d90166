import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAddress, removeAddress, writeAddress } from '../../../src/engine/control/address.js';
import { isLoopback } from '../../../src/topology/control-schema.js';
import { mayAct, TokenStore } from '../../../src/engine/control/tokens.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-tokens-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = new Date('2026-01-02T03:04:05Z');

describe('TokenStore', () => {
  it('finds the owner of a token it made, and keeps only its hash, readable by its owner alone', () => {
    const path = join(folder, 'state', 'tokens.json');
    const store = new TokenStore(path);
    const token = store.create('ops', 'operate', now);
    expect(token).toMatch(/^mlr_[A-Za-z0-9_-]{43}$/);
    expect(store.find(token)).toMatchObject({
      name: 'ops',
      role: 'operate',
      created: '2026-01-02T03:04:05.000Z',
    });
    expect(store.find(`${token}x`)).toBeUndefined();
    expect(store.find('')).toBeUndefined();
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('stays private when an older file was readable by others', () => {
    const path = join(folder, 'tokens.json');
    writeFileSync(path, JSON.stringify({ version: 1, tokens: [] }));
    chmodSync(path, 0o644);
    new TokenStore(path).create('ops', 'view', now);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('revokes at once, also for a store that was opened before', () => {
    const path = join(folder, 'tokens.json');
    const engine = new TokenStore(path);
    const cli = new TokenStore(path);
    const token = cli.create('ops', 'admin', now);
    expect(engine.find(token)?.role).toBe('admin');
    expect(cli.revoke('ops')).toBe(true);
    expect(cli.revoke('ops')).toBe(false);
    expect(engine.find(token)).toBeUndefined();
  });

  it('refuses a name twice and a name that cannot be written in a log', () => {
    const store = new TokenStore(join(folder, 'tokens.json'));
    store.create('ops', 'view', now);
    expect(() => store.create('ops', 'admin', now)).toThrow('there is a token "ops" already');
    expect(() => store.create('two words', 'view', now)).toThrow('cannot name a token');
    expect(store.list().map(({ name }) => name)).toEqual(['ops']);
  });

  it.each(['', '{', '[]', '{"version":1,"tokens":[{"name":"x","role":"root","hash":"00","created":""}]}'])(
    'lets nobody in when its file is damaged: %s',
    (text) => {
      const path = join(folder, 'tokens.json');
      writeFileSync(path, text);
      expect(() => new TokenStore(path).find('mlr_x')).toThrow('is not a list of tokens');
    },
  );
});

describe('roles', () => {
  it('include the ones below them', () => {
    expect(mayAct('admin', 'operate')).toBe(true);
    expect(mayAct('operate', 'operate')).toBe(true);
    expect(mayAct('view', 'operate')).toBe(false);
    expect(mayAct('operate', 'admin')).toBe(false);
  });
});

describe('the address of a running engine', () => {
  const address = {
    url: 'http://127.0.0.1:9465',
    pid: 7,
    session: 's1',
    topology: 't',
    started: now.toISOString(),
  };

  it('is removed by its own session only', () => {
    const path = join(folder, 'control.json');
    writeAddress(path, address);
    expect(readAddress(path)).toEqual(address);
    removeAddress(path, 's2');
    expect(readAddress(path)).toEqual(address);
    removeAddress(path, 's1');
    expect(readAddress(path)).toBeUndefined();
  });

  it('is not there when the file says something else', () => {
    const path = join(folder, 'control.json');
    writeFileSync(path, '{"url":"nowhere"}');
    expect(readAddress(path)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.evil.example', false],
  ])('%s is loopback: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });
});
