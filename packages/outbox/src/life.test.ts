// A message's whole life on a real database, under random outcomes, receipts, deaths, decisions and erasure: never two
// definite deliveries, never a sending after erasure, nothing after an unknown outcome but a person's word or a receipt.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';

import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import * as fc from 'fast-check';

import {
  claim,
  enqueue,
  erase,
  forgetTried,
  markAccepted,
  markInterrupted,
  markPostponed,
  markReceipt,
  markReceiptless,
  markRefused,
  markSending,
  markUncertain,
  nextStep,
  outboxMigrations,
  resend,
  statesOf,
} from './index.ts';
import type { ClaimedMessage, MessageState } from './index.ts';

const engine = await testEngine();
const RUNS = 120;
const startMs = Date.UTC(2026, 4, 3);
const reachable = { sms: ['a', 'b'], wechat: ['w'], mail: [] } as const;

type Event =
  | { readonly kind: 'send'; readonly outcome: 'accepted' | 'unknown' | 'postponed' | 'die' }
  | {
      readonly kind: 'send';
      readonly outcome: 'refused';
      readonly fault: 'provider' | 'message';
      readonly retry: boolean;
    }
  | { readonly kind: 'receipt'; readonly of: number; readonly state: 'delivered' | 'failed' | 'unknown' }
  | { readonly kind: 'wait' | 'sweep' | 'resend' | 'erase' | 'restart' };

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send'),
      outcome: fc.constantFrom('accepted', 'unknown', 'postponed', 'die'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send'),
      outcome: fc.constant('refused'),
      fault: fc.constantFrom('provider', 'message'),
      retry: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('receipt'),
      of: fc.nat(3),
      state: fc.constantFrom('delivered', 'failed', 'unknown'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('wait', 'sweep', 'resend', 'erase', 'restart') }) },
);

/** One message and the world around it; checks what must hold at every step. */
async function live(db: Database, script: readonly Event[]): Promise<void> {
  const messageId = randomUUID();
  let nowMs = startMs;
  let erased = false;
  let deliveries = 0;
  const accepted: string[] = [];
  const seen: MessageState[] = ['queued'];
  await enqueue(
    db,
    [
      {
        messageId,
        routes: [
          { channel: 'wechat', address: 'oABCDEFGHIJKLMNOPQRS' },
          { channel: 'sms', address: '8613900000001' },
        ],
        wording: { template: 'notice', version: 1, values: {}, text: 'x' },
        urgent: false,
      },
    ],
    nowMs,
  );

  async function state(): Promise<MessageState> {
    const [status] = await statesOf(db, [messageId]);
    assert.ok(status !== undefined);
    return status.state;
  }

  async function claimOne(): Promise<{ readonly message: ClaimedMessage; readonly provider: string } | undefined> {
    for (const channel of ['wechat', 'sms'] as const) {
      for (const provider of reachable[channel]) {
        const [message] = await db.tx('claim', async (tx) => {
          const options = { limit: 1, nowMs, urgentOnly: false, channel, provider, reachable: reachable[channel] };
          const found = await claim(tx, options);
          await markSending(
            tx,
            found.map((one) => one.messageId),
            provider,
            nowMs,
          );
          return found;
        });
        if (message !== undefined) return { message, provider };
      }
    }
    return undefined;
  }

  async function send(event: Event & { readonly kind: 'send' }): Promise<void> {
    const before = seen.at(-1);
    const claimed = await claimOne();
    if (claimed === undefined) return;
    const { message, provider } = claimed;
    assert.ok(!erased, 'sent after it was erased');
    assert.equal(before, 'queued', 'sent from another state');
    assert.equal(deliveries, 0, 'sent after it was delivered');
    const channel = message.channel;
    switch (event.outcome) {
      case 'accepted': {
        const gatewayId = `${provider}:${accepted.length}`;
        accepted.push(gatewayId);
        await markAccepted(db, messageId, [gatewayId], nowMs);
        return;
      }
      case 'unknown':
        await markUncertain(db, messageId, 'no-answer', nowMs);
        return;
      case 'postponed':
        await markPostponed(db, messageId, 'rate', nowMs + 30_000);
        return;
      case 'die':
        await markInterrupted(db, nowMs);
        return;
      case 'refused': {
        const others: readonly string[] = reachable[channel];
        const hasNextProvider = others.some((name) => name !== provider && !message.tried.includes(name));
        const step = nextStep({ ...message, hasNextProvider }, event);
        await markRefused(db, messageId, { reason: 'no', retry: event.retry }, step, nowMs);
      }
    }
  }

  async function step(event: Event): Promise<void> {
    switch (event.kind) {
      case 'send':
        return send(event);
      case 'receipt': {
        const gatewayId = accepted[event.of];
        if (gatewayId === undefined) return;
        await markReceipt(db, { gatewayId, state: event.state, reason: 'r' }, nowMs);
        return;
      }
      case 'wait':
        nowMs += 20 * 60_000;
        return;
      case 'sweep':
        await markReceiptless(db, nowMs - 10 * 60_000);
        return;
      case 'resend':
        await resend(db, messageId, 'staff-7', nowMs);
        return;
      case 'erase':
        erased = (await erase(db, [messageId], nowMs)) === 1 || erased;
        return;
      case 'restart':
        await markInterrupted(db, nowMs);
        await forgetTried(db);
    }
  }

  for (const event of script) {
    const before = seen.at(-1);
    await step(event);
    const after = await state();
    if (before === 'delivered' || before === 'failed') assert.equal(after, before, 'a settled message moved');
    if (before === 'uncertain' && after !== before) {
      const isPerson = event.kind === 'resend' && after === 'queued';
      const isReceipt = event.kind === 'receipt' && (after === 'delivered' || after === 'failed');
      assert.ok(isPerson || isReceipt, `${event.kind} made an unknown message ${after}`);
    }
    if (before !== 'delivered' && after === 'delivered') deliveries += 1;
    assert.ok(deliveries <= 1, 'delivered twice');
    if (erased) assert.notEqual(after, 'queued');
    assert.notEqual(after, 'sending');
    seen.push(after);
  }
  await db.query('delete from outbox.message where message_id = $1', [messageId]);
}

test('property: a message’s life', async (t) => {
  const database = await testDatabase(engine, outboxMigrations);
  t.after(() => database.close());
  await fc.assert(
    fc.asyncProperty(fc.array(events, { minLength: 4, maxLength: 24 }), (script) => live(database.db, script)),
    { seed: 2026, numRuns: RUNS },
  );
});
