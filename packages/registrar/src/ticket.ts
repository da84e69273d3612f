// The ticket: what a phone shows instead of its number from the second visit on. AES-GCM under the epoch's key of
// phone8 ‖ wallet_no1 ‖ H(r_dev)32 ‖ issued6 (seconds) ‖ consent version 2; the registrar keeps no copy.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '@tongche/runtime';
import type { Keyring } from './keys/keyring.ts';
import { openText, sealText } from './seal.ts';

const PURPOSE = 'ticket-1';
const PLAIN_BYTES = 8 + 1 + 32 + 6 + 2;

export interface Ticket {
  readonly phone: bigint;
  readonly walletNo: number;
  /** SHA-256 of the device key r_dev. */
  readonly device: Uint8Array;
  readonly issuedS: number;
  readonly consentVersion: number;
}

export function sealTicket(keyring: Pick<Keyring, 'ticketKey'>, ticket: Ticket, random: Random): string {
  const plain = Buffer.alloc(PLAIN_BYTES);
  plain.writeBigUInt64BE(ticket.phone, 0);
  plain.writeUInt8(ticket.walletNo, 8);
  plain.set(ticket.device, 9);
  plain.writeUIntBE(ticket.issuedS, 41, 6);
  plain.writeUInt16BE(ticket.consentVersion, 47);
  const { epoch, bytes } = keyring.ticketKey();
  return sealText(bytes, PURPOSE, epoch, plain, random);
}

/** Undefined for what is not ours, or of an epoch whose key is destroyed. */
export function openTicket(
  keyring: Pick<Keyring, 'ticketKeyOf'>,
  text: string,
): (Ticket & { readonly epoch: number }) | undefined {
  const opened = openText((epoch) => keyring.ticketKeyOf(epoch), PURPOSE, text);
  if (opened === undefined || opened.plain.length !== PLAIN_BYTES) return undefined;
  const { plain, label } = opened;
  return {
    phone: plain.readBigUInt64BE(0),
    walletNo: plain.readUInt8(8),
    device: new Uint8Array(plain.subarray(9, 41)),
    issuedS: plain.readUIntBE(41, 6),
    consentVersion: plain.readUInt16BE(47),
    epoch: label,
  };
}

/** Whether this device key is the one the ticket was given to. Constant time. */
export function isDevice(ticket: Ticket, deviceKey: Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(deviceKey).digest(), ticket.device);
}

/** Deny-list entry of one ticket. */
export function ticketHash(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, 16);
}

/** Deny-list entry of every ticket a device was given so far: earlier tickets end with the present one. */
export function deviceHash(device: Uint8Array): Buffer {
  return createHash('sha256').update('deny-device1').update(device).digest().subarray(0, 16);
}
