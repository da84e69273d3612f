// Assisted registration: who may ask, what comes back, and that nothing stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admission, assistTag, fromBase64Url, parseSubject, toBase64Url, unwrap } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { randomPhone, startKit, startMs, today } from '../test-kit.ts';

const hour = 3_600_000;
const kit = await startKit();
const token = await kit.platform.token('driver-1', startMs + 12 * hour);

function ask(body: unknown, bearer = token) {
  return kit.post('/assist', body, { authorization: `Bearer ${bearer}` });
}

test('several staff who ask at once while the platform’s key is not known yet are all served', async () => {
  const replies = await Promise.all(
    Array.from({ length: 6 }, () => ask({ kind: 'phone', value: randomPhone(), day: today })),
  );
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 200, 200, 200, 200],
  );
});

test('a value becomes a tag, its admission and a slot, for today and yesterday', async () => {
  for (const [kind, value] of [
    ['phone', randomPhone()],
    ['cn-id', '11010519491231002X'],
    ['passport', 'E12345678'],
    ['slip', '000123'],
  ] as const) {
    for (const day of [today, today - 1]) {
      const reply = await ask({ kind, value, day });
      assert.equal(reply.status, 200, reply.text);
      const { tag, adm, slot, bundle } = reply.json as {
        tag: string;
        adm: string;
        slot: number;
        bundle: { day: number };
      };
      const keys = kit.vault.keys.get(day);
      assert.ok(keys && slot >= 0 && slot < 64);
      assert.equal(bundle.day, day);
      const subject = unwrap(parseSubject(kind, value));
      const expected = await assistTag(nodeSuite, keys.kTag, { iss: 1, kind, subject, slot });
      assert.equal(tag, toBase64Url(expected));
      assert.equal(
        adm,
        toBase64Url(await admission(nodeSuite, keys.kAdm, { day, iss: 1, tag: unwrap(fromBase64Url(tag)) })),
      );
    }
  }
});

test('bad values and days are told apart', async () => {
  const code = async (body: unknown) => ((await ask(body)).json['error'] as { code: string }).code;
  assert.equal(await code({ kind: 'phone', value: '123', day: today }), 'bad-phone');
  assert.equal(await code({ kind: 'cn-id', value: '110105194902300021', day: today }), 'bad-document');
  assert.equal(await code({ kind: 'phone', value: randomPhone(), day: today - 2 }), 'too-old');
  assert.equal(await code({ kind: 'phone', value: randomPhone(), day: today + 1 }), 'clock-wrong');
  assert.equal(await code({ kind: 'tattoo', value: 'x', day: today }), 'bad-request');
  assert.equal(await code({ kind: 'phone', value: randomPhone(), day: today, extra: 1 }), 'unknown-field');
});

test('a token must be the platform’s, alive and not longer than a shift', async () => {
  const body = { kind: 'phone', value: randomPhone(), day: today };
  assert.equal((await kit.post('/assist', body)).status, 401);
  const [text = '', signature = ''] = token.split('.');
  assert.equal((await ask(body, `${text}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`)).status, 401);
  const forged = toBase64Url(new TextEncoder().encode(JSON.stringify({ kid: 'driver-2', expMs: startMs + hour })));
  assert.equal((await ask(body, `${forged}.${signature}`)).status, 401);
  assert.equal((await ask(body, await kit.platform.token('d', startMs))).status, 401);
  assert.equal((await ask(body, await kit.platform.token('d', startMs + 13 * hour))).status, 401);
  for (const odd of ['', '.', 'a', 'a.b', 'x'.repeat(5_000)]) assert.equal((await ask(body, odd)).status, 401, odd);
});

test('one token holder is limited, others are not', async () => {
  const mine = await kit.platform.token('busy-driver', startMs + hour);
  const statuses: number[] = [];
  for (let i = 0; i < 33; i += 1)
    statuses.push((await ask({ kind: 'phone', value: randomPhone(), day: today }, mine)).status);
  assert.equal(statuses.filter((status) => status === 200).length, 30);
  assert.equal(statuses.at(-1), 429);
  const other = await kit.platform.token('other-driver', startMs + hour);
  assert.equal((await ask({ kind: 'phone', value: randomPhone(), day: today }, other)).status, 200);
});

test('while the platform’s key is unknown the form is told to wait, not that the token is bad', async () => {
  kit.platform.down = true;
  await kit.restart();
  assert.equal((await ask({ kind: 'phone', value: randomPhone(), day: today })).status, 503);
  kit.platform.down = false;
  await kit.clock.advance(1_000);
  assert.equal((await ask({ kind: 'phone', value: randomPhone(), day: today })).status, 200);
});
