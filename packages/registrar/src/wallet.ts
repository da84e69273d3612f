// Issuing wallets: on a proven phone, on a ticket, on the cookie alone. The phone exists in memory for one call.
import { randomInt } from 'node:crypto';
import { Refusal } from '@tongche/contract';
import type { Bundle, WalletReply } from '@tongche/contract';
import { fromBase64Url, unwrap } from '@tongche/protocol';
import type { Clock, Random } from '@tongche/runtime';
import type { Keyring } from './keys/keyring.ts';
import { WALLET_NUMBERS } from './limits.ts';
import type { DenialStore } from './store/denials.ts';
import { deviceHash, isDevice, openTicket, sealTicket, ticketHash } from './ticket.ts';
import type { Ticket } from './ticket.ts';
import { packWallet } from './wallet-pack.ts';

export interface Rider {
  readonly phone: bigint;
  readonly walletNo: number;
  /** SHA-256(r_dev), 32 bytes. */
  readonly device: Uint8Array;
  readonly consentVersion: number;
}

export interface WalletDesk {
  /** A first wallet for a phone just proven. Throws Refusal busy while today's keys are missing. */
  enrol(proven: { readonly phone: bigint; readonly consentVersion: number }, device: Uint8Array): WalletReply;
  /** A fresh wallet and ticket. Throws Refusal ticket-invalid, consent-outdated {consentVersion}, busy. */
  refill(asked: WalletAsked): Promise<WalletReply>;
  /** The ticket, and all its device was given before, become worthless. Whatever was sent, nothing is told. */
  withdraw(ticket: string, deviceKey: Uint8Array): Promise<void>;
}

export interface WalletAsked {
  readonly ticket: string | undefined;
  readonly cookie: string | undefined;
  readonly deviceKey: Uint8Array | undefined;
  readonly device: Uint8Array | undefined;
  /** The version the rider has just agreed to, where the ticket's is not the present one any more. */
  readonly consentVersion?: number | undefined;
}

interface WalletDeskOptions {
  readonly iss: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly denials: DenialStore;
  readonly bundles: () => Bundle[];
  readonly consentVersion: number;
}

export function walletDesk(options: WalletDeskOptions): WalletDesk {
  const { iss, clock, random, keyring, denials, bundles } = options;

  function issue(rider: Rider): WalletReply {
    const keys = keyring.walletDays();
    if (!keys.some(({ day }) => day === keyring.today())) throw new Refusal('busy', { retryAfterS: 60 });
    const { phone, walletNo } = rider;
    const { days } = packWallet(keys, { iss, phone, walletNo });
    const nowMs = clock.now();
    const ticket = sealTicket(keyring, { ...rider, issuedS: Math.floor(nowMs / 1_000) }, random);
    return {
      ticket,
      walletNo,
      days: [...days],
      bundles: bundles(),
      consentVersion: options.consentVersion,
      nowMs,
    };
  }

  async function isDenied(text: string, ticket: Ticket): Promise<boolean> {
    return denials.isDenied([ticketHash(text), deviceHash(ticket.device)], ticket.issuedS);
  }

  /** The device a fresh ticket is bound to, or undefined where the request does not prove enough. */
  function deviceFor(asked: WalletAsked, ticket: Ticket): Uint8Array | undefined {
    const { deviceKey, device } = asked;
    if (deviceKey !== undefined) return isDevice(ticket, deviceKey) ? ticket.device : undefined;
    // The cookie cannot be read by scripts or carried elsewhere by a copied page: it may bind a new device.
    return asked.ticket === undefined ? device : undefined;
  }

  async function refill(asked: WalletAsked): Promise<WalletReply> {
    const text = asked.ticket ?? asked.cookie;
    const ticket = text === undefined ? undefined : openTicket(keyring, text);
    if (text === undefined || ticket === undefined) throw new Refusal('ticket-invalid');
    const device = deviceFor(asked, ticket);
    if (device === undefined || (await isDenied(text, ticket))) throw new Refusal('ticket-invalid');
    const { phone, walletNo } = ticket;
    const { consentVersion } = options;
    // After the ticket's own check: only its holder learns what it says.
    if (ticket.consentVersion !== consentVersion && asked.consentVersion !== consentVersion) {
      throw new Refusal('consent-outdated', { consentVersion });
    }
    const reply = issue({ phone, walletNo, device, consentVersion });
    // A page that lost its storage needs its own number again to seal contacts.
    const lost = asked.ticket === undefined && asked.deviceKey === undefined;
    return lost ? { ...reply, phone: phone.toString() } : reply;
  }

  return {
    enrol: (proven, device) => issue({ ...proven, device, walletNo: randomInt(WALLET_NUMBERS) }),
    refill,
    async withdraw(text, deviceKey) {
      const ticket = openTicket(keyring, text);
      if (ticket === undefined || !isDevice(ticket, deviceKey)) return;
      const nowS = Math.floor(clock.now() / 1_000);
      await denials.deny([
        { hash: ticketHash(text), epoch: ticket.epoch, untilS: null },
        { hash: deviceHash(ticket.device), epoch: keyring.ticketEpoch(), untilS: nowS },
      ]);
    },
  };
}

/** Bytes of a field the schema has checked for its length. */
export function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64Url(text);
  if (!bytes.ok) throw new Refusal('bad-request');
  return unwrap(bytes);
}
