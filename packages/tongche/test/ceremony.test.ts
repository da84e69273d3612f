// The offline ceremony: a root key that is never replaced, and rosters that follow each other.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeDevelopmentKey, verifyRoster } from '@tongche/approval';
import type { Roster } from '@tongche/approval';
import { fromBase64Url, unwrap } from '@tongche/protocol';
import { ConfigError } from '@tongche/runtime';
import type { Context } from '../src/arguments.ts';
import { ceremony } from '../src/commands/ceremony.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-ceremony-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const context: Context = { calledFrom: folder, print() {}, isTerminal: false, postgresBin: undefined };
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const line = (pattern: RegExp) => (error: unknown) => error instanceof ConfigError && pattern.test(error.message);

async function pending(role: string, person: string) {
  const { keyId, publicKey } = await makeDevelopmentKey();
  return { keyId, publicKey, role, person };
}

test('a root key is made once, for its owner only', async () => {
  await ceremony(context, ['root', '--to', 'root.json']);
  assert.equal(statSync(join(folder, 'root.json')).mode & 0o777, 0o600);
  await assert.rejects(ceremony(context, ['root', '--to', 'root.json']), line(/never replaced/));
});

test('pending passkeys become a signed roster, and the next one builds on it', async () => {
  const [chen, lin, zhao] = [
    await pending('tracer', 'chen'),
    await pending('approver', 'lin'),
    await pending('officer', 'zhao'),
  ];
  writeFileSync(join(folder, 'one.json'), JSON.stringify([chen, lin]));
  writeFileSync(join(folder, 'two.json'), JSON.stringify({ version: 1, keys: [], pending: [zhao] }));
  const place = ['--origin', 'https://cases.example.org', '--iss', '7'];
  await ceremony(context, [
    'roster',
    '--root',
    'root.json',
    '--pending',
    'one.json',
    ...place,
    '--to',
    'roster-1.json',
  ]);
  const next = ['roster', '--root', 'root.json', '--previous', 'roster-1.json', '--pending', 'two.json'];
  await ceremony(context, [...next, '--remove', chen.keyId, '--to', 'roster-2.json']);
  const { publicKey } = read('root.json') as { readonly publicKey: string };
  const roster = read('roster-2.json') as Roster;
  assert.ok((await verifyRoster(roster, unwrap(fromBase64Url(publicKey)))).ok);
  assert.deepEqual(
    [roster.iss, roster.version, roster.origin, roster.rpId],
    [7, 2, 'https://cases.example.org', 'cases.example.org'],
  );
  assert.deepEqual(
    roster.keys.map(({ person, demo }) => [person, demo]),
    [
      ['lin', false],
      ['zhao', false],
    ],
  );
});

test('a roster somebody else signed is no beginning for the next', async () => {
  const roster = read('roster-1.json') as Roster;
  writeFileSync(join(folder, 'forged.json'), JSON.stringify({ ...roster, version: 9 }));
  const args = ['roster', '--root', 'root.json', '--previous', 'forged.json', '--to', 'never.json'];
  await assert.rejects(ceremony(context, args), line(/not signed by the root key/));
});
