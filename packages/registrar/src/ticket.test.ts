// Tickets and challenges: whatever was touched on its way does not open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import { seededRandom } from '@tongche/runtime';
import { makeChallenge, openChallenge } from './otp/challenge.ts';
import { isDevice, openTicket, sealTicket } from './ticket.ts';
import { createHash } from 'node:crypto';

const random = seededRandom('ticket');
const key = random(32);
const keyring = {
  ticketKey: () => ({ epoch: 690, bytes: key }),
  ticketKeyOf: (epoch: number) => (epoch === 690 ? key : undefined),
};
const deviceKey = random(16);
const device = new Uint8Array(createHash('sha256').update(deviceKey).digest());
const ticket = { phone: 8613812345678n, walletNo: 5, device, issuedS: 1_795_000_000, consentVersion: 3 };

function flips(text: string): string[] {
  const bytes = unwrap(fromBase64Url(text));
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return toBase64Url(changed);
  });
}

test('a ticket opens to what was sealed, for its device only', () => {
  const text = sealTicket(keyring, ticket, random);
  const opened = openTicket(keyring, text);
  assert.deepEqual(opened, { ...ticket, epoch: 690 });
  assert.ok(isDevice(ticket, deviceKey));
  assert.ok(!isDevice(ticket, random(16)));
});

test('no single changed bit of a ticket opens', () => {
  for (const changed of flips(sealTicket(keyring, ticket, random)))
    assert.equal(openTicket(keyring, changed), undefined);
});

test('a challenge opens to its phone and knows its code; no changed bit opens; a ticket is no challenge', () => {
  const challengeKey = { day: 20_777, bytes: key };
  const fields = { phone: 8613812345678n, code: '004711', expiresMs: 1_795_000_000_000, consentVersion: 1 };
  const text = makeChallenge(challengeKey, fields, random);
  const keyOf = (): Uint8Array => key;
  const opened = openChallenge(keyOf, text);
  assert.equal(opened?.phone, fields.phone);
  assert.equal(opened?.expiresMs, fields.expiresMs);
  assert.ok(opened?.isCode('004711'));
  assert.ok(!opened?.isCode('4711'));
  assert.ok(!opened?.isCode('004712'));
  for (const changed of flips(text)) assert.equal(openChallenge(keyOf, changed), undefined);
  assert.equal(openChallenge(keyOf, sealTicket(keyring, ticket, random)), undefined);
  assert.equal(openTicket({ ticketKeyOf: keyOf }, text), undefined);
});
