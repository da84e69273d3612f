// Day keys: who may bring them, how they reach the platform, and that they are gone in time.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RegistrarKeys } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import { dayStartMs, signJson, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { startKit, startMs, testVault, today, zone } from '../test-kit.ts';

const hour = 3_600_000;
const kit = await startKit();

async function refusal(keys: RegistrarKeys): Promise<string> {
  try {
    await kit.inner.post('/internal/keys', keys);
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof RemoteError);
    return error.code;
  }
}

function slots(): string[] {
  return readdirSync(join(kit.folder, 'slots'))
    .map((file) => /^((?:tag|adm|ticket|challenge)-\d+)\.\d+\.slot$/.exec(file)?.[1] ?? '')
    .filter((name) => name !== '')
    .sort();
}

test('admission keys reach the platform with the vault’s signature', async () => {
  await kit.registrar.delivery.run();
  assert.deepEqual(
    kit.platform.admissions.map(({ day }) => day).sort((a, b) => a - b),
    Array.from({ length: 9 }, (_, index) => today - 1 + index),
  );
});

test('the same keys again are welcome, another key of a day is not', async () => {
  const keys = await kit.vault.push(today, today);
  assert.equal(await refusal(keys), 'ok');
  const other = keys.days.map((day) => ({ ...day, kTag: toBase64Url(nodeSuite.randomBytes(32)) }));
  assert.equal(await refusal({ ...keys, days: other }), 'conflict');
  const unsigned = { iss: 1, day: today, kAdm: toBase64Url(nodeSuite.randomBytes(32)), issuedMs: startMs };
  const admission = await signJson(nodeSuite, kit.vault.ed25519.sk, unsigned);
  assert.equal(await refusal({ ...keys, days: keys.days.map((day) => ({ ...day, admission })) }), 'conflict');
});

test('keys of another vault, or touched on the way, are refused', async () => {
  const stranger = await testVault('http://127.0.0.1:8610');
  assert.equal(await refusal(await stranger.push(today, today)), 'signature-invalid');
  const foreign = await stranger.push(today + 8, today + 8);
  const own = await kit.vault.push(today + 8, today + 8);
  assert.equal(await refusal({ ...own, days: foreign.days }), 'signature-invalid');
  const [day] = own.days;
  assert.ok(day);
  const elsewhere = { ...day, bundle: { ...day.bundle, platformUrl: 'http://evil.example' } };
  assert.equal(await refusal({ ...own, days: [elsewhere] }), 'signature-invalid');
  const later = { ...day, admission: { ...day.admission, issuedMs: 1 } };
  assert.equal(await refusal({ ...own, days: [later] }), 'signature-invalid');
  assert.equal(await refusal({ ...own, days: [{ ...day, day: today + 9 }] }), 'bad-request');
  assert.equal(await refusal(await kit.vault.push(today + 30, today + 30)), 'bad-request');
  assert.ok(kit.logFile.some((line) => line.includes('registrar.keysRefused')));
});

test('delivery goes on until a platform that was down has the keys', async () => {
  const before = kit.platform.admissions.length;
  kit.platform.down = true;
  await kit.inner.post('/internal/keys', await kit.vault.push(today + 8, today + 8));
  await kit.registrar.delivery.run();
  await kit.clock.advance(60_000);
  assert.equal(kit.platform.admissions.length, before);
  kit.platform.down = false;
  await kit.clock.advance(5_000);
  assert.deepEqual(
    kit.platform.admissions.slice(before).map(({ day }) => day),
    [today + 8],
  );
  await kit.clock.advance(60_000);
  assert.equal(kit.platform.admissions.length, before + 1, 'and then it is quiet');
});

test('bundles are those of yesterday to seven days ahead', async () => {
  const reply = await kit.get('/bundles');
  const days = (reply.json['bundles'] as { day: number }[]).map(({ day }) => day);
  assert.deepEqual(
    days,
    Array.from({ length: 9 }, (_, index) => today - 1 + index),
  );
  await kit.restart();
  const again = await kit.get('/bundles');
  assert.deepEqual(again.json['bundles'], reply.json['bundles']);
});

test('K_tag leaves at the roll of d+2, K_adm at the roll of d+8, by the registrar’s own clock', async () => {
  assert.ok(slots().includes(`tag-${today - 1}`));
  await kit.clock.advanceTo(dayStartMs(today + 1, zone) + 3 * hour - 60_000);
  assert.ok(slots().includes(`tag-${today - 1}`), 'not before 03:00');
  await kit.clock.advanceTo(dayStartMs(today + 1, zone) + 3 * hour + 600_000);
  assert.ok(!slots().includes(`tag-${today - 1}`));
  assert.ok(slots().includes(`adm-${today - 1}`));
  await kit.clock.advanceTo(dayStartMs(today + 7, zone) + 3 * hour + 600_000);
  assert.ok(!slots().includes(`adm-${today - 1}`));
  assert.ok(slots().includes(`adm-${today}`));
  assert.ok(kit.logFile.some((line) => line.includes(`"slot":"tag-${today - 1}"`)));
  // Late keys of a day that is over are not taken in again.
  await kit.inner.post('/internal/keys', await kit.vault.push(today - 1, today - 1));
  assert.ok(!slots().includes(`tag-${today - 1}`) && !slots().includes(`adm-${today - 1}`));
});

test('without today’s keys nobody enrols and everybody is told to come again', async () => {
  await kit.clock.advanceTo(dayStartMs(today + 12, zone));
  const phone = '13912345678';
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, { 'x-forwarded-for': '10.20.1.1' });
  const otp = await kit.codeFor(phone);
  const device = toBase64Url(nodeSuite.randomBytes(32));
  const reply = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp, device });
  assert.equal(reply.status, 503);
});

test('tickets end with the second epoch after theirs; its key and its denials are gone', async () => {
  await kit.inner.post('/internal/keys', await kit.vault.push(today + 11, today + 19));
  const enrolled = await kit.enrol('13712345678', '10.20.2.1');
  assert.equal(enrolled.status, 200, enrolled.text);
  const { ticket } = enrolled.json as { ticket: string };
  const ticketSlot = slots().find((name) => name.startsWith('ticket-'));
  assert.ok(ticketSlot);
  await kit.post('/withdraw', { ticket, deviceKey: enrolled.deviceKey });
  const denials = async () => (await kit.database.db.query('select 1 from ticket_deny')).length;
  assert.equal(await denials(), 2);
  const epoch = Number(ticketSlot.slice('ticket-'.length));
  await kit.clock.advanceTo(dayStartMs((epoch + 2) * 30, zone) - 60_000);
  assert.ok(slots().includes(ticketSlot));
  await kit.clock.advanceTo(dayStartMs((epoch + 2) * 30, zone) + 600_000);
  assert.ok(!slots().includes(ticketSlot));
  assert.equal(await denials(), 0);
  assert.equal((await kit.post('/wallet', { ticket, deviceKey: enrolled.deviceKey })).status, 401);
});
