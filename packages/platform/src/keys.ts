// Key material of the operator: admission keys of the days, the relay key, the key of assist tokens. All in slots.
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { FullSuite, KeyPair } from '@tongche/protocol';
import { concat, equalBytes, toBytes } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { hmacKey } from '@tongche/protocol/node';
import { SlotError } from '@tongche/runtime';
import type { Clock, Slots } from '@tongche/runtime';

/** Admission keys are destroyed at the roll of d + 8: rides are taken up to seven days late. */
export const ADMISSION_DAYS = 8;
const admissionSlot = /^adm-(\d{1,5})$/;
const secretBytes = 32;

export interface Keys {
  readonly relay: KeyPair;
  readonly assist: KeyPair;
  /** The admission key of a day, while it lives. */
  readonly admission: (day: number) => KeyObject | undefined;
  /** Stores keys of days, all or none. False when a day has another key already: keys of a day never change. */
  putAdmissions(keys: readonly { readonly day: number; readonly key: Bytes }[]): Promise<boolean>;
  /** Destroys the admission keys of this day and earlier ones; the slots' names. */
  destroyThrough(day: number): readonly string[];
  /** Gives the folder a fresh key when slots were destroyed since: stale blocks of the disk stay noise. */
  renewFolder(): Promise<void>;
}

/** A number of 31 bits that differs where the keys do which all processes of a platform must have alike. */
export function fingerprintOf({ relay, assist }: Pick<Keys, 'relay' | 'assist'>): number {
  const digest = createHash('sha256').update(relay.pk).update(assist.pk).digest();
  return digest.readUInt32BE(0) >>> 1;
}

export interface KeysOptions {
  /** Opens the folder, which other processes of this machine share. */
  readonly open: () => Slots;
  readonly suite: FullSuite;
  readonly clock: Pick<Clock, 'now'>;
  /** Days whose keys may be there. */
  readonly isLiving: (day: number) => boolean;
  /** Keeps other processes from writing to the folder meanwhile. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A day's key that another process stored is looked for this often at most: a ride of that day waits, a flood does not. */
const lookEveryMs = 1_000;

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

export async function openKeys({ open, suite, clock, isLiving, alone }: KeysOptions): Promise<Keys> {
  const { slots, relay, assist } = await alone(async () => {
    const opened = open();
    return {
      slots: opened,
      relay: await pairOf(opened, 'relay', () => suite.generateKeyPair()),
      assist: await pairOf(opened, 'assist', () => suite.generateEd25519KeyPair()),
    };
  });
  const live = new Map<number, { readonly bytes: Bytes; readonly key: KeyObject }>();
  let lookedMs = -Infinity;
  let isStale = false;

  function remember(day: number, bytes: Bytes): void {
    live.set(day, { bytes, key: hmacKey(bytes) });
  }
  function readAll(): void {
    for (const name of slots.names()) {
      const day = dayOfSlot(name);
      if (day === undefined || live.has(day)) continue;
      const bytes = slots.get(name);
      if (bytes !== undefined) remember(day, toBytes(bytes));
    }
  }
  readAll();

  /** What another process of this machine stored meanwhile. */
  function look(): void {
    const nowMs = clock.now();
    if (nowMs - lookedMs < lookEveryMs && nowMs >= lookedMs) return;
    lookedMs = nowMs;
    if (refresh()) readAll();
  }

  /** The folder may be given a new key by another process in this very moment; a later look finds it in order. */
  function refresh(): boolean {
    try {
      slots.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof SlotError)) throw error;
      return false;
    }
  }

  return {
    relay,
    assist,
    admission(day) {
      const known = live.get(day);
      if (known !== undefined || !isLiving(day)) return known?.key;
      look();
      return live.get(day)?.key;
    },
    putAdmissions: async (keys) =>
      alone(async () => {
        slots.refresh();
        readAll();
        if (keys.some(({ day, key }) => !equalBytes(live.get(day)?.bytes ?? key, key))) return false;
        for (const { day, key } of keys) {
          if (live.has(day)) continue;
          slots.put(`adm-${day}`, key);
          remember(day, key);
        }
        return true;
      }),
    destroyThrough(last) {
      for (const day of live.keys()) if (day <= last) live.delete(day);
      // Without waiting for anybody: what is to be destroyed is, also while the database is away.
      refresh();
      const destroyed = slots.names().filter((name) => {
        const day = dayOfSlot(name);
        return day !== undefined && day <= last && slots.destroy(name);
      });
      isStale ||= destroyed.length > 0;
      return destroyed;
    },
    async renewFolder() {
      if (!isStale) return;
      await alone(async () => {
        slots.refresh();
        slots.rewrap();
      });
      isStale = false;
    },
  };
}
