// Makes a ride: the one way in which phones, the assist form and the simulator turn a scan into a sealed record.
import { fromBase64Url } from './base64.ts';
import type { Bytes } from './bytes.ts';
import { bundleInfo, minuteOf } from './bundle.ts';
import type { UnsignedBundle } from './bundle.ts';
import { check } from './check.ts';
import type { RideCheck } from './check.ts';
import { encodeContact } from './contact.ts';
import type { Contact } from './contact.ts';
import { NOTE_EXPORT } from './note.ts';
import { encodeRecord, eraseCommitment, recordAad } from './record.ts';
import type { RecordHeader } from './record.ts';
import { unwrap } from './result.ts';
import type { Suite } from './suite.ts';
import type { WalletDay, WalletSlot } from './wallet.ts';

const ERASE_KEY_BYTES = 16;

interface RideFacts {
  /** The bundle of the day that boardedMs lies in. */
  readonly bundle: UnsignedBundle;
  readonly code: Bytes;
  readonly boardedMs: number;
  readonly queued: boolean;
  /** Heads that travel with the holder, 0..7. */
  readonly party: number;
  /** The slot is the pass's. */
  readonly contact: Omit<Contact, 'slot'>;
  /** For test vectors only. */
  readonly ephemeral?: { readonly sk: Bytes };
}

/** A slot of the rider's own wallet, or the pass an assisted rider was given. */
export type MakeRideOptions = RideFacts &
  ({ readonly walletDay: WalletDay; readonly slotIndex: number } | { readonly pass: WalletSlot });

export interface MadeRide {
  /** 225 bytes. Stored before the first POST; retries send these very bytes. */
  readonly record: Bytes;
  /** 16 bytes; whoever shows it erases the ride. Stays on the phone. */
  readonly eraseKey: Bytes;
  /** 16 bytes; seals the ride's stop notes. Stays on the phone. */
  readonly noteKey: Bytes;
  readonly check: RideCheck;
  readonly tag: Bytes;
  readonly adm: Bytes;
  readonly day: number;
  readonly minute: number;
}

/** Throws RangeError where the boarding time is outside the bundle's day or the wallet's day is another: caller's faults. */
export async function makeRide(suite: Suite, options: MakeRideOptions): Promise<MadeRide> {
  const { bundle, code, queued, party, contact } = options;
  const { slot, tag, adm } = passOf(options);
  const minute = minuteOf(bundle, options.boardedMs);
  if (!minute.ok) throw new RangeError('boarded outside the day of the bundle');
  const eraseKey = suite.randomBytes(ERASE_KEY_BYTES);
  const header: RecordHeader = {
    version: 1,
    suite: 1,
    code,
    iss: bundle.authority.iss,
    day: bundle.day,
    w: { queued, party, minute: minute.value },
    tag,
    eraseC: await eraseCommitment(suite, eraseKey),
  };
  const sealed = await suite.hpkeSeal({
    pk: unwrap(fromBase64Url(bundle.pkEnv)),
    info: bundleInfo(bundle),
    aad: recordAad(header),
    plaintext: encodeContact({ ...contact, slot }),
    exports: [NOTE_EXPORT],
    ...(options.ephemeral === undefined ? {} : { ephemeral: options.ephemeral }),
  });
  const noteKey = sealed.exported[0];
  if (noteKey === undefined) throw new Error('an export asked for is missing');
  const day = bundle.day;
  return {
    record: encodeRecord({ ...header, adm, enc: sealed.enc, ct: sealed.ct }),
    eraseKey,
    noteKey,
    check: await check(suite, { tag, code, day, minute: minute.value }),
    tag,
    adm,
    day,
    minute: minute.value,
  };
}

function passOf(options: MakeRideOptions): WalletSlot {
  if ('pass' in options) return options.pass;
  const { walletDay, slotIndex, bundle } = options;
  const pass = walletDay.slots[slotIndex];
  if (walletDay.day !== bundle.day || pass === undefined) throw new RangeError('no such slot on the day of the bundle');
  return pass;
}
