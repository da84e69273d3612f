// Every limit of asking for a code, and what may not be told by number.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { Refusal } from '@tongche/contract';
import { memoryLog, parseConfig, settableClock } from '@tongche/runtime';
import type { SettableClock } from '@tongche/runtime';
import { Type } from 'typebox';
import { Config } from '../config.ts';
import type { Messages } from './messages.ts';
import { makeCode, otpDesk } from './request.ts';
import type { OtpAsked, OtpDesk } from './request.ts';
import { workBits } from './work.ts';

interface Bench {
  readonly desk: OtpDesk;
  readonly clock: SettableClock;
  readonly sent: { readonly to: bigint; readonly text: string }[];
  readonly log: ReturnType<typeof memoryLog>;
  room: boolean;
  ask(
    phone: string,
    address: string,
    more?: Partial<OtpAsked>,
  ): { readonly challenge: string; readonly expiresMs: number };
  /** The refusal's code, or 'ok'. */
  outcome(phone: string, address: string, more?: Partial<OtpAsked>): string;
}

function bench(otp: Record<string, unknown> = {}): Bench {
  const clock = settableClock(Date.UTC(2026, 10, 20, 2));
  const log = memoryLog('registrar');
  const sent: Bench['sent'] = [];
  const schema = Type.Pick(Config, ['otp', 'authority', 'consent']);
  const authority = { iss: 1, name: { zh: '示例市卫健委', en: 'Example' }, zone: 'Asia/Shanghai', phone: '12320' };
  const config = parseConfig(
    schema,
    { otp: { workBits: 4, freeRequests: 1_000, ...otp }, authority, consent: {} },
    'test',
  );
  const messages: Messages = {
    hasRoom: () => it.room,
    send: (to, { text }) => void sent.push({ to, text }),
    idle: async () => {},
  };
  const keyring = { challengeKey: () => ({ day: 1, bytes: new Uint8Array(32) }) };
  const random = (n: number): Uint8Array => new Uint8Array(n).map(() => randomInt(256));
  const desk = otpDesk({ config, clock, log, random, keyring, messages });
  const it: Bench = {
    desk,
    clock,
    sent,
    log,
    room: true,
    ask: (phone, address, more = {}) => desk.request({ phone, consentVersion: 1, ...more }, address),
    outcome(phone, address, more = {}) {
      try {
        it.ask(phone, address, more);
        return 'ok';
      } catch (error) {
        if (error instanceof Refusal) return error.code;
        throw error;
      }
    },
  };
  return it;
}

const minute = 60_000;
const hour = 60 * minute;
let next = 0;
/** A number of its own prefix each time. */
function phone(): string {
  next += 1;
  return `13${(next * 10_007).toString().padStart(9, '0')}`;
}

test('one a minute, five an hour, ten a day to a number; beyond, the same answer and no message', async () => {
  const it = bench();
  const number = phone();
  const sentAt: number[] = [];
  for (let at = 0; at < 24 * 60; at += 1) {
    const before = it.sent.length;
    const reply = it.ask(number, `10.${at % 200}.1.1`);
    assert.deepEqual(Object.keys(reply), ['challenge', 'expiresMs']);
    assert.equal(reply.challenge.length, 99);
    assert.equal(reply.expiresMs, it.clock.now() + 10 * minute);
    it.ask(number, `10.${at % 200}.2.1`);
    if (it.sent.length > before) sentAt.push(at);
    await it.clock.advance(minute);
  }
  assert.deepEqual(sentAt, [0, 1, 2, 3, 4, 60, 61, 62, 63, 64]);
  assert.equal(it.sent.length, 10);
});

test('a number never asked for and one over its limits get answers of one shape, made by the same steps', () => {
  const it = bench();
  const busy = phone();
  for (let i = 0; i < 20; i += 1) it.ask(busy, '10.9.1.1');
  assert.equal(it.sent.length, 1);
  const [a, b] = [it.ask(busy, '10.9.2.1'), it.ask(phone(), '10.9.3.1')];
  assert.equal(a.challenge.length, b.challenge.length);
  assert.equal(a.expiresMs, b.expiresMs);
  assert.equal(it.sent.length, 2);
});

test('a prefix of seven digits has a budget of its own, silently', () => {
  const it = bench({ perPrefix: [{ windowMs: hour, max: 3 }] });
  for (let i = 0; i < 6; i += 1) assert.equal(it.outcome(`1381234000${i}`, '10.8.1.1'), 'ok');
  assert.equal(it.sent.length, 3);
  assert.equal(it.outcome('13812350000', '10.8.1.1'), 'ok');
  assert.equal(it.sent.length, 4);
});

