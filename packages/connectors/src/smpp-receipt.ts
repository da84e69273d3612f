// Delivery receipts: the customary text of SMPP 3.4 appendix B, and the two optional fields that
// newer message centres add. Read on the gateway's side, written on the sink's.
import type { Pdu } from 'smpp';

import type { Receipt, ReceiptState } from './gateway.ts';

/** SMPP 3.4, 5.2.28 message_state. */
const STATE_NAMES: Readonly<Record<number, string>> = {
  1: 'ENROUTE',
  2: 'DELIVRD',
  3: 'EXPIRED',
  4: 'DELETED',
  5: 'UNDELIV',
  6: 'ACCEPTD',
  7: 'UNKNOWN',
  8: 'REJECTD',
};
/** esm_class bits 5-2: 0001 is a delivery receipt (5.2.12). */
const ESM_TYPE_MASK = 0x3c;
export const ESM_RECEIPT = 0x04;
const MAX_REASON_CHARS = 40;

/** Undefined for a `deliver_sm` that is no receipt, or only an intermediate word. */
export function readReceipt(pdu: Pdu): Receipt | undefined {
  if (((pdu.esm_class ?? 0) & ESM_TYPE_MASK) !== ESM_RECEIPT) return undefined;
  const text = String(pdu.short_message?.message ?? '');
  const gatewayId = pdu.receipted_message_id?.replace(/\0+$/, '') || /\bid:(\S+)/i.exec(text)?.[1];
  const status = STATE_NAMES[pdu.message_state ?? 0] ?? /\bstat:(\w+)/i.exec(text)?.[1]?.toUpperCase();
  if (gatewayId === undefined || status === undefined) return undefined;
  const state = finalState(status);
  if (state === undefined) return undefined;
  const error = /\berr:(\w+)/i.exec(text)?.[1];
  const reason = error === undefined || /^0*$/.test(error) ? status : `${status} ${error}`;
  return { gatewayId, state, reason: reason.slice(0, MAX_REASON_CHARS) };
}

function finalState(status: string): ReceiptState | undefined {
  switch (status) {
    case 'DELIVRD':
      return 'delivered';
    case 'ENROUTE':
    case 'ACCEPTD':
      return undefined;
    case 'UNKNOWN':
      return 'unknown';
    default:
      return 'failed';
  }
}

/** Appendix B text. Times are YYMMDDhhmm. */
export function receiptText(gatewayId: string, stat: string, atMs: number): string {
  const time = new Date(atMs).toISOString().replaceAll(/[-T:]/g, '').slice(2, 12);
  const delivered = stat === 'DELIVRD' ? '001' : '000';
  const error = stat === 'DELIVRD' ? '000' : '001';
  return `id:${gatewayId} sub:001 dlvrd:${delivered} submit date:${time} done date:${time} stat:${stat} err:${error} text:`;
}
