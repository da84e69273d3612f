// The notifier on a real database and a real message centre: once, whole, in time, and nothing it may not see.
import assert from 'node:assert/strict';
import test from 'node:test';

import { enqueue, erase, resend, statesOf } from '@tongche/outbox';
import { settableClock } from '@tongche/runtime';

import { openStage, until, wordingOf } from './stage.ts';

test('a thousand messages arrive, each exactly once', async (t) => {
  const stage = await openStage(t);
  await stage.startNotifier();
  const messages = stage.makeMessages(1_000);
  await stage.vault.tx('approve', (tx) => enqueue(tx, messages, stage.clock.now()));
  await until(async () => (await stage.states())['delivered'] === 1_000);
  const arrived = stage.sink.messages().map((message) => message.text);
  assert.equal(arrived.length, 1_000);
  assert.deepEqual(new Set(arrived), new Set(messages.map((message) => message.wording.text)));
});

test('a long Chinese text arrives whole and is delivered with its last part', async (t) => {
  const stage = await openStage(t);
  await stage.startNotifier();
  const text = `【同车】${'您乘坐过的车厢里有确诊病例，请在家观察并联系社区。'.repeat(8)}😀`;
  const [message] = stage.makeMessages(1);
  assert.ok(message !== undefined && text.length > 140);
  await enqueue(stage.vault, [{ ...message, wording: wordingOf(text) }], stage.clock.now());
  await until(async () => (await stage.states())['delivered'] === 1);
  assert.deepEqual(
    stage.sink.messages().map((arrived) => [arrived.to, arrived.text]),
    [[message.routes[0]?.address, text]],
  );
});

test('messages of an approval that was rolled back are never sent', async (t) => {
  const stage = await openStage(t);
  await stage.startNotifier();
  const [first, second] = stage.makeMessages(2);
  assert.ok(first !== undefined && second !== undefined);
  const failing = stage.vault.tx('approve', async (tx) => {
    await enqueue(tx, [first], stage.clock.now());
    throw new Error('the approver lost the connection');
  });
  await assert.rejects(failing, /approver/);
  await enqueue(stage.vault, [second], stage.clock.now());
  await until(async () => (await stage.states())['delivered'] === 1);
  assert.deepEqual(
    stage.sink.messages().map((arrived) => arrived.text),
    [second.wording.text],
  );
});

test('an unknown outcome is uncertain, stays so, and goes again only when a person says so', async (t) => {
  const stage = await openStage(t);
  const [message] = stage.makeMessages(1);
  assert.ok(message !== undefined);
  stage.sink.fault({ kind: 'drop-before-response', count: 1 });
  let notifier = await stage.startNotifier();
  await enqueue(stage.vault, [message], stage.clock.now());
  await until(async () => (await stage.states())['uncertain'] === 1);
  const [status] = await statesOf(stage.vault, [message.messageId]);
  assert.equal(status?.reason, 'connection-lost');

  // Neither a restart nor a message behind it moves it.
  await notifier.close();
  notifier = await stage.startNotifier();
  const [other] = stage.makeMessages(1);
  assert.ok(other !== undefined);
  await enqueue(stage.vault, [other], stage.clock.now());
  await until(async () => (await stage.states())['delivered'] === 1);
  assert.equal(stage.countAtSink(message.wording.text), 1);
  assert.equal((await stage.states())['uncertain'], 1);

  assert.equal(await resend(stage.vault, message.messageId, 'staff-7', stage.clock.now()), true);
  await until(async () => (await stage.states())['delivered'] === 2);
  assert.equal(stage.countAtSink(message.wording.text), 2);
  assert.equal(await resend(stage.vault, message.messageId, 'staff-7', stage.clock.now()), false, 'it is delivered');
  const [after] = await statesOf(stage.vault, [message.messageId]);
  assert.deepEqual([after?.state, after?.resentBy, after?.attempts], ['delivered', 'staff-7', 2]);
});

test('receipts that come before the answer are applied when it comes', async (t) => {
  const stage = await openStage(t, { receipts: () => ({ state: 'delivered', early: true }) });
  await stage.startNotifier();
  await enqueue(stage.vault, stage.makeMessages(50), stage.clock.now());
  await until(async () => (await stage.states())['delivered'] === 50);
});

test('an undeliverable message fails with the reason of the network', async (t) => {
  const stage = await openStage(t, { receipts: () => ({ state: 'failed' }) });
  await stage.startNotifier();
  const [message] = stage.makeMessages(1);
  assert.ok(message !== undefined);
  await enqueue(stage.vault, [message], stage.clock.now());
  await until(async () => (await stage.states())['failed'] === 1);
  const [status] = await statesOf(stage.vault, [message.messageId]);
  assert.equal(status?.reason, 'UNDELIV 001');
});

