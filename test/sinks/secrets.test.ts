import { describe, expect, it } from 'vitest';
import { isSensitiveKey, Secrets } from '../../src/sinks/secrets.js';

describe('Secrets', () => {
  it('replaces the longest value first', () => {
    const secrets = new Secrets();
    secrets.add('hunter');
    secrets.add('hunter-two');
    expect(secrets.redact('hunter-two, hunter, hunter-two!')).toBe('***, ***, ***!');
  });

  it('never registers values of three characters or fewer and reports where they are', () => {
    const secrets = new Secrets();
    expect(secrets.add('abc')).toBe(false);
    const short = secrets.addConfig({
      brokers: { a: { api_key: 'key-of-a', secret: 'xyz' } },
      list: [{ token: 12 }],
    });
    expect(short).toEqual(['brokers.a.secret', 'list[0].token']);
    expect(secrets.size).toBe(1);
    expect(secrets.redact('abc xyz key-of-a')).toBe('abc xyz ***');
  });

  it('hides what stands below sensitive keys, and registered values anywhere', () => {
    const secrets = new Secrets();
    secrets.add('postgres-pass');
    const config = {
      apiKey: 'AK',
      'api-secret': ['one', 'two'],
      Authorization: { scheme: 'Bearer', value: 'v' },
      url: 'postgres://u:postgres-pass@host/db',
      port: 5432,
      password: '',
    };
    expect(secrets.redactConfig(config)).toEqual({
      apiKey: '***',
      'api-secret': ['***', '***'],
      Authorization: { scheme: '***', value: '***' },
      url: 'postgres://u:***@host/db',
      port: 5432,
      password: '',
    });
    expect(
      ['API_KEY', 'clientSecret', 'token', 'Passphrase', 'password', 'authorization'].every(isSensitiveKey),
    ).toBe(true);
    expect(isSensitiveKey('symbol')).toBe(false);
  });
});
