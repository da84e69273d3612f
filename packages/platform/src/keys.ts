// Key material of the operator: admission keys of the days, the relay key, the key of assist tokens. All in slots.
import type { KeyObject } from 'node:crypto';
import type { FullSuite, KeyPair } from '@tongche/protocol';
import { concat, equalBytes, toBytes } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { hmacKey } from '@tongche/protocol/node';
import type { Slots } from '@tongche/runtime';

/** Admission keys are destroyed at the roll of d + 8: rides are taken up to seven days late. */
export const ADMISSION_DAYS = 8;
const admissionSlot = /^adm-(\d{1,5})$/;
const secretBytes = 32;

export interface Keys {
  readonly relay: KeyPair;
  readonly assist: KeyPair;
  /** The admission key of a day, while it lives. */
  readonly admission: (day: number) => KeyObject | undefined;
  /** Stores a day's key. False when the day has another key already: keys of a day never change. */
  putAdmission(day: number, key: Bytes): boolean;
  /** Destroys the admission keys of this day and earlier ones; the slots' names. */
  destroyThrough(day: number): readonly string[];
}

/** A key pair that is made at the first start and stays. */
async function pairOf(slots: Slots, name: string, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const kept = slots.get(name);
  if (kept !== undefined)
    return { sk: toBytes(kept.subarray(0, secretBytes)), pk: toBytes(kept.subarray(secretBytes)) };
  const pair = await make();
  slots.put(name, concat(pair.sk, pair.pk));
  return pair;
}

function dayOfSlot(name: string): number | undefined {
  const match = admissionSlot.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export async function openKeys(slots: Slots, suite: FullSuite): Promise<Keys> {
  const relay = await pairOf(slots, 'relay', () => suite.generateKeyPair());
  const assist = await pairOf(slots, 'assist', () => suite.generateEd25519KeyPair());
  const live = new Map<number, { readonly bytes: Bytes; readonly key: KeyObject }>();

  function remember(day: number, bytes: Bytes): void {
    live.set(day, { bytes, key: hmacKey(bytes) });
  }
  for (const name of slots.names()) {
    const day = dayOfSlot(name);
    const bytes = slots.get(name);
    if (day !== undefined && bytes !== undefined) remember(day, toBytes(bytes));
  }

  return {
    relay,
    assist,
    admission: (day) => live.get(day)?.key,
    putAdmission(day, key) {
      const known = live.get(day);
      if (known !== undefined) return equalBytes(known.bytes, key);
      slots.put(`adm-${day}`, key);
      remember(day, key);
      return true;
    },
    destroyThrough(last) {
      const destroyed: string[] = [];
      for (const name of slots.names()) {
        const day = dayOfSlot(name);
        if (day === undefined || day > last) continue;
        live.delete(day);
        if (slots.destroy(name)) destroyed.push(name);
      }
      // A fresh folder key: stale blocks of the disk that once held a destroyed slot stay noise.
      if (destroyed.length > 0) slots.rewrap();
      return destroyed;
    },
  };
}