test('a throttling message centre delays, and doubles nothing', async (t) => {
  const stage = await openStage(t);
  await stage.startNotifier();
  stage.sink.fault({ kind: 'throttle', count: 12 });
  const messages = stage.makeMessages(30);
  await enqueue(stage.vault, messages, stage.clock.now());
  await until(async () => (await stage.states())['delivered'] === 30);
  assert.equal(stage.sink.messages().length, 30);
});

test('at night only urgent messages go; the others wait for the morning', async (t) => {
  const clock = settableClock(Date.parse('2026-05-03T23:30:00+08:00'));
  const stage = await openStage(t, { clock });
  await stage.startNotifier({ quiet: { fromHour: 22, toHour: 8 } });
  const [calm, urgent] = stage.makeMessages(2);
  assert.ok(calm !== undefined && urgent !== undefined);
  await enqueue(stage.vault, [calm, { ...urgent, urgent: true }], clock.now());
  await until(async () => (await stage.states())['delivered'] === 1);
  await clock.advanceTo(Date.parse('2026-05-04T07:59:50+08:00'));
  assert.deepEqual(await stage.states(), { queued: 1, delivered: 1 });
  assert.equal(stage.countAtSink(calm.wording.text), 0);
  await clock.advance(20_000);
  await until(async () => (await stage.states())['delivered'] === 2);
});

test('without a receipt for a day a message is uncertain; settled texts are destroyed after three', async (t) => {
  const clock = settableClock(Date.parse('2026-05-03T12:00:00+08:00'));
  const stage = await openStage(t, {
    clock,
    receipts: ({ text }) => (text.startsWith('丢') ? 'lost' : { state: 'delivered' }),
  });
  await stage.startNotifier();
  const [good, lost] = stage.makeMessages(2);
  assert.ok(good !== undefined && lost !== undefined);
  await enqueue(stage.vault, [good, { ...lost, wording: wordingOf(`丢${lost.wording.text}`) }], clock.now());
  await until(async () => (await stage.states())['delivered'] === 1 && (await stage.states())['accepted'] === 1);
  await clock.advance(24 * 3_600_000 + 120_000);
  assert.deepEqual(await stage.states(), { delivered: 1, uncertain: 1 });
  assert.equal(await stage.textsKept(), 2);
  await clock.advance(48 * 3_600_000);
  assert.equal(await stage.textsKept(), 1, 'the delivered one is gone, the open one is kept for a decision');
  assert.equal(await erase(stage.vault, [good.messageId, lost.messageId], clock.now()), 1);
  assert.equal(await stage.textsKept(), 0);
  assert.equal(await resend(stage.vault, lost.messageId, 'staff-7', clock.now()), false, 'nothing is left to send');
});

test('a second notifier does not start beside the first', async (t) => {
  const stage = await openStage(t);
  await stage.startNotifier();
  await assert.rejects(stage.startNotifier(), /another notifier is running/);
});

test('closing lets what is on its way finish, and sends nothing more', async (t) => {
  const stage = await openStage(t);
  const notifier = await stage.startNotifier();
  await enqueue(stage.vault, stage.makeMessages(400), stage.clock.now());
  await until(async () => stage.sink.messages().length >= 40);
  await notifier.close();
  const states = await stage.states();
  assert.equal(states['sending'], undefined);
  assert.equal(states['uncertain'], undefined);
  assert.equal((states['accepted'] ?? 0) + (states['delivered'] ?? 0), stage.sink.messages().length);
  assert.ok((states['queued'] ?? 0) > 0);
  await stage.startNotifier();
  await until(async () => (await stage.states())['delivered'] === 400);
  assert.equal(stage.sink.messages().length, 400);
});

test('health says whether the message centre is there', async (t) => {
  const stage = await openStage(t);
  const { internal } = await stage.startNotifier();
  assert.ok('url' in internal);
  const health = () => fetch(`${internal.url}/healthz`);
  await until(async () => (await health()).status === 200);
  await stage.sink.close();
  await until(async () => (await health()).status === 503);
});

test('the role of the notifier sees the outbox, changes no text, and sees no other schema', async (t) => {
  const stage = await openStage(t);
  await stage.vault.query('create table public.case_file (secret text)');
  await stage.vault.query(`insert into public.case_file (secret) values ('x')`);
  await enqueue(stage.vault, stage.makeMessages(1), stage.clock.now());
  const { rows } = await stage.asNotifier.query<{ readonly n: number }>('select count(*) as n from outbox.message');
  assert.equal(rows[0]?.n, 1);
  const denied = { code: '42501' };
  for (const statement of [
    'select secret from public.case_file',
    `update outbox.message set wording = '{}'`,
    `update outbox.message set routes = '[]'`,
    'update outbox.message set resent_by = null',
    'delete from outbox.message',
    `insert into outbox.message select * from outbox.message`,
    'create table outbox.mine (a int)',
    'create table public.mine (a int)',
  ]) {
    await assert.rejects(stage.asNotifier.query(statement), denied, statement);
  }
});
