// Rates in sliding windows on a clock of our own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { settableClock } from '@tongche/runtime';
import * as fc from 'fast-check';

import type { MessageGateway, SendOutcome } from './gateway.ts';
import { limitedGateway } from './limited-gateway.ts';
import { createLimiter } from './limiter.ts';
import type { Counted } from './limiter.ts';
import { isCodeTemplate, ratesOf } from './rates.ts';
import type { Rate } from './rates.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const digest = (text: string): string => text;

function code(to = '8613800000001', text = 'a'): Counted {
  return { to, template: 'code', text };
}

/** Sends as often as the limiter lets it within `untilMs`, trying every `stepMs`. */
function greedy(rates: readonly Rate[], make: (n: number) => Counted, untilMs: number, stepMs: number): number[] {
  const limiter = createLimiter({ rates, digest });
  const times: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += stepMs) {
    const message = make(times.length);
    if (limiter.waitMs(message, nowMs) > 0) continue;
    limiter.take(message, nowMs);
    times.push(nowMs);
  }
  return times;
}

for (const kind of ['tencent', 'aliyun'] as const) {
  test(`${kind}: codes to one number: one a minute, five an hour, ten a day`, () => {
    const times = greedy(ratesOf[kind], (n) => code('8613800000001', String(n)), day, 1_000);
    assert.equal(times.filter((ms) => ms < minute).length, 1);
    assert.equal(times.filter((ms) => ms < hour).length, 5);
    assert.equal(times.length, 10);
  });

  test(`${kind}: notices to one number: fifty a day of each template, and no limit of codes on them`, () => {
    const notice = (n: number) => ({ to: '8613800000001', template: n % 2 === 0 ? 'one' : 'two', text: String(n) });
    const times = greedy(ratesOf[kind], notice, day, 1_000);
    assert.equal(times.length, 100);
    assert.ok((times.at(-1) ?? day) < 10 * minute);
    const same = (n: number) => ({ to: '8613800000001', template: 'one', text: String(n) });
    assert.equal(greedy(ratesOf[kind], same, day, 1_000).length, 50);
  });

  test(`${kind}: the same text to the same number waits 30 seconds`, () => {
    const limiter = createLimiter({ rates: ratesOf[kind], digest });
    const notice = { to: '8613800000001', template: 'one', text: 'x' };
    limiter.take(notice, 0);
    assert.equal(limiter.waitMs(notice, 1_000), 29_000);
    assert.equal(limiter.waitMs({ ...notice, text: 'y' }, 1_000), 0);
    assert.equal(limiter.waitMs({ ...notice, to: '8613800000002' }, 1_000), 0);
    assert.equal(limiter.waitMs(notice, 30_000), 0);
  });
}

test('what did not go after all is given back', () => {
  const limiter = createLimiter({ rates: ratesOf.aliyun, digest });
  limiter.take(code(), 5);
  assert.ok(limiter.waitMs(code(), 6) > 0);
  limiter.giveBack(code(), 5);
  assert.equal(limiter.waitMs(code(), 6), 0);
});

test('property: no window ever holds more than its rate, and a wait is never too long', () => {
  const rates: readonly Rate[] = [
    { by: 'all', max: 4, windowMs: 10 },
    { by: 'number', max: 2, windowMs: 25 },
  ];
  const steps = fc.array(fc.record({ afterMs: fc.nat(12), to: fc.constantFrom('1', '2', '3') }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (asked) => {
      const limiter = createLimiter({ rates, digest });
      const gone: { readonly to: string; readonly atMs: number }[] = [];
      const inWindow = (atMs: number, windowMs: number, to?: string) =>
        gone.filter((one) => one.atMs > atMs - windowMs && (to === undefined || one.to === to)).length;
      let nowMs = 0;
      for (const { afterMs, to } of asked) {
        nowMs += afterMs;
        const message = { to, template: 'one', text: '' };
        const waitMs = limiter.waitMs(message, nowMs);
        const fits = inWindow(nowMs, 10) < 4 && inWindow(nowMs, 25, to) < 2;
        assert.equal(waitMs === 0, fits);
        assert.ok(waitMs <= 25);
        if (!fits) continue;
        limiter.take(message, nowMs);
        gone.push({ to, atMs: nowMs });
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('codes are told from notices by the key of their template', () => {
  assert.deepEqual(['code', 'code-en', 'codes', 'fellow-rider'].map(isCodeTemplate), [true, true, false, false]);
});

test('over the limit a message is postponed and never reaches the gateway; a refusal does not count', async () => {
  const clock = settableClock(0);
  const outcomes: SendOutcome[] = [
    { kind: 'refused', reason: 'busy', fault: 'provider', retry: true },
    { kind: 'accepted', gatewayIds: ['1'] },
    { kind: 'accepted', gatewayIds: ['2'] },
  ];
  let sent = 0;
  const gateway: MessageGateway = {
    send: () => Promise.resolve(outcomes[sent++] ?? { kind: 'unknown', reason: '' }),
    onReceipt: () => {},
    connected: () => true,
    room: () => 10,
    onRoom: () => {},
    close: async () => {},
  };
  const limited = limitedGateway({ gateway, rates: ratesOf.tencent, clock });
  const wording = { template: 'code', version: 1, values: {}, text: 'x' };
  const send = () => limited.send({ id: '1', to: '8613800000001', wording });
  assert.equal((await send()).kind, 'refused');
  assert.equal((await send()).kind, 'accepted');
  await clock.advance(20_000);
  assert.deepEqual(await send(), { kind: 'postponed', reason: 'rate', retryInMs: 40_000 });
  assert.equal(sent, 2);
  await clock.advance(40_000);
  assert.equal((await send()).kind, 'accepted');
});

test('the rate for all together shows as room, and calls when there is some', async () => {
  const clock = settableClock(0);
  let called = 0;
  const gateway: MessageGateway = {
    send: () => Promise.resolve({ kind: 'accepted', gatewayIds: ['1'] }),
    onReceipt: () => {},
    connected: () => true,
    room: () => 10,
    onRoom: () => {},
    close: async () => {},
  };
  const limited = limitedGateway({ gateway, rates: [{ by: 'all', max: 3, windowMs: 1_000 }], clock });
  limited.onRoom(() => {
    called += 1;
  });
  const wording = { template: 'one', version: 1, values: {}, text: 'x' };
  for (let n = 0; n < 3; n += 1) await limited.send({ id: String(n), to: '8613800000001', wording });
  assert.equal(limited.room(), 0);
  await clock.advance(1_000);
  assert.equal(called, 1);
  assert.equal(limited.room(), 3);
});
