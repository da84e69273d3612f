// Picking an unused tag of the day for a ride. The wallet was checked when it was stored.
import { fromBase64Url, unwrap } from '@tongche/protocol/formats';
import type { DayBundle, WalletSlot } from '@tongche/protocol/formats';
import type { Phone } from '../app.ts';
import type { Me } from './model.ts';

export interface Pass {
  readonly bundle: DayBundle;
  readonly pass: WalletSlot;
  readonly slotIndex: number;
  readonly me: Me;
}

export const SLOTS = 32;
/** tag16 ‖ adm16. */
const ENTRY_BYTES = 32;

/** An unused index, at random. Four random bytes over at most 32 places: the bias is below 2^-27. */
function pick(used: readonly number[], random: Uint8Array): number | undefined {
  const free = Array.from({ length: SLOTS }, (_, i) => i).filter((i) => !used.includes(i));
  return free[random.reduce((sum, byte) => (sum * 256 + byte) % 2 ** 32, 0) % Math.max(free.length, 1)];
}

/**
 * The bundle of the day and an unused entry, marked used in the same transaction. A ride sealed before keeps its index, so
 * that it stays the same row.
 */
export async function takeSlot(
  phone: Phone,
  atMs: number,
  keep?: { readonly day: number; readonly slotIndex: number },
): Promise<Pass | undefined> {
  const random = (await phone.suite()).randomBytes(4);
  return phone.store.transact(async (tx) => {
    const me = await tx.get<Me>('me');
    const bundle = me?.bundles.find((b) => atMs >= b.notBeforeMs && atMs < b.notAfterMs);
    const packed = me?.wallet.days.find((d) => d.day === bundle?.day);
    if (me === undefined || bundle === undefined || packed === undefined) return undefined;
    const { day } = bundle;
    const used = me.used[day] ?? [];
    const slotIndex = keep?.day === day ? keep.slotIndex : pick(used, random);
    if (slotIndex === undefined) return undefined;
    if (!used.includes(slotIndex)) tx.put('me', { ...me, used: { ...me.used, [day]: [...used, slotIndex] } });
    const at = slotIndex * ENTRY_BYTES;
    const entry = unwrap(fromBase64Url(packed.slots)).slice(at, at + ENTRY_BYTES);
    const slot = me.wallet.walletNo * SLOTS + slotIndex;
    return { bundle, me, slotIndex, pass: { slot, tag: entry.slice(0, 16), adm: entry.slice(16) } };
  });
}
