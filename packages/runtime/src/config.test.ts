// Every way a configuration file can be wrong ends in one clear line.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Type } from 'typebox';
import { ConfigError, parseConfig, readConfig, readSecrets } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-config-'));
after(() => rmSync(folder, { recursive: true }));

const Schema = Type.Object({
  name: Type.String(),
  port: Type.Integer({ default: 8600, minimum: 0, maximum: 65535 }),
  listen: Type.Union([Type.Object({ socket: Type.String() }), Type.Object({ host: Type.String() })]),
  nested: Type.Optional(Type.Object({ deep: Type.Array(Type.Object({ key: Type.String() })) })),
  quotas: Type.Optional(Type.Record(Type.String(), Type.Number())),
});

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail('not refused');
}

test('a good file is read and defaults are filled in', () => {
  const path = file('good.json', JSON.stringify({ name: 'p', listen: { socket: '/run/x' }, quotas: { otp: 3 } }));
  assert.deepEqual(readConfig(Schema, path), {
    name: 'p',
    port: 8600,
    listen: { socket: '/run/x' },
    quotas: { otp: 3 },
  });
});

test('unknown keys are named with their path, at any depth', () => {
  const base = { name: 'p', listen: { host: 'h' } };
  assert.match(
    refusal(() => parseConfig(Schema, { ...base, prot: 1 }, 'f')),
    /unknown key "prot"/,
  );
  const deep = { ...base, nested: { deep: [{ key: 'a' }, { key: 'b', kye: 'c' }] } };
  assert.match(
    refusal(() => parseConfig(Schema, deep, 'f')),
    /unknown key "nested\.deep\.1\.kye"/,
  );
});

test('unknown keys inside one branch of a union are refused too', () => {
  refusal(() => parseConfig(Schema, { name: 'p', listen: { host: 'h', prot: 1 } }, 'f'));
});

test('a key that is named like a part of a schema is checked like any other', () => {
  const Odd = Type.Object({ default: Type.Object({ const: Type.String() }), required: Type.Object({}) });
  assert.deepEqual(parseConfig(Odd, { default: { const: 'a' }, required: {} }, 'f').default.const, 'a');
  assert.match(
    refusal(() => parseConfig(Odd, { default: { const: 'a', x: 1 }, required: {} }, 'f')),
    /"default\.x"/,
  );
  refusal(() => parseConfig(Odd, { default: { const: 'a' }, required: { y: 1 } }, 'f'));
});

test('missing keys and wrong kinds are named, values are not printed', () => {
  assert.match(
    refusal(() => parseConfig(Schema, { listen: { host: 'h' } }, 'f')),
    /missing "name"/,
  );
  const message = refusal(() => parseConfig(Schema, { name: 'p', listen: { host: 'h' }, port: 'hunter2' }, 'f'));
  assert.match(message, /"port"/);
  assert.doesNotMatch(message, /hunter2/);
});

test('absent files, folders and broken JSON are one line, without the text of the file', () => {
  assert.match(
    refusal(() => readConfig(Schema, join(folder, 'absent.json'))),
    /cannot be read \(ENOENT\)/,
  );
  assert.match(
    refusal(() => readConfig(Schema, folder)),
    /cannot be read/,
  );
  const broken = refusal(() => readConfig(Schema, file('broken.json', '{"name": hunter2')));
  assert.match(broken, /not valid JSON/);
  assert.doesNotMatch(broken, /hunter2/);
});

test('secrets that others can read are refused', () => {
  const Secrets = Type.Object({ key: Type.String() });
  const text = JSON.stringify({ key: 'k' });
  assert.deepEqual(readSecrets(Secrets, file('secrets.json', text)), { key: 'k' });
  for (const mode of [0o644, 0o640, 0o604, 0o620]) {
    assert.match(
      refusal(() => readSecrets(Secrets, file('open.json', text, mode))),
      /chmod 600/,
    );
  }
});
