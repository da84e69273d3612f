import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from './password.ts';

test('a password opens its own hash and no other', async () => {
  const stored = await hashPassword('海京-2026');
  assert.equal(await verifyPassword('海京-2026', stored), true);
  assert.equal(await verifyPassword('海京-2027', stored), false);
  assert.notEqual(await hashPassword('海京-2026'), stored);
});

test('an unknown account and a damaged hash are refused', async () => {
  assert.equal(await verifyPassword('', undefined), false);
  assert.equal(await verifyPassword('x', 'scrypt$$'), false);
  assert.equal(await verifyPassword('x', 'plain$x$x'), false);
});
