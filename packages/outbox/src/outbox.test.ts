// The outbox on a real database: idempotent writes, claims without overlap, receipts part by part, destruction.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';

import {
  blankSettled,
  claim,
  enqueue,
  erase,
  markAccepted,
  markInterrupted,
  markQueued,
  markReceipt,
  markReceiptless,
  markRefused,
  markSending,
  markUncertain,
  outboxMigrations,
  resend,
  statesOf,
} from './index.ts';
import type { MessageStatus, NewMessage } from './index.ts';

const engine = await testEngine();
const now = Date.UTC(2026, 4, 3);

async function open(t: TestContext): Promise<Database> {
  const database = await testDatabase(engine, outboxMigrations);
  t.after(() => database.close());
  return database.db;
}

function messages(count: number, more: Partial<NewMessage> = {}): readonly [NewMessage, ...NewMessage[]] {
  const make = (n: number): NewMessage => ({
    messageId: randomUUID(),
    channel: 'sms',
    address: `86139${String(n).padStart(8, '0')}`,
    text: `${n}`,
    urgent: false,
    ...more,
  });
  return [make(0), ...Array.from({ length: count - 1 }, (_, n) => make(n + 1))];
}

async function stateOf(db: Database, id: string): Promise<MessageStatus['state'] | undefined> {
  return (await statesOf(db, [id]))[0]?.state;
}

/** Claims and marks as the notifier does. */
function take(db: Database, limit: number, urgentOnly = false): Promise<readonly string[]> {
  return db.tx('claim', async (tx) => {
    const ids = (await claim(tx, { limit, nowMs: now, urgentOnly })).map((message) => message.messageId);
    await markSending(tx, ids, now);
    return ids;
  });
}

async function accepted(db: Database, gatewayIds: readonly string[]): Promise<string> {
  const [message] = messages(1);
  await enqueue(db, [message], now);
  await take(db, 100);
  await markAccepted(db, message.messageId, gatewayIds);
  return message.messageId;
}

test('the same id twice is one message, and the first one stands', async (t) => {
  const db = await open(t);
  const [message] = messages(1);
  assert.equal(await enqueue(db, [message], now), 1);
  assert.equal(await enqueue(db, [{ ...message, text: 'other' }], now + 1), 0);
  const [claimed] = await db.tx('claim', (tx) => claim(tx, { limit: 9, nowMs: now, urgentOnly: false }));
  assert.deepEqual([claimed?.text, claimed?.address], [message.text, message.address]);
});

test('texts and addresses that could never be sent are refused at the door', async (t) => {
  const db = await open(t);
  await assert.rejects(enqueue(db, messages(1, { text: '' }), now), RangeError);
  await assert.rejects(enqueue(db, messages(1, { text: '车'.repeat(671) }), now), RangeError);
  await assert.rejects(enqueue(db, messages(1, { address: '+8613900000000' }), now), RangeError);
  assert.equal(await enqueue(db, [], now), 0);
});

test('claims at the same time never overlap, and together take all', async (t) => {
  const db = await open(t);
  await enqueue(db, messages(200), now);
  const taken = (await Promise.all(Array.from({ length: 8 }, () => take(db, 25)))).flat();
  const rest = await take(db, 200);
  assert.equal(new Set([...taken, ...rest]).size, 200);
  assert.equal(taken.length + rest.length, 200);
});

test('urgent first, then the oldest; quiet hours and later messages wait', async (t) => {
  const db = await open(t);
  const [old] = messages(1);
  const [young] = messages(1);
  const [urgent] = messages(1, { urgent: true });
  const [later] = messages(1, { notBeforeMs: now + 1 });
  await enqueue(db, [young, later], now);
  await enqueue(db, [old], now - 1);
  await enqueue(db, [urgent], now);
  const claimed = await db.tx('claim', (tx) => claim(tx, { limit: 9, nowMs: now, urgentOnly: false }));
  assert.deepEqual(
    claimed.map((message) => message.messageId),
    [urgent.messageId, old.messageId, young.messageId],
  );
  assert.deepEqual(await take(db, 9, true), [urgent.messageId]);
});

test('a text of three parts is delivered with its last receipt, in any order, each any number of times', async (t) => {
  const db = await open(t);
  const id = await accepted(db, ['a', 'b', 'c']);
  for (const gatewayId of ['c', 'c', 'a']) {
    assert.equal(await markReceipt(db, { gatewayId, state: 'delivered', reason: 'DELIVRD' }, now), true);
    assert.equal(await stateOf(db, id), 'accepted');
  }
  await markReceipt(db, { gatewayId: 'b', state: 'delivered', reason: 'DELIVRD' }, now + 5);
  const [status] = await statesOf(db, [id]);
  assert.deepEqual([status?.state, status?.settledMs], ['delivered', now + 5]);
  assert.equal(await markReceipt(db, { gatewayId: 'b', state: 'failed', reason: 'UNDELIV' }, now), true, 'known');
  assert.equal(await stateOf(db, id), 'delivered', 'and settled');
});

