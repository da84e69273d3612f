// Notices, lists, the mirrored log, the consent text, and what bad input is told.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RemoteError } from '@tongche/http';
import {
  dayText,
  Frontier,
  leafHash,
  parseCheckpoint,
  signCheckpoint,
  toBase64Url,
  unwrap,
  utf8,
} from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import { startKit, startMs, today } from '../test-kit.ts';

const hour = 3_600_000;
const kit = await startKit();

async function refusal(path: string, body: unknown): Promise<string> {
  try {
    await kit.inner.post(path, body);
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof RemoteError);
    return error.code;
  }
}

test('a notice is read by its id until it expires; receipts reach the vault, the first of each outcome', async () => {
  const id = toBase64Url(randomBytes(16));
  const blob = toBase64Url(randomBytes(500));
  await kit.inner.post('/internal/notices', { notices: [{ id, blob, expiresMs: startMs + 24 * hour }] });
  assert.deepEqual((await kit.get(`/notices/${id}`)).json, { blob });
  assert.equal((await kit.post(`/notices/${id}/receipt`, { outcome: 'seen' })).status, 204);
  await kit.clock.advance(1_000);
  assert.equal((await kit.post(`/notices/${id}/receipt`, { outcome: 'seen' })).status, 204);
  assert.equal((await kit.post(`/notices/${id}/receipt`, { outcome: 'acknowledged' })).status, 204);
  const all = (await kit.inner.get('/internal/receipts')) as { receipts: unknown[] };
  assert.deepEqual(all.receipts, [
    { id, outcome: 'seen', atMs: startMs },
    { id, outcome: 'acknowledged', atMs: startMs + 1_000 },
  ]);
  const after = (await kit.inner.get(`/internal/receipts?afterMs=${startMs + 1}`)) as { receipts: unknown[] };
  assert.equal(after.receipts.length, 1);
  for (const unknown of [toBase64Url(randomBytes(16)), 'x']) {
    assert.equal((await kit.get(`/notices/${unknown}`)).status, 404);
    assert.equal((await kit.post(`/notices/${unknown}/receipt`, { outcome: 'seen' })).status, 404);
  }
  assert.equal((await kit.get('/notices/%00')).status, 400);
  assert.equal((await kit.post(`/notices/${id}/receipt`, { outcome: 'shared' })).status, 400);
  await kit.clock.advance(24 * hour);
  assert.equal((await kit.get(`/notices/${id}`)).status, 404);
  await kit.registrar.retire();
  const rows = await kit.database.db.query('select 1 from notice union all select 1 from notice_receipt');
  assert.equal(rows.length, 0);
});

test('lists are sorted digests, public, and gone after the retention', async () => {
  const values = Array.from({ length: 1_000 }, () => randomBytes(8)).sort((a, b) => a.compare(b));
  const list = Buffer.concat(values);
  const date = dayText(today);
  const push = { kind: 'expo1', date, values: toBase64Url(list) };
  await kit.inner.post('/internal/lists', push);
  assert.deepEqual((await kit.get('/lists')).json, { lists: [{ kind: 'expo1', date, count: 1_000 }] });
  const { public: address } = kit.registrar;
  const response = await fetch(`${'url' in address ? address.url : ''}/lists/expo1/${date}`);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), list);
  assert.equal((await kit.get(`/lists/notice1/${date}`)).status, 404);
  assert.equal((await kit.get('/lists/expo1/2026-02-30')).status, 404);
  assert.equal((await kit.get(`/lists/other/${date}`)).status, 404);
  const [a = list, b = list] = values;
  assert.equal(
    await refusal('/internal/lists', { ...push, values: toBase64Url(Buffer.concat([b, a])) }),
    'bad-request',
  );
  assert.equal(
    await refusal('/internal/lists', { ...push, values: toBase64Url(Buffer.concat([a, a])) }),
    'bad-request',
  );
  assert.equal(await refusal('/internal/lists', { ...push, values: toBase64Url(randomBytes(12)) }), 'bad-request');
  assert.equal(await refusal('/internal/lists', { ...push, date: '2026-02-30' }), 'bad-request');
  await kit.clock.advance(30 * 24 * hour);
  assert.deepEqual((await kit.get('/lists')).json, { lists: [] });
});

function entry(n: number): string {
  return JSON.stringify({ n, kind: 'test', text: '日志' });
}

async function checkpointOf(entries: readonly string[], sk = kit.vault.ed25519.sk): Promise<string> {
  const frontier = new Frontier(nodeSha256);
  for (const one of entries) frontier.append(leafHash(nodeSha256, utf8(one)));
  const signer = { name: 'log.example', pk: kit.vault.ed25519.pk, sk };
  return signCheckpoint(nodeSuite, signer, { origin: 'log.example/1', size: entries.length, root: frontier.root() });
}

