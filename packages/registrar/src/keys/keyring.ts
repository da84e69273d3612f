// The registrar's keys: in slot files at rest, as KeyObjects in memory. Retired by the clock: K_tag[d] at the roll of
// d+2, K_adm[d] at the roll of d+8, ticket keys after two epochs, challenge keys after a day.
import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { AdmissionKey } from '@tongche/contract';
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { Clock, Random, Slots } from '@tongche/runtime';
import {
  ADMISSION_KEY_DAYS,
  ROLL_AFTER_MIDNIGHT_MS,
  TAG_KEY_DAYS,
  TICKET_EPOCHS_LIVING,
  TICKET_EPOCH_DAYS,
  WALLET_DAYS_AHEAD,
  WALLET_DAYS_BACK,
} from '../limits.ts';

export interface DayKeys {
  readonly day: number;
  readonly kTag: KeyObject;
  readonly kAdm: KeyObject;
}

export interface Keyring {
  today(): number;
  /** Days yesterday..+7 whose two keys are here, in order. */
  walletDays(): DayKeys[];
  dayKeys(day: number): DayKeys | undefined;
  /** Stores a day. False when another key of that day is already here: day keys never change. */
  accept(key: { readonly day: number; readonly kTag: Uint8Array; readonly admission: AdmissionKey }): boolean;
  /** Whether the day's keys have passed their life, so that they are not taken in any more. */
  isPast(day: number): { readonly tag: boolean; readonly adm: boolean };
  /** Signed admission keys that live, for the platform. */
  admissions(): AdmissionKey[];
  ticketEpoch(): number;
  ticketKeyOf(epoch: number): Uint8Array | undefined;
  ticketKey(): { readonly epoch: number; readonly bytes: Uint8Array };
  challengeKey(): { readonly day: number; readonly bytes: Uint8Array };
  challengeKeyOf(day: number): Uint8Array | undefined;
  /** Destroys what is past its life; returns the names of the slots. */
  retire(): string[];
}

interface KeyringOptions {
  readonly slots: Slots;
  readonly clock: Pick<Clock, 'now'>;
  readonly zone: string;
  readonly random: Random;
}

interface AdmissionSlot {
  readonly key: KeyObject;
  readonly signed: AdmissionKey;
}

function parseAdmission(bytes: Uint8Array): AdmissionSlot {
  // Written by accept() below and authenticated by the slot.
  const signed = JSON.parse(Buffer.from(bytes).toString('utf8')) as AdmissionKey;
  return { signed, key: createSecretKey(Buffer.from(signed.kAdm, 'base64url')) };
}

export function openKeyring({ slots, clock, zone, random }: KeyringOptions): Keyring {
  const tags = new Map<number, KeyObject>();
  const admissions = new Map<number, AdmissionSlot>();
  const tickets = new Map<number, Uint8Array>();
  const challenges = new Map<number, Uint8Array>();

  for (const name of slots.names()) {
    const match = /^(tag|adm|ticket|challenge)-(\d+)$/.exec(name);
    const bytes = match === null ? undefined : slots.get(name);
    if (match === null || bytes === undefined) continue;
    const number = Number(match[2]);
    if (match[1] === 'tag') tags.set(number, createSecretKey(bytes));
    else if (match[1] === 'adm') admissions.set(number, parseAdmission(bytes));
    else if (match[1] === 'ticket') tickets.set(number, bytes);
    else challenges.set(number, bytes);
  }

  const today = (): number => dayOf(clock.now(), zone);
  const ticketEpoch = (): number => Math.floor(today() / TICKET_EPOCH_DAYS);

  /** The day whose roll (03:00) was the last. */
  function rolledDay(): number {
    const day = today();
    return clock.now() >= dayStartMs(day, zone) + ROLL_AFTER_MIDNIGHT_MS ? day : day - 1;
  }

  function isPast(day: number): { readonly tag: boolean; readonly adm: boolean } {
    const rolled = rolledDay();
    return { tag: day + TAG_KEY_DAYS <= rolled, adm: day + ADMISSION_KEY_DAYS <= rolled };
  }

  function dayKeys(day: number): DayKeys | undefined {
    const kTag = tags.get(day);
    const adm = admissions.get(day);
    return kTag === undefined || adm === undefined || isPast(day).tag ? undefined : { day, kTag, kAdm: adm.key };
  }

  function fresh(kind: 'ticket' | 'challenge', table: Map<number, Uint8Array>, number: number): Uint8Array {
    const found = table.get(number);
    if (found !== undefined) return found;
    const bytes = random(32);
    slots.put(`${kind}-${number}`, bytes);
    table.set(number, bytes);
    return bytes;
  }

  function accept(key: { readonly day: number; readonly kTag: Uint8Array; readonly admission: AdmissionKey }): boolean {
    const { day, admission } = key;
    const kTag = createSecretKey(key.kTag);
    const past = isPast(day);
    const known = tags.get(day);
    const knownAdmission = admissions.get(day)?.signed.kAdm;
    if (known !== undefined && !known.equals(kTag)) return false;
    if (knownAdmission !== undefined && knownAdmission !== admission.kAdm) return false;
    if (!past.adm && knownAdmission === undefined) {
      const bytes = Buffer.from(JSON.stringify(admission));
      slots.put(`adm-${day}`, bytes);
      admissions.set(day, parseAdmission(bytes));
    }
    if (!past.tag && known === undefined) {
      slots.put(`tag-${day}`, key.kTag);
      tags.set(day, kTag);
    }
    return true;
  }

  function retire(): string[] {
    const gone: string[] = [];
    function drop<Value>(kind: string, table: Map<number, Value>, isOver: (number: number) => boolean): void {
      for (const number of [...table.keys()].filter(isOver)) {
        table.delete(number);
        slots.destroy(`${kind}-${number}`);
        gone.push(`${kind}-${number}`);
      }
    }
    drop('tag', tags, (day) => isPast(day).tag);
    drop('adm', admissions, (day) => isPast(day).adm);
    drop('ticket', tickets, (epoch) => epoch <= ticketEpoch() - TICKET_EPOCHS_LIVING);
    // A challenge lives minutes: yesterday's key covers those that began before midnight.
    drop('challenge', challenges, (day) => day < today() - 1);
    // A fresh folder key, so that stale blocks of the disk stay noise.
    if (gone.length > 0) slots.rewrap();
    return gone;
  }

  return {
    today,
    isPast,
    dayKeys,
    accept,
    retire,
    ticketEpoch,
    walletDays() {
      const first = today() - WALLET_DAYS_BACK;
      const days = Array.from({ length: WALLET_DAYS_BACK + 1 + WALLET_DAYS_AHEAD }, (_, index) => first + index);
      return days.flatMap((day) => dayKeys(day) ?? []);
    },
    admissions: () => [...admissions.values()].map(({ signed }) => signed).filter(({ day }) => !isPast(day).adm),
    ticketKeyOf: (epoch) => (epoch > ticketEpoch() - TICKET_EPOCHS_LIVING ? tickets.get(epoch) : undefined),
    ticketKey: () => ({ epoch: ticketEpoch(), bytes: fresh('ticket', tickets, ticketEpoch()) }),
    challengeKey: () => ({ day: today(), bytes: fresh('challenge', challenges, today()) }),
    challengeKeyOf: (day) => (day >= today() - 1 ? challenges.get(day) : undefined),
  };
}
