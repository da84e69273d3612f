// The relay: when blobs leave, in which order, and that none is lost or linked on the way.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { toBase64Url } from '@tongche/protocol';
import { startKit, startMs } from '../test-kit.ts';
import { releaseTime, shuffled } from './relay.ts';

const minute = 60_000;
const hour = 60 * minute;
const kit = await startKit();

function blob(): string {
  return toBase64Url(randomBytes(153));
}

test('release times cover the whole window evenly and are whole ticks', () => {
  const window = { minDelayMs: hour, maxDelayMs: 12 * hour, tickMs: hour };
  const hours = new Map<number, number>();
  for (let i = 0; i < 11_000; i += 1) {
    const release = releaseTime(startMs, window);
    assert.equal(release % hour, 0);
    assert.ok(release >= startMs + hour && release <= startMs + 12 * hour);
    hours.set(release, (hours.get(release) ?? 0) + 1);
  }
  // The edge of the window falls on a tick here, so the first hour only gets its single instant.
  const counts = [...hours.values()].filter((count) => count > 5);
  assert.equal(counts.length, 11);
  // 1,000 expected each; five standard deviations.
  for (const count of counts) assert.ok(Math.abs(count - 1_000) < 160, String(count));
});

test('every order of three is about as likely', () => {
  const orders = new Map<string, number>();
  for (let i = 0; i < 6_000; i += 1) {
    const order = shuffled(['a', 'b', 'c']).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.equal(orders.size, 6);
  for (const count of orders.values()) assert.ok(Math.abs(count - 1_000) < 160, String(count));
});

test('blobs leave within the window, mixed, once, also across a restart and a platform that was down', async () => {
  const blobs = Array.from({ length: 60 }, blob);
  for (const one of blobs) assert.equal((await kit.post('/relay', one)).status, 204);
  // A phone that did not hear the answer sends the same bytes again.
  assert.equal((await kit.post('/relay', blobs[0])).status, 204);
  await kit.clock.advanceTo(startMs + hour - 1);
  assert.equal(kit.platform.batches.length, 0, 'nothing leaves in the first hour');
  await kit.clock.advanceTo(startMs + 4 * hour);
  const early = kit.platform.batches.flat();
  assert.ok(early.length > 0 && early.length < 60);
  await kit.restart();
  kit.platform.down = true;
  await kit.clock.advanceTo(startMs + 8 * hour);
  assert.equal(kit.platform.batches.flat().length, early.length);
  kit.platform.down = false;
  await kit.clock.advanceTo(startMs + 12 * hour + minute);
  const sent = kit.platform.batches.flat();
  assert.deepEqual([...sent].sort(), [...blobs].sort(), 'all of them, each once');
  const order = sent.map((one) => blobs.indexOf(one));
  assert.notDeepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  const left = await kit.database.db.one<{ count: number }>('select count(*) as count from relay_blob');
  assert.equal(left?.count, 0);
});

test('nothing but the blob and its release is kept', async () => {
  const columns = await kit.database.db.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = 'relay_blob'::regclass and attnum > 0 order by attnum`,
  );
  assert.deepEqual(
    columns.map(({ name }) => name),
    ['blob', 'release_at'],
  );
});

test('the log says when blobs left, not when they came; a refused one is told', async () => {
  const lines = (): readonly unknown[] =>
    kit.logFile
      .map((line) => JSON.parse(line) as { readonly route?: string; readonly status?: number })
      .filter(({ route }) => route === '/relay')
      .map(({ status }) => status);
  const before = lines().length;
  assert.equal((await kit.post('/relay', blob())).status, 204);
  assert.deepEqual(lines().slice(before), []);
  assert.equal((await kit.post('/relay', 'short')).status, 400);
  assert.deepEqual(lines().slice(before), [400]);
});

test('only text of exactly 153 bytes is taken', async () => {
  const type = { 'content-type': 'text/plain' };
  assert.equal((await kit.post('/relay', toBase64Url(randomBytes(152)), type)).status, 400);
  assert.equal((await kit.post('/relay', '', type)).status, 400);
  assert.equal((await kit.post('/relay', `${blob().slice(0, -1)}*`, type)).status, 400);
  assert.equal((await kit.post('/relay', `${blob()}A`, type)).status, 413);
  assert.equal((await kit.post('/relay', { blob: blob() })).status, 415);
  assert.equal((await kit.post('/relay', blob(), { 'content-type': 'application/octet-stream' })).status, 415);
  assert.equal((await kit.get('/relay')).status, 405);
});

test('what the platform could not take for nine days is deleted', async () => {
  kit.platform.down = true;
  await kit.post('/relay', blob());
  await kit.clock.advance(10 * 24 * hour);
  const left = await kit.database.db.one<{ count: number }>('select count(*) as count from relay_blob');
  assert.equal(left?.count, 0);
  kit.platform.down = false;
});
