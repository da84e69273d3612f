// By which ways a contact is written to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContactDoc } from '../cases/model.ts';
import { routesOf } from './messages.ts';

const doc: ContactDoc = {
  kind: 'phone',
  value: '8613800001111',
  reach: '',
  name: '',
  verified: true,
  assisted: false,
  forged: false,
  holder: '',
  tier: 'close',
  probability: 0.9,
  minutes: 12,
  legs: [],
  reason: { zh: '', en: '' },
  outcome: null,
};
const openid = 'oABCDEFGHIJKLMNOPQRSTUVWXYZ0';
const sms = { channel: 'sms', address: doc.value } as const;
const wechat = { channel: 'wechat', address: openid } as const;

test('in the order of the configuration, and only where there is an address', () => {
  assert.deepEqual(routesOf({ ...doc, openid }, ['wechat', 'sms']), [wechat, sms]);
  assert.deepEqual(routesOf({ ...doc, openid }, ['sms', 'wechat']), [sms, wechat]);
  assert.deepEqual(routesOf({ ...doc, openid }, ['sms']), [sms]);
  assert.deepEqual(routesOf(doc, ['wechat', 'sms']), [sms]);
  assert.deepEqual(routesOf(doc, ['wechat']), [sms], 'nobody is left without a message');
});

test('nobody is written to on the word of a record that may be made up, or without a phone', () => {
  assert.deepEqual(routesOf({ ...doc, openid, forged: true }, ['wechat', 'sms']), []);
  assert.deepEqual(routesOf({ ...doc, openid, kind: 'passport' }, ['wechat', 'sms']), []);
  const reachable = { ...doc, kind: 'passport', reach: '447700900123' } as const;
  assert.deepEqual(routesOf(reachable, ['sms']), [{ channel: 'sms', address: '447700900123' }]);
});
