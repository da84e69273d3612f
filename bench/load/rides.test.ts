import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRecord, equalBytes, fromBase64Url, unwrap } from '@tongche/protocol';
import { admTagSync, hmacKey } from '@tongche/protocol/node';
import { BODY_CHARS, rideSource } from './rides.ts';

const kAdm = new Uint8Array(32).fill(9);
const codes = ['AAAAAAAAAAA', 'AQIDBAUGBwg'];
const setup = {
  kind: 'setup',
  host: '127.0.0.1',
  port: 1,
  iss: 7,
  day: 20_777,
  dayStartMs: 1_000_000,
  kAdm: Buffer.from(kAdm).toString('base64url'),
  codes,
  rides: 1,
} as const;

test('rides are admitted, differ, and carry the minute they are sent in', () => {
  const rides = rideSource(setup);
  const key = hmacKey(kAdm);
  const tags = new Set<string>();
  const into = Buffer.alloc(BODY_CHARS + 10);
  for (const minute of [0, 1, 63, 64, 255, 256, 719, 1_439]) {
    const ride = rides.next();
    // Twice: a minute written over another one leaves nothing of it.
    rides.write(ride, into, 10, setup.dayStartMs + 1_023 * 60_000);
    rides.write(ride, into, 10, setup.dayStartMs + minute * 60_000 + 59_999);
    const record = unwrap(decodeRecord(unwrap(fromBase64Url(into.toString('latin1', 10)))));
    assert.deepEqual([record.iss, record.day, record.w], [7, 20_777, { queued: false, party: 0, minute }]);
    assert.ok(equalBytes(admTagSync(key, record), record.adm));
    assert.ok(equalBytes(record.tag, new Uint8Array(rides.tagOf(ride))));
    assert.ok(codes.includes(Buffer.from(record.code).toString('base64url')));
    tags.add(Buffer.from(record.tag).toString('hex'));
  }
  assert.equal(tags.size, 8);
  assert.equal(rides.made, 8);
});
