// The outbox on a real database: idempotent writes, claims without overlap, receipts part by part, destruction.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';

import {
  blankSettled,
  awaitingReceipts,
  claim,
  enqueue,
  erase,
  markAccepted,
  markInterrupted,
  markPostponed,
  markReceipt,
  markReceiptless,
  markRefused,
  markSending,
  markUncertain,
  outboxMigrations,
  resend,
  skipChannels,
  statesOf,
} from './index.ts';
import type { ClaimOptions, MessageStatus, NewMessage, Step } from './index.ts';

const provider = 'main';
const refusal = { reason: 'no', retry: true };

const engine = await testEngine();
const now = Date.UTC(2026, 4, 3);

async function open(t: TestContext): Promise<Database> {
  const database = await testDatabase(engine, outboxMigrations);
  t.after(() => database.close());
  return database.db;
}

function wordingOf(text: string): NewMessage['wording'] {
  return { template: 'notice', version: 1, values: { link: 'x' }, text };
}

function messages(count: number, more: Partial<NewMessage> = {}): readonly [NewMessage, ...NewMessage[]] {
  const make = (n: number): NewMessage => ({
    messageId: randomUUID(),
    routes: [{ channel: 'sms', address: `86139${String(n).padStart(8, '0')}` }],
    wording: wordingOf(`${n}`),
    urgent: false,
    ...more,
  });
  return [make(0), ...Array.from({ length: count - 1 }, (_, n) => make(n + 1))];
}

async function stateOf(db: Database, id: string): Promise<MessageStatus['state'] | undefined> {
  return (await statesOf(db, [id]))[0]?.state;
}

function claiming(more: Partial<ClaimOptions> = {}): ClaimOptions {
  return { limit: 9, nowMs: now, urgentOnly: false, channel: 'sms', provider, reachable: [provider], ...more };
}

/** Claims and marks as the notifier does. */
function take(db: Database, limit: number, more: Partial<ClaimOptions> = {}): Promise<readonly string[]> {
  return db.tx('claim', async (tx) => {
    const options = claiming({ limit, ...more });
    const ids = (await claim(tx, options)).map((message) => message.messageId);
    await markSending(tx, ids, options.provider, options.nowMs);
    return ids;
  });
}

/** Of one message: claims it, and writes down that it was refused. */
async function refuse(db: Database, id: string, step: Step, more: Partial<ClaimOptions> = {}): Promise<void> {
  assert.deepEqual(await take(db, 1, more), [id]);
  await markRefused(db, id, refusal, step, now);
}

async function accepted(db: Database, gatewayIds: readonly string[]): Promise<string> {
  const [message] = messages(1);
  await enqueue(db, [message], now);
  await take(db, 100);
  await markAccepted(db, message.messageId, gatewayIds, now);
  return message.messageId;
}

test('the same id twice is one message, and the first one stands', async (t) => {
  const db = await open(t);
  const [message] = messages(1);
  assert.equal(await enqueue(db, [message], now), 1);
  assert.equal(await enqueue(db, [{ ...message, wording: wordingOf('other') }], now + 1), 0);
  const [claimed] = await db.tx('claim', (tx) => claim(tx, claiming()));
  assert.deepEqual([claimed?.wording, claimed?.address], [message.wording, message.routes[0]?.address]);
});

