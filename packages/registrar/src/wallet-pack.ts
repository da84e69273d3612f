// A wallet straight into its packed form: what protocol's issueWalletSync and encodeWallet give, in a small part of the time. A
// wallet is 576 HMACs and the registrar's only heavy work, so inputs are made once and bytes are written in place.
import { admissionInput, rideTagInput, slotOf, SLOTS_PER_WALLET, TAG_BYTES } from '@tongche/protocol';
import type { PackedWallet, WalletRider } from '@tongche/protocol';
import { readyHmac } from '@tongche/protocol/node';
import type { DayKeys } from './keys/keyring.ts';

const ENTRY_BYTES = 2 * TAG_BYTES;
const noTag = new Uint8Array(TAG_BYTES);

/** All slots of one day, tag16 ‖ adm16 each. The day's keys stand in the clear for this one call. */
function packDay({ day, kTag, kAdm }: DayKeys, iss: number, inputs: readonly Uint8Array[]): Buffer {
  const packed = Buffer.alloc(SLOTS_PER_WALLET * ENTRY_BYTES);
  const admission = admissionInput({ day, iss, tag: noTag });
  const tagPlace = admission.subarray(admission.length - TAG_BYTES);
  const [tagKey, admKey] = [kTag.export(), kAdm.export()];
  const tagHmac = readyHmac(tagKey, inputs[0]?.length ?? 0);
  const admHmac = readyHmac(admKey, admission.length);
  for (const [i, input] of inputs.entries()) {
    const at = i * ENTRY_BYTES;
    tagHmac.write(input, tagPlace);
    packed.set(tagPlace, at);
    admHmac.write(admission, packed.subarray(at + TAG_BYTES, at + ENTRY_BYTES));
  }
  tagHmac.wipe();
  admHmac.wipe();
  tagKey.fill(0);
  admKey.fill(0);
  return packed;
}

export function packWallet(keys: readonly DayKeys[], { iss, phone, walletNo }: WalletRider): PackedWallet {
  // A slot's tag input is the same on every day; only the key changes.
  const inputs = Array.from({ length: SLOTS_PER_WALLET }, (_, i) =>
    rideTagInput({ iss, phone, slot: slotOf(walletNo, i) }),
  );
  return {
    walletNo,
    days: keys.map((key) => ({ day: key.day, slots: packDay(key, iss, inputs).toString('base64url') })),
  };
}
