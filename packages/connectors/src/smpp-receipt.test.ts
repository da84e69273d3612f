// Receipts as message centres write them.
import assert from 'node:assert/strict';
import test from 'node:test';

import type { Pdu } from 'smpp';

import { readReceipt, receiptText } from './smpp-receipt.ts';

function pdu(fields: Partial<Pdu>): Pdu {
  return {
    command: 'deliver_sm',
    command_status: 0,
    sequence_number: 1,
    isResponse: () => false,
    response: () => pdu({}),
    ...fields,
  };
}

test('the customary text is read', () => {
  const message = receiptText('00ab', 'DELIVRD', Date.UTC(2026, 4, 3, 4, 5));
  assert.match(message, /done date:2605030405 /);
  const receipt = readReceipt(pdu({ esm_class: 4, short_message: { message } }));
  assert.deepEqual(receipt, { gatewayId: '00ab', state: 'delivered', reason: 'DELIVRD' });
});

test('a failure says why, an expiry is a failure, an unknown stays unknown', () => {
  const read = (stat: string) =>
    readReceipt(pdu({ esm_class: 4, short_message: { message: `id:7 stat:${stat} err:042 text:` } }));
  assert.deepEqual(read('UNDELIV'), { gatewayId: '7', state: 'failed', reason: 'UNDELIV 042' });
  assert.equal(read('EXPIRED')?.state, 'failed');
  assert.equal(read('UNKNOWN')?.state, 'unknown');
});

test('optional fields win over the text', () => {
  const fields = {
    esm_class: 4,
    receipted_message_id: '9',
    message_state: 2,
    short_message: { message: 'id:8 stat:UNDELIV' },
  };
  assert.deepEqual(readReceipt(pdu(fields)), { gatewayId: '9', state: 'delivered', reason: 'DELIVRD' });
});

test('an answer of a person and an intermediate word are no receipts', () => {
  assert.equal(readReceipt(pdu({ esm_class: 0, short_message: { message: 'id:1 stat:DELIVRD' } })), undefined);
  assert.equal(readReceipt(pdu({ esm_class: 4, short_message: { message: 'id:1 stat:ENROUTE' } })), undefined);
  assert.equal(readReceipt(pdu({ esm_class: 4, short_message: { message: '' } })), undefined);
});
