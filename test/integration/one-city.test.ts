// The whole city once around: a person enrols and scans, the driver sees it, an outsider checks the log, and the city
// moves to another folder by backup and restore.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { LiveRide, LiveState, Shift } from '@tongche/contract';
import { removeData } from '@tongche/postgres';
import { fromBase64Url, unwrap } from '@tongche/protocol';
import { openSlots } from '@tongche/runtime';
import { openPhone } from '@tongche/simulator';
import { encodeLogKey } from '@tongche/tongche';
import { startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { makePeople } from '../kit/people.ts';

const main = join(import.meta.dirname, '../../packages/tongche/src/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tongche-around-'));
const restored = join(folder, 'restored');
let city: City;

before(async () => {
  city = await startCity();
});
after(async () => {
  await city.remove();
  removeData(join(restored, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly output: string;
}

function tongche(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

async function signedInDriver(): Promise<string> {
  const { account, password } = city.accounts.platform[0];
  const reply = await staff('POST', '/staff/session', '', { account, password });
  assert.equal(reply.status, 200);
  return (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

function staff(method: string, path: string, cookie: string, body?: unknown): Promise<Response> {
  return fetch(`${city.urls.platform}${path}`, {
    method,
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Events of a stream as they come. */
async function* eventsOf(reply: Response): AsyncGenerator<{ readonly event: string; readonly data: unknown }> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of reply.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string | undefined => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data !== undefined) yield { event: field('event') ?? 'message', data: JSON.parse(data) as unknown };
    }
  }
}

test('a ride of an enrolled phone stands on the driver’s screen with the same check', async () => {
  const unit = city.units.find(({ kind }) => kind === 'bus');
  assert.ok(unit !== undefined);
  const shortCode = city.codes.find(
    ({ unitId, purpose }) => unitId === unit.unitId && purpose === 'passenger',
  )?.shortCode;
  const cookie = await signedInDriver();
  const taken = await staff('POST', '/staff/shifts', cookie, { code: shortCode });
  assert.ok(taken.ok);
  const { shiftId } = (await taken.json()) as Shift;
  const live = await staff('GET', `/staff/shifts/${shiftId}/live`, cookie);
  assert.equal(live.status, 200);
  const events = eventsOf(live);
  const first = (await events.next()).value as { readonly event: string; readonly data: LiveState };
  assert.deepEqual([first.event, first.data.heads], ['state', 0]);

  const [person] = makePeople(1, 'one city');
  assert.ok(person !== undefined);
  const phone = openPhone(city.world, { digits: person.digits, name: person.name });
  await phone.enrol();
  const { ride, receipt } = await phone.scan({ code: city.codeOf(unit.unitId), boardedMs: city.clock.now(), party: 1 });
  assert.deepEqual(receipt.check, ride.check, 'the server and the phone compute the same');
  const seen = (await events.next()).value as { readonly event: string; readonly data: LiveRide };
  assert.equal(seen.event, 'ride');
  assert.deepEqual(seen.data.check, ride.check);
  assert.equal(seen.data.heads, 2);
  await events.return(undefined);
  const state = (await (await staff('GET', `/staff/shifts/${shiftId}/live.json`, cookie)).json()) as LiveState;
  assert.equal(state.heads, 2);
});

test('an outsider checks the log, again later, and notices every way of cheating', async () => {
  await city.vault.deliver();
  const { ed25519 } = city.vault.publicKeys;
  const key = encodeLogKey({ name: 'tongche-log-1', pk: unwrap(fromBase64Url(ed25519)) });
  const online = ['verify', '--url', city.urls.registrar, '--key', key, '--keep', join(folder, 'kept')];
  const first = await tongche(...online);
  assert.equal(first.code, 0, first.output);
  assert.match(first.output, /tongche-log-1: \d+ entries[^]*key-make +11[^]*First check/);
  const second = await tongche(...online);
  assert.match(second.output, /Consistent with the last check of \d+ entries/);

  const text = async (path: string): Promise<string> => (await fetch(`${city.urls.registrar}${path}`)).text();
  const checkpoint = await text('/log/checkpoint');
  const lines = (await text('/log/entries.txt')).trimEnd().split('\n');
  const offline = async (entries: readonly string[], note = checkpoint): Promise<Ran> => {
    writeFileSync(join(folder, 'checkpoint'), note);
    writeFileSync(join(folder, 'entries.txt'), entries.map((line) => `${line}\n`).join(''));
    return tongche('verify', '--folder', folder, '--key', key, '--keep', join(folder, 'never'));
  };
  assert.equal((await offline(lines)).code, 0);
  rmSync(join(folder, 'never'));
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['changed', lines.with(3, (lines[3] ?? '').replace(/"day":\d+/, '"day":1')), 'changed-entries'],
    ['removed', lines.slice(0, -1), 'missing-entries'],
    ['moved', lines.with(2, lines[3] ?? '').with(3, lines[2] ?? ''), 'changed-entries'],
  ];
  for (const [name, entries, problem] of cases) {
    const { code, output } = await offline(entries);
    assert.notEqual(code, 0, name);
    assert.match(output, new RegExp(`^tongche: verify: MISMATCH \\(${problem}\\)[^\\n]*\\n$`), name);
  }
  const forged = await offline(
    lines,
    checkpoint.replace(/[A-Za-z0-9+/=]+\n$/, (line) => `${line.slice(0, 8)}A${line.slice(9)}`),
  );
  assert.match(forged.output, /MISMATCH \(forged-checkpoint\)/);
  assert.equal(existsSync(join(folder, 'never')), false, 'a log that is wrong is not kept as the last good one');
});

interface Manifest {
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

function tablesOf(backup: string): Readonly<Record<string, readonly (readonly [string, number, string])[]>> {
  const databases = readdirSync(join(backup, 'databases')).sort();
  return Object.fromEntries(
    databases.map((name) => {
      const manifest = JSON.parse(readFileSync(join(backup, 'databases', name, 'manifest.json'), 'utf8')) as Manifest;
      return [name, manifest.tables.map((table) => [table.name, table.rows, table.sha256] as const)];
    }),
  );
}

/** Raw bytes of every secret key in the slots of the three processes, and the unseal keys. */
function secretKeys(): readonly Buffer[] {
  const { layout, keys } = city.installation;
  return (['platform', 'registrar', 'vault'] as const).flatMap((owner) => {
    const unsealKey = Buffer.from(keys.unseal[owner], 'base64url');
    const slots = openSlots(layout.slot(owner), unsealKey);
    const stored = slots.names().map((name) => {
      const bytes = Buffer.from(slots.get(name) ?? []);
      // The registrar keeps a day's admission key as the vault signed it; a random key may begin with a brace as well.
      if (!/^\{"[\x20-\x7e]*\}$/.test(bytes.toString('latin1'))) return bytes.subarray(0, 32);
      return Buffer.from((JSON.parse(bytes.toString('utf8')) as { readonly kAdm: string }).kAdm, 'base64url');
    });
    return [unsealKey, ...stored];
  });
}

test('a backup of the running city holds no key, and restores to the same rows elsewhere', async () => {
  const backup = join(folder, 'backup');
  const made = await tongche('backup', '--data', city.dataDir, '--to', backup);
  assert.equal(made.code, 0, made.output);
  assert.deepEqual(readdirSync(backup).sort(), ['backup.json', 'city', 'config', 'databases', 'logs']);
  const keys = secretKeys();
  assert.ok(keys.length > 30);
  for (const file of globSync('**/*', { cwd: backup }).filter((one) => statSync(join(backup, one)).isFile())) {
    const bytes = readFileSync(join(backup, file));
    const found = keys.filter((key) => bytes.includes(key) || bytes.includes(key.toString('base64url')));
    assert.equal(found.length, 0, file);
  }
  const again = await tongche('backup', '--data', city.dataDir, '--to', backup);
  assert.match(again.output, /^tongche: backup: \S+ is not empty\n$/);

  const living = await tongche('restore', '--from', backup, '--data', city.dataDir);
  assert.equal(living.code, 2);
  assert.match(living.output, /nothing is restored over living data\n$/);

  const done = await tongche('restore', '--from', backup, '--data', restored);
  assert.equal(done.code, 0, done.output);
  const copy = join(folder, 'copy');
  assert.equal((await tongche('backup', '--data', restored, '--to', copy)).code, 0);
  const tables = tablesOf(backup);
  assert.deepEqual(Object.keys(tables), ['casework', 'notifier', 'platform', 'registrar', 'vault']);
  assert.ok(
    tables['platform']?.some(([name, rows]) => name.startsWith('ride_d') && rows === 1),
    'the ride is in it',
  );
  assert.deepEqual(tablesOf(copy), tables);
});