test('the mirror takes entries only under a signed checkpoint that fits all of them', async () => {
  const entries = Array.from({ length: 7 }, (_, n) => entry(n));
  const checkpoint = await checkpointOf(entries);
  const push = { from: 0, entries, checkpoint };
  assert.equal((await kit.get('/log/checkpoint')).status, 404);
  assert.equal(
    await refusal('/internal/log', { ...push, entries: [...entries.slice(0, 6), 'other'] }),
    'proof-invalid',
  );
  const stranger = await nodeSuite.generateEd25519KeyPair();
  assert.equal(
    await refusal('/internal/log', { ...push, checkpoint: await checkpointOf(entries, stranger.sk) }),
    'signature-invalid',
  );
  assert.equal(await refusal('/internal/log', { ...push, from: 1 }), 'conflict');
  assert.equal(
    await refusal('/internal/log', { ...push, entries: [...entries.slice(0, 6), 'two\nlines'] }),
    'bad-request',
  );
  assert.equal(await refusal('/internal/log', push), 'ok');
  assert.equal(await refusal('/internal/log', push), 'ok', 'the same again');
  assert.equal((await kit.get('/log/checkpoint')).text, checkpoint);

  const more = [...entries, entry(7), entry(8)];
  const rewritten = [entry(99), ...more.slice(1)];
  assert.equal(
    await refusal('/internal/log', { from: 0, entries: rewritten, checkpoint: await checkpointOf(rewritten) }),
    'conflict',
  );
  assert.equal(
    await refusal('/internal/log', { from: 7, entries: more.slice(7), checkpoint: await checkpointOf(rewritten) }),
    'proof-invalid',
  );
  await kit.restart();
  assert.equal(
    await refusal('/internal/log', { from: 7, entries: more.slice(7), checkpoint: await checkpointOf(more) }),
    'ok',
  );
  assert.ok(kit.logFile.some((line) => line.includes('registrar.logRefused')));
});

test('one checkpoint may come with its entries in several pushes', async () => {
  const entries = Array.from({ length: 14 }, (_, n) => entry(n));
  const checkpoint = await checkpointOf(entries);
  assert.equal(await refusal('/internal/log', { from: 9, entries: entries.slice(9, 12), checkpoint }), 'ok');
  assert.equal(((await kit.get('/log/entries')).json['entries'] as string[]).length, 9, 'not before all of it fits');
  assert.equal(await refusal('/internal/log', { from: 12, entries: entries.slice(12), checkpoint }), 'ok');
  assert.equal(((await kit.get('/log/entries')).json['entries'] as string[]).length, 14);
});

test('an outsider can download the log and check it', async () => {
  const text = (await kit.get('/log/entries.txt')).text;
  const lines = text.split('\n').slice(0, -1);
  const head = unwrap(parseCheckpoint((await kit.get('/log/checkpoint')).text)).checkpoint;
  const frontier = new Frontier(nodeSha256);
  for (const line of lines) frontier.append(leafHash(nodeSha256, utf8(line)));
  assert.equal(lines.length, head.size);
  assert.deepEqual(frontier.root(), head.root);
  assert.deepEqual((await kit.get('/log/entries?from=3&limit=2')).json, { from: 3, entries: lines.slice(3, 5) });
  assert.equal((await kit.get('/log/entries?from=-1')).status, 400);
  assert.equal((await kit.get('/log/entries?secret=1')).status, 400);
});

test('the consent text is public; a changed text needs a new version', async () => {
  const { json } = await kit.get('/consent');
  assert.equal(json['version'], 1);
  assert.match(json['zh'] as string, /个人信息处理规则/);
  assert.match(json['en'] as string, /two people in two different roles/);
  const folder = join(kit.folder, 'consent');
  mkdirSync(folder);
  writeFileSync(join(folder, 'zh.txt'), '另一文本');
  writeFileSync(join(folder, 'en.txt'), 'another text');
  const other = startKitOver(folder);
  await assert.rejects(other, /raise consent\.version/);
});

/** A registrar over the same database with another consent text of the same version. */
async function startKitOver(folder: string): Promise<void> {
  const { openConsent } = await import('../consent.ts');
  const { consentStore } = await import('../store/consent.ts');
  const { silentLog } = await import('@tongche/runtime');
  await openConsent({ version: 1, folder }, consentStore(kit.database.db), silentLog);
}

test('bad input gets the catalogue’s answers', async () => {
  const code = async (path: string, body: unknown, headers = {}) => {
    const reply = await kit.post(path, body, headers);
    return `${reply.status} ${(reply.json['error'] as { code: string } | undefined)?.code}`;
  };
  const from = { 'x-forwarded-for': '10.30.1.1' };
  assert.equal(await code('/otp', { phone: '13812345678' }, from), '400 bad-request');
  assert.equal(await code('/otp', { phone: 13812345678, consentVersion: 1 }, from), '400 bad-request');
  assert.equal(await code('/otp', { phone: '13812345678', consentVersion: 1, code: 'x' }, from), '400 unknown-field');
  assert.equal(await code('/otp', { phone: '12345', consentVersion: 1 }, from), '400 bad-phone');
  assert.equal(await code('/otp', { phone: '13812345678', consentVersion: 9 }, from), '409 consent-outdated');
  assert.equal(await code('/otp', { phone: 'x'.repeat(5_000), consentVersion: 1 }, from), '413 too-large');
  assert.equal(await code('/otp', 'phone=13812345678', from), '415 wrong-type');
  assert.equal(await code('/otp', '{"phone":', { ...from, 'content-type': 'application/json' }), '400 bad-request');
  assert.equal(await code('/wallet', {}), '401 ticket-invalid');
  assert.equal(await code('/internal/keys', {}), '404 not-found');
  assert.equal((await kit.get('/metrics')).status, 404);
  assert.equal((await kit.get('/healthz')).status, 200);
});