test('a network has a budget and is told so', async () => {
  const it = bench({ perNetwork: [{ windowMs: hour, max: 4 }] });
  for (let i = 0; i < 4; i += 1) assert.equal(it.outcome(phone(), `198.51.100.${i}`), 'ok');
  assert.equal(it.outcome(phone(), '198.51.100.77'), 'rate-limited');
  assert.equal(it.outcome(phone(), '198.51.101.77'), 'ok');
  await it.clock.advance(2 * hour);
  assert.equal(it.outcome(phone(), '198.51.100.77'), 'ok');
});

test('the city’s budget opens the breaker, writes the alarm once, and closes it later', async () => {
  const it = bench({ global: [{ windowMs: minute, max: 5 }], breakerMs: 2 * minute });
  for (let i = 0; i < 5; i += 1) assert.equal(it.outcome(phone(), `10.7.${i}.1`), 'ok');
  assert.equal(it.outcome(phone(), '10.7.9.1'), 'busy');
  assert.equal(it.outcome(phone(), '10.7.10.1'), 'busy');
  assert.equal(it.log.lines.filter(({ event }) => event === 'registrar.otpBreaker').length, 1);
  assert.equal(it.sent.length, 5);
  await it.clock.advance(2 * minute);
  assert.equal(it.outcome(phone(), '10.7.11.1'), 'ok');
});

test('a gateway that does not keep up opens the breaker too', () => {
  const it = bench();
  it.room = false;
  assert.equal(it.outcome(phone(), '10.6.1.1'), 'busy');
  assert.equal(it.log.lines.at(-1)?.['reason'], 'gateway');
});

test('numbers abroad share one budget; countries not served are refused like malformed numbers', () => {
  const it = bench({ abroad: [{ windowMs: hour, max: 2 }], countries: ['*'] });
  for (let i = 0; i < 5; i += 1) assert.equal(it.outcome(`+44 7700 90000${i}`, `10.5.${i}.1`), 'ok');
  assert.equal(it.sent.length, 2);
  assert.equal(bench().outcome('+44 7700 900001', '10.5.9.1'), 'bad-phone');
  assert.equal(bench().outcome('+852 6123 4567', '10.5.9.1'), 'ok');
});

test('from the second request of a network a proof of work is asked for, whatever the number; a salt counts once', () => {
  const it = bench({ freeRequests: 1, workBits: 8 });
  const number = phone();
  assert.equal(it.outcome(number, '10.4.1.1'), 'ok');
  // The same number from elsewhere is free: nothing about the number shows.
  assert.equal(it.outcome(number, '10.4.2.1'), 'ok');
  let asked: { salt: string; bits: number } | undefined;
  try {
    it.ask(phone(), '10.4.1.2');
  } catch (error) {
    assert.ok(error instanceof Refusal);
    assert.equal(error.code, 'work-required');
    asked = error.extra as { salt: string; bits: number };
  }
  assert.ok(asked);
  const { salt, bits } = asked;
  let n = 0;
  while (workBits(salt, String(n)) < bits) n += 1;
  const lazy = String(Array.from({ length: 1_000 }, (_, i) => i).find((i) => workBits(salt, String(i)) < bits));
  assert.equal(it.outcome(phone(), '10.4.1.2', { work: { salt, nonce: lazy } }), 'work-required');
  assert.equal(it.outcome(phone(), '10.4.1.2', { work: { salt, nonce: String(n) } }), 'ok');
  assert.equal(it.outcome(phone(), '10.4.1.2', { work: { salt, nonce: String(n) } }), 'work-required');
  assert.equal(it.outcome(phone(), '10.4.1.2', { work: { salt: 'A'.repeat(40), nonce: '1' } }), 'work-required');
});

test('an old salt is worthless', async () => {
  const it = bench({ freeRequests: 0, workBits: 1 });
  let salt = '';
  try {
    it.ask(phone(), '10.3.1.1');
  } catch (error) {
    salt = (error as Refusal).extra['salt'] as string;
  }
  let n = 0;
  while (workBits(salt, String(n)) < 1) n += 1;
  await it.clock.advance(5 * minute);
  assert.equal(it.outcome(phone(), '10.3.1.1', { work: { salt, nonce: String(n) } }), 'work-required');
});

test('an old consent is told the present version before anything else happens', () => {
  const it = bench();
  assert.throws(
    () => it.ask(phone(), '10.2.1.1', { consentVersion: 0 }),
    (error) => error instanceof Refusal && error.code === 'consent-outdated' && error.extra['consentVersion'] === 1,
  );
  assert.equal(it.sent.length, 0);
  for (const bad of ['12345', '12812345678', 'hello', '1381234567', '+86 138123456789']) {
    assert.equal(it.outcome(bad, '10.2.1.1'), 'bad-phone', bad);
  }
});

test('codes have six digits, leading zeros included, and use the whole range', () => {
  const codes = Array.from({ length: 4_000 }, makeCode);
  assert.ok(codes.every((code) => /^\d{6}$/.test(code)));
  assert.ok(codes.some((code) => code.startsWith('0')));
  assert.ok(codes.some((code) => code.startsWith('9')));
});
