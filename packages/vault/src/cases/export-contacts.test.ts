// What a contact of a case becomes in a file: nothing that nobody knows, and the latest word about each.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContactMessage } from '../messages/states.ts';
import type { OpenContact } from './access.ts';
import { exportContact, isExportable, ridersOf } from './export-contacts.ts';
import type { ContactDoc, LegDoc } from './model.ts';

const leg: LegDoc = {
  kind: 'coach',
  presenceId: 'p1',
  unit: 'u1',
  runKey: 'r1',
  boardedMs: 1_000,
  fromSeq: 0,
  toSeq: 3,
  fromMs: 1_000,
  toMs: 5_000,
  minutes: 12.3,
  probability: 0.8,
  basis: 'prior',
  party: 0,
  unitLabel: { zh: '一号车', en: 'No. 1' },
  plate: null,
  line: null,
  fromStop: null,
  toStop: null,
};
const doc: ContactDoc = {
  kind: 'phone',
  value: '8619900000001',
  reach: '',
  name: '',
  verified: true,
  assisted: false,
  forged: false,
  holder: '',
  tier: 'close',
  probability: 0.8,
  minutes: 12.3,
  legs: [leg],
  reason: { zh: '', en: '' },
  outcome: null,
};
const of = (changes: Partial<ContactDoc>, contactId = '-abc'): OpenContact => ({
  contactId,
  rank: 1,
  doc: { ...doc, ...changes },
});
const message = (state: ContactMessage['state'], receipt: string | null = null): ContactMessage => ({
  messageId: 'm',
  state,
  reason: null,
  receipt,
  attempts: [],
});
const plain = (changes: Partial<ContactDoc>, told?: ContactMessage) => exportContact(of(changes), told, new Map());
const outcome = (what: string) => ({ outcome: what, detail: 'at home', by: 'lin', atMs: 0 });

describe('a contact on its way out', () => {
  it('has a number that no table takes for a formula, a phone, and no document but a real one', () => {
    const one = plain({});
    assert.equal(one.id, 'R--abc');
    assert.deepEqual([one.person.phone, one.person.document], ['8619900000001', null]);
    const held = plain({ kind: 'passport', value: String(1n * 36n ** 5n + 12345n), reach: '85290000000' });
    assert.deepEqual([held.person.phone, held.person.document?.kind], ['85290000000', 'passport']);
  });

  it('has the weight and the end of observation that its trace gave, and none that an older one did not', () => {
    const { eem, band, followUpUntilDay } = plain({ eem: 9.1, band: 'B', followUpUntilDay: 20_600 });
    assert.deepEqual([eem, band, followUpUntilDay], [9.1, 'B', 20_600]);
    assert.deepEqual([plain({}).eem, plain({}).band, plain({}).followUpUntilDay], [null, null, null]);
  });

  it('spans its rides, whatever their order', () => {
    const { firstMs, lastMs, exposures } = plain({ legs: [{ ...leg, fromMs: 7_000, toMs: 9_000 }, leg] });
    assert.deepEqual([firstMs, lastMs, exposures[0]?.means], [1_000, 9_000, 'coach']);
  });

  it('stands as the latest word says: found no more, heard by staff, read, delivered, sent', () => {
    assert.equal(plain({ droppedMs: 1, outcome: outcome('reached') }).status, 'withdrawn');
    assert.equal(plain({ outcome: outcome('handed-over') }, message('failed')).status, 'handed-over');
    assert.equal(plain({ outcome: outcome('handed-over') }).remark, 'at home');
    assert.equal(plain({}, message('accepted', 'acknowledged')).status, 'acknowledged');
    assert.equal(plain({}, message('delivered')).status, 'delivered');
    assert.equal(plain({}, message('uncertain')).status, 'messaged');
    assert.equal(plain({}).status, 'listed');
  });

  it('of the second hop names the contact through whom, by the ride they shared', () => {
    const first = of({}, 'first');
    const second = of({ tier: 'secondary', hop: 2, legs: [{ ...leg, presenceId: 'p2', throughId: 'p1' }] }, 'second');
    const riders = ridersOf([first, second]);
    assert.equal(exportContact(second, undefined, riders).throughId, 'R-first');
    assert.equal(exportContact(first, undefined, riders).throughId, null);
    assert.equal(exportContact(second, undefined, ridersOf([second])).throughId, null);
  });

  it('goes out neither set aside nor made up by somebody, unless staff have called', () => {
    assert.equal(isExportable(doc), true);
    assert.equal(isExportable({ ...doc, aside: true }), false);
    assert.equal(isExportable({ ...doc, forged: true }), false);
    assert.equal(isExportable({ ...doc, forged: true, outcome: outcome('reached') }), true);
    assert.equal(isExportable({ ...doc, legs: [] }), false);
  });
});
