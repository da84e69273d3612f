// Notifications: what is said is what is heard, however long, and nothing else is taken for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECK_COLOURS, SHORT_ALPHABET } from '@tongche/protocol';
import * as fc from 'fast-check';
import type { Boarding } from './boarding.ts';
import { newsHead, newsParts, parseMessage, rideParts, ridesHead } from './messages.ts';
import type { News } from './messages.ts';

const letter = fc.integer({ min: 0, max: SHORT_ALPHABET.length - 1 }).map((n) => SHORT_ALPHABET.charAt(n));
const boardings: fc.Arbitrary<Boarding> = fc.record(
  {
    codeId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    rideId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uint8Array(bytes)),
    receivedS: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    w2: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
    flags: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
    check: fc.record(
      {
        text: fc.tuple(letter, letter).map((two) => two.join('')),
        colour: fc.constantFrom(...CHECK_COLOURS),
      },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);

test('rides are heard as they were said, in notifications that PostgreSQL takes', () => {
  fc.assert(
    fc.property(fc.array(boardings, { maxLength: 450 }), fc.integer({ min: 1, max: 2 ** 52 }), (rides, xid) => {
      const heard = rideParts(rides).flatMap((part) => {
        const payload = `${ridesHead('AAAAAAAA')}${xid}.${part}`;
        assert.ok(Buffer.byteLength(payload) < 8_000);
        const message = parseMessage(payload);
        assert.ok(message?.what.kind === 'rides');
        assert.deepEqual([message.origin, message.xid], ['AAAAAAAA', xid]);
        return message.what.rides;
      });
      assert.deepEqual(heard, rides);
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('a part of the rides said together is a piece of the text of all', () => {
  const rides = fc.sample(boardings, { seed: 1, numRuns: 5 });
  const all = rideParts(rides).join('');
  const [third] = rides.slice(2);
  assert.ok(third);
  assert.equal(all.slice(2 * 40, 3 * 40), rideParts([third])[0]);
});

test('long lists are said in several notifications that hold the whole', () => {
  const vehicleIds = Array.from({ length: 3_000 }, (_, n) => `沪A-${n}-公交`);
  const parts = newsParts({ kind: 'runs', vehicleIds });
  const heard = parts.flatMap((part) => {
    assert.ok(Buffer.byteLength(part) < 7_900);
    const message = parseMessage(`${newsHead('AAAAAAAA')}12.${part}`);
    assert.ok(message?.what.kind === 'news' && message.what.news.kind === 'runs');
    return message.what.news.vehicleIds;
  });
  assert.ok(parts.length > 1);
  assert.deepEqual(heard, vehicleIds);
  const short: News = { kind: 'shifts', ids: [1, 2] };
  assert.deepEqual(newsParts(short), [JSON.stringify(short)]);
});

test('what is no message of ours is not taken for one', () => {
  for (const payload of ['', 'hello', 'rAAAAAAAA.x.AA==', 'nAAAAAAAA.12.{', 'rAAAAAAAA.12.AAAA', 'xAAAAAAAA.1.e30=']) {
    assert.equal(parseMessage(payload), undefined, payload);
  }
});
