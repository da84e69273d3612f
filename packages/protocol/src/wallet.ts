// Wallets: for each of the coming days 32 tags with their admissions, so that a phone can register rides offline and no two
// rides share a tag.
import { fromBase64Url, toBase64Url } from './base64.ts';
import { concat } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { isInteger, isRecord, isText } from './shape.ts';
import type { RandomBytes, Suite } from './suite.ts';
import { admission, rideTag, SLOTS_PER_WALLET, slotOf, TAG_BYTES, WALLETS } from './tag.ts';

const ENTRY_BYTES = 2 * TAG_BYTES;
const DAY_BYTES = SLOTS_PER_WALLET * ENTRY_BYTES;
/** A wallet holds 9 days; a few more are read, so that a longer one needs no new client. */
const MAX_DAYS = 16;

export interface WalletSlot {
  /** wallet_no · 32 + i; 0..63 for an assisted rider. */
  readonly slot: number;
  readonly tag: Bytes;
  readonly adm: Bytes;
}

export interface WalletDay {
  readonly day: number;
  /** 32, in the order of i. */
  readonly slots: readonly WalletSlot[];
}

export interface Wallet {
  readonly walletNo: number;
  readonly days: readonly WalletDay[];
}

/** As it travels and is stored: per day base64url of 32 times tag16 ‖ adm16. */
export interface PackedWallet {
  readonly walletNo: number;
  readonly days: readonly { readonly day: number; readonly slots: string }[];
}

export interface WalletRider {
  readonly iss: number;
  /** E.164 digits. */
  readonly phone: bigint;
  readonly walletNo: number;
}

export function encodeWallet(wallet: Wallet): PackedWallet {
  const days = wallet.days.map(({ day, slots }) => ({
    day,
    slots: toBase64Url(concat(...slots.flatMap(({ tag, adm }) => [tag, adm]))),
  }));
  return { walletNo: wallet.walletNo, days };
}

export function decodeWallet(value: unknown): Result<Wallet, 'bad-wallet'> {
  if (!isRecord(value) || !isInteger(value['walletNo'], 0, WALLETS - 1)) return err('bad-wallet');
  const packedDays = value['days'];
  if (!Array.isArray(packedDays) || packedDays.length > MAX_DAYS) return err('bad-wallet', 'days');
  const walletNo = value['walletNo'];
  const days: WalletDay[] = [];
  for (const packed of packedDays as readonly unknown[]) {
    const day = decodeDay(walletNo, packed);
    if (day === undefined) return err('bad-wallet', 'day');
    days.push(day);
  }
  return ok({ walletNo, days });
}

function decodeDay(walletNo: number, packed: unknown): WalletDay | undefined {
  if (!isRecord(packed) || !isInteger(packed['day'], 0, 0xffff)) return undefined;
  const bytes = isText(packed['slots'], DAY_BYTES * 2) ? fromBase64Url(packed['slots']) : undefined;
  if (bytes?.ok !== true || bytes.value.length !== DAY_BYTES) return undefined;
  const slots: WalletSlot[] = [];
  for (let i = 0; i < SLOTS_PER_WALLET; i += 1) {
    const entry = bytes.value.slice(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES);
    slots.push({ slot: slotOf(walletNo, i), tag: entry.slice(0, TAG_BYTES), adm: entry.slice(TAG_BYTES) });
  }
  return { day: packed['day'], slots };
}

/** The frame that both issuers fill: every slot of every day, made by `make`. */
export function buildWallet<K extends { readonly day: number }>(
  keys: readonly K[],
  rider: WalletRider,
  make: (key: K, slot: number) => WalletSlot,
): Wallet {
  const days = keys.map((key) => ({
    day: key.day,
    slots: Array.from({ length: SLOTS_PER_WALLET }, (_, i) => make(key, slotOf(rider.walletNo, i))),
  }));
  return { walletNo: rider.walletNo, days };
}

/** Issues a wallet for a proven phone. Servers use issueWalletSync of ./node, which is several times faster. */
export async function issueWallet(
  suite: Suite,
  keys: readonly { readonly day: number; readonly kTag: Bytes; readonly kAdm: Bytes }[],
  rider: WalletRider,
): Promise<Wallet> {
  const days: WalletDay[] = [];
  for (const { day, kTag, kAdm } of keys) {
    const slots: WalletSlot[] = [];
    for (let i = 0; i < SLOTS_PER_WALLET; i += 1) {
      const slot = slotOf(rider.walletNo, i);
      const tag = await rideTag(suite, kTag, { iss: rider.iss, phone: rider.phone, slot });
      slots.push({ slot, tag, adm: await admission(suite, kAdm, { day, iss: rider.iss, tag }) });
    }
    days.push({ day, slots });
  }
  return { walletNo: rider.walletNo, days };
}

export interface PickedSlot {
  readonly walletDay: WalletDay;
  /** i, 0..31: what the phone remembers as used. */
  readonly slotIndex: number;
}

/** An unused slot of a day, uniformly at random. `usedSlots` are indices i of that day. */
export function pickSlot(
  wallet: Wallet,
  day: number,
  usedSlots: ReadonlySet<number>,
  random: RandomBytes,
): Result<PickedSlot, 'no-such-day' | 'slots-exhausted'> {
  const walletDay = wallet.days.find((candidate) => candidate.day === day);
  if (walletDay === undefined) return err('no-such-day');
  const free = walletDay.slots.map((_, i) => i).filter((i) => !usedSlots.has(i));
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  // 32 random bits over at most 32 slots: the bias is below 2^-27.
  const slotIndex = free[(((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % Math.max(free.length, 1)];
  return slotIndex === undefined ? err('slots-exhausted') : ok({ walletDay, slotIndex });
}