test('receipts of all parts at the same moment are all counted', async (t) => {
  const db = await open(t);
  const parts = ['a', 'b', 'c', 'd', 'e', 'f'];
  const id = await accepted(db, parts);
  await Promise.all(parts.map((gatewayId) => markReceipt(db, { gatewayId, state: 'delivered', reason: '' }, now)));
  assert.equal(await stateOf(db, id), 'delivered');
});

test('one failed part fails the message with its reason', async (t) => {
  const db = await open(t);
  const id = await accepted(db, ['a', 'b']);
  await markReceipt(db, { gatewayId: 'b', state: 'failed', reason: 'UNDELIV 042' }, now);
  const [status] = await statesOf(db, [id]);
  assert.deepEqual([status?.state, status?.reason, status?.settledMs], ['failed', 'UNDELIV 042', now]);
});

test('a receipt without its message is not known: unsent, not yet accepted, somebody else', async (t) => {
  const db = await open(t);
  const receipt = { gatewayId: 'a', state: 'delivered', reason: '' } as const;
  await enqueue(db, messages(1), now);
  assert.equal(await markReceipt(db, receipt, now), false);
  const [id = ''] = await take(db, 1);
  assert.equal(await markReceipt(db, receipt, now), false);
  await markAccepted(db, id, ['a']);
  assert.equal(await markReceipt(db, receipt, now), true);
});

test('only an uncertain message goes again, and its old receipts do not count for the new attempt', async (t) => {
  const db = await open(t);
  const id = await accepted(db, ['a']);
  assert.equal(await resend(db, id, 'staff-7', now), false);
  assert.equal(await markReceiptless(db, now + 1), 1);
  assert.equal(await stateOf(db, id), 'uncertain');
  assert.equal(await resend(db, id, 'staff-7', now), true);
  assert.equal(await markReceipt(db, { gatewayId: 'a', state: 'delivered', reason: '' }, now), false);
  assert.deepEqual(await take(db, 9), [id]);
});

test('a late receipt settles an uncertain message without anybody', async (t) => {
  const db = await open(t);
  const id = await accepted(db, ['a']);
  await markReceiptless(db, now + 1);
  await markReceipt(db, { gatewayId: 'a', state: 'delivered', reason: '' }, now);
  const [status] = await statesOf(db, [id]);
  assert.deepEqual([status?.state, status?.reason], ['delivered', undefined]);
});

test('what was being sent when the notifier died is uncertain; a late answer is still believed', async (t) => {
  const db = await open(t);
  await enqueue(db, messages(3), now);
  const [first = '', second = '', third = ''] = await take(db, 3);
  assert.equal(await markInterrupted(db), 3);
  assert.deepEqual(await take(db, 9), [], 'nothing goes again by itself');
  assert.equal(await markAccepted(db, first, ['a']), true);
  assert.equal(await markRefused(db, second, 'smpp-b', now), true);
  assert.equal(await markUncertain(db, third, 'no-answer'), false);
  await markQueued(db, third, 'throttled', now);
  assert.equal(await stateOf(db, third), 'uncertain', 'a retry is for messages certainly not sent');
});

test('erased: queued is never sent, the text is gone in every state', async (t) => {
  const db = await open(t);
  const sent = await accepted(db, ['a']);
  const [queued, postponed] = messages(2);
  assert.ok(postponed !== undefined);
  await enqueue(db, [postponed], now);
  await take(db, 9);
  await enqueue(db, [queued], now);
  const ids = [sent, queued.messageId, postponed.messageId];
  assert.equal(await erase(db, ids, now), 3);
  assert.equal(await erase(db, ids, now), 0);
  await markQueued(db, postponed.messageId, 'throttled', now);
  assert.equal(await stateOf(db, postponed.messageId), 'failed', 'nothing is left to send');
  assert.equal(await stateOf(db, queued.messageId), 'failed');
  assert.equal(await stateOf(db, sent), 'accepted');
  assert.deepEqual(await take(db, 9), []);
  const rows = await db.query('select 1 from outbox.message where address is not null or text is not null');
  assert.equal(rows.length, 0);
});

test('settled texts are destroyed after their time, open ones are not', async (t) => {
  const db = await open(t);
  const done = await accepted(db, ['a']);
  await accepted(db, ['b']);
  await markReceipt(db, { gatewayId: 'a', state: 'delivered', reason: '' }, now);
  assert.equal(await blankSettled(db, now, now), 0);
  assert.equal(await blankSettled(db, now + 1, now + 2), 1);
  const rows = await db.query<{ readonly message_id: string }>(
    'select message_id from outbox.message where text is null',
  );
  assert.deepEqual(rows, [{ message_id: done }]);
});