test('texts and addresses that could never be sent are refused at the door', async (t) => {
  const db = await open(t);
  await assert.rejects(enqueue(db, messages(1, { wording: wordingOf('') }), now), RangeError);
  await assert.rejects(enqueue(db, messages(1, { wording: wordingOf('车'.repeat(671)) }), now), RangeError);
  const bad = [
    { channel: 'sms', address: '+8613900000000' },
    { channel: 'wechat', address: 'short' },
    { channel: 'mail', address: 'a@b\r\nBcc: c@d' },
  ] as const;
  for (const route of bad) await assert.rejects(enqueue(db, messages(1, { routes: [route] }), now), RangeError);
  await assert.rejects(enqueue(db, messages(1, { routes: [] }), now), RangeError);
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
  const claimed = await db.tx('claim', (tx) => claim(tx, claiming()));
  assert.deepEqual(
    claimed.map((message) => message.messageId),
    [urgent.messageId, old.messageId, young.messageId],
  );
  assert.deepEqual(await take(db, 9, { urgentOnly: true }), [urgent.messageId]);
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
  await markAccepted(db, id, ['a'], now);
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
  assert.equal(await markInterrupted(db, now), 3);
  assert.deepEqual(await take(db, 9), [], 'nothing goes again by itself');
  assert.equal(await markAccepted(db, first, ['a'], now), true);
  await markRefused(db, second, { reason: 'smpp-b', retry: false }, { kind: 'failed' }, now);
  assert.equal(await stateOf(db, second), 'failed');
  assert.equal(await markUncertain(db, third, 'no-answer', now), false);
  await markPostponed(db, third, 'rate', now);
  for (const kind of ['next-provider', 'next-route'] as const) await markRefused(db, third, refusal, { kind }, now);
  await markRefused(db, third, refusal, { kind: 'again', inMs: 0 }, now);
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
  await markRefused(db, postponed.messageId, refusal, { kind: 'next-provider' }, now);
  assert.equal(await stateOf(db, postponed.messageId), 'failed', 'nothing is left to send');
  assert.equal(await stateOf(db, queued.messageId), 'failed');
  assert.equal(await stateOf(db, sent), 'accepted');
  assert.deepEqual(await take(db, 9), []);
  const rows = await db.query('select 1 from outbox.message where routes is not null or wording is not null');
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
    'select message_id from outbox.message where wording is null',
  );
  assert.deepEqual(rows, [{ message_id: done }]);
});

const two = [
  { channel: 'wechat', address: 'oABCDEFGHIJKLMNOPQRS' },
  { channel: 'sms', address: '8613900000001' },
] as const;

test('the second provider takes what the first has refused by its own fault, and nothing else', async (t) => {
  const db = await open(t);
  const [message, other] = messages(2);
  assert.ok(other !== undefined);
  await enqueue(db, [message], now);
  const reachable = ['a', 'b'];
  assert.deepEqual(await take(db, 9, { provider: 'b', reachable }), [], 'the first is asked first');
  await refuse(db, message.messageId, { kind: 'next-provider' }, { provider: 'a', reachable });
  await enqueue(db, [other], now);
  assert.deepEqual(await take(db, 9, { provider: 'b', reachable }), [message.messageId]);
  assert.deepEqual(await take(db, 9, { provider: 'b', reachable: ['b'] }), [other.messageId], 'the first is away');
});

test('when all that can be reached have refused, the first one is asked again', async (t) => {
  const db = await open(t);
  const [message] = messages(1);
  await enqueue(db, [message], now);
  await refuse(db, message.messageId, { kind: 'next-provider' }, { provider: 'a', reachable: ['a', 'b'] });
  // The second is away now.
  assert.deepEqual(await take(db, 9, { provider: 'a', reachable: ['a'] }), [message.messageId]);
  await markRefused(db, message.messageId, refusal, { kind: 'again', inMs: 5_000 }, now);
  assert.deepEqual(await take(db, 9, { provider: 'a', reachable: ['a'] }), [], 'not yet');
  assert.deepEqual(await take(db, 9, { provider: 'a', reachable: ['a'], nowMs: now + 5_000 }), [message.messageId]);
});

test('a definite failure goes on by the next route, with its own channel and address; the last one fails', async (t) => {
  const db = await open(t);
  const [message] = messages(1, { routes: two });
  await enqueue(db, [message], now);
  assert.deepEqual(await take(db, 9), [], 'not by text message first');
  await refuse(db, message.messageId, { kind: 'next-route' }, { channel: 'wechat' });
  const [claimed] = await db.tx('claim', (tx) => claim(tx, claiming()));
  assert.deepEqual([claimed?.channel, claimed?.address, claimed?.hasNextRoute], ['sms', two[1].address, false]);
  await refuse(db, message.messageId, { kind: 'failed' });
  const [status] = await statesOf(db, [message.messageId]);
  assert.deepEqual([status?.state, status?.channel, status?.provider], ['failed', 'sms', provider]);
  assert.deepEqual(
    status?.history.map(({ channel, outcome, reason }) => [channel, outcome, reason]),
    [
      ['wechat', 'refused', 'no'],
      ['sms', 'refused', 'no'],
    ],
  );
});

