import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactView } from './contacts.ts';
import type { ContactDoc } from './model.ts';

const doc: ContactDoc = {
  kind: 'phone',
  value: '8613812345678',
  reach: '',
  name: '张三',
  verified: true,
  assisted: false,
  forged: false,
  holder: '',
  tier: 'close',
  probability: 0.9,
  minutes: 12,
  legs: [],
  outcome: null,
};
const viewOf = (more: Partial<ContactDoc>) =>
  contactView({ contactId: 'c', rank: 1, doc: { ...doc, ...more } }, undefined);

test('single reasons are read one after another as well', () => {
  const reasons = [
    { code: 'together' as const, text: { zh: '同乘', en: 'On board together' } },
    { code: 'severe' as const, text: { zh: '症状明显', en: 'Severe symptoms' } },
  ];
  const view = viewOf({ reasons });
  assert.deepEqual(view.reason, { zh: '同乘；症状明显', en: 'On board together; Severe symptoms' });
  assert.deepEqual(view.reasons, reasons);
});

test('a contact of before there were single reasons has its one', () => {
  const reason = { zh: '同乘十分钟', en: 'Ten minutes together' };
  const view = viewOf({ reason });
  assert.deepEqual(view.reason, reason);
  assert.deepEqual(view.reasons, [{ code: 'together', text: reason }]);
});