test('a failed receipt goes on by the next route; one after uncertainty, or of a second part, does not', async (t) => {
  const db = await open(t);
  const failed = (gatewayId: string) => ({ gatewayId, state: 'failed', reason: 'UNDELIV' }) as const;
  const sent = async (gatewayIds: readonly string[]) => {
    const [message] = messages(1, { routes: two });
    await enqueue(db, [message], now);
    await take(db, 9, { channel: 'wechat' });
    await markAccepted(db, message.messageId, gatewayIds, now);
    return message.messageId;
  };
  const first = await sent(['w:1']);
  await markReceipt(db, failed('w:1'), now);
  const [status] = await statesOf(db, [first]);
  assert.deepEqual([status?.state, status?.channel], ['queued', 'sms']);
  assert.equal(await markReceipt(db, { ...failed('w:1'), state: 'delivered' }, now), false, 'late, of the old way');
  assert.equal(await stateOf(db, first), 'queued');

  const second = await sent(['w:2', 'w:3']);
  await markReceipt(db, { ...failed('w:2'), state: 'delivered' }, now);
  await markReceipt(db, failed('w:3'), now);
  assert.equal(await stateOf(db, second), 'failed', 'half of it was read');

  const third = await sent(['w:4']);
  await markReceiptless(db, now + 1);
  await markReceipt(db, failed('w:4'), now);
  assert.equal(await stateOf(db, third), 'failed', 'people have seen it uncertain');
});

test('a receipt that names the message settles a sending without an answer, of the same provider only', async (t) => {
  const db = await open(t);
  const unanswered = async () => {
    const [message] = messages(1);
    await enqueue(db, [message], now);
    await take(db, 9);
    await markUncertain(db, message.messageId, 'no-answer', now);
    return message.messageId;
  };
  const receipt = (messageId: string, gatewayId: string, state: 'delivered' | 'failed') =>
    markReceipt(db, { messageId, gatewayId, state, reason: 'x' }, now);
  const first = await unanswered();
  assert.equal(await receipt(first, 'other:1', 'delivered'), false);
  assert.equal(await receipt('otp-abc', 'main:1', 'delivered'), false);
  assert.equal(await receipt(first, 'main:1', 'delivered'), true);
  assert.equal(await stateOf(db, first), 'delivered');
  assert.equal(await receipt(first, 'main:1', 'delivered'), true, 'known');

  const second = await unanswered();
  assert.equal(await receipt(second, 'main:2', 'failed'), true);
  assert.equal(await stateOf(db, second), 'failed');

  const third = await unanswered();
  await resend(db, third, 'staff-7', now);
  await take(db, 9);
  await markUncertain(db, third, 'no-answer', now);
  assert.equal(await receipt(third, 'main:3', 'failed'), false, 'it may be the other attempt that failed');
  assert.equal(await stateOf(db, third), 'uncertain');
});

test('a way without a provider is passed over; without any, the message fails and says so', async (t) => {
  const db = await open(t);
  const [both] = messages(1, { routes: two });
  const [only] = messages(1, { routes: [two[0]] });
  await enqueue(db, [both, only], now);
  assert.equal(await skipChannels(db, ['sms'], now), 2);
  assert.equal(await skipChannels(db, ['sms'], now), 0);
  assert.deepEqual(await take(db, 9), [both.messageId]);
  const [status] = await statesOf(db, [only.messageId]);
  assert.deepEqual([status?.state, status?.reason], ['failed', 'no-provider']);
});

test('what waits for receipts is told to providers that must be asked', async (t) => {
  const db = await open(t);
  await accepted(db, ['main:1']);
  await accepted(db, ['main:2', 'main:3']);
  const awaited = await awaitingReceipts(db, now - 1, 10);
  assert.deepEqual(awaited, [{ gatewayId: 'main:1', address: '8613900000000', acceptedMs: now }]);
  assert.deepEqual(await awaitingReceipts(db, now + 1, 10), []);
});
