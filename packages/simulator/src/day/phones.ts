// The phones of a day: they enrol, scan, take a wrong scan back, bring companions along, send what they kept without a network,
// and write their stop notes.
import type { RideReceipt } from '@tongche/contract';
import { dayOf, dayStartMs, decodeCode, unwrap } from '@tongche/protocol';
import type { Bytes, MadeRide } from '@tongche/protocol';
import { openPhone, PhoneRefused } from '../phone/phone.ts';
import type { Phone, PhoneWorld, Scan } from '../phone/phone.ts';
import { addressOf } from '../replay/numbers.ts';
import type { DayPlan, PlannedRide, PlannedShift, Registration, Rider, RiderId } from './model.ts';
import { noteBefore, noteOf } from './notes.ts';
import { MAX_RIDERS } from './people.ts';
import type { Tally } from './statistics.ts';

type Scanned = Registration & { readonly kind: 'scan' };
interface Kept {
  readonly ride: PlannedRide;
  readonly made: MadeRide;
  readonly receipt: RideReceipt;
}

export interface Phones {
  /** Enrols a rider before the day. */
  enrol(riderId: RiderId): Promise<void>;
  scan(ride: PlannedRide, how: Scanned): Promise<void>;
  /** At the end of a ride: the rider says so, or says nothing. */
  leave(ride: PlannedRide): Promise<void>;
  crewScan(shift: PlannedShift): Promise<void>;
}

export function openPhones(world: PhoneWorld, plan: DayPlan, tally: Tally): Phones {
  const { counts } = tally;
  const phones = new Map<RiderId, Phone>();
  /** Last ride of each rider that may still get a note. */
  const kept = new Map<RiderId, Kept>();

  function withPhone(riderId: RiderId): Rider & { readonly kind: 'phone' } {
    const rider = plan.riders[riderId];
    if (rider?.kind !== 'phone') throw new Error(`rider ${riderId} has no phone`);
    return rider;
  }
  function phoneOf(riderId: RiderId): Phone {
    const { digits, name } = withPhone(riderId);
    const phone = phones.get(riderId) ?? openPhone(world, { digits, name, address: addressOf(riderId) });
    phones.set(riderId, phone);
    return phone;
  }
  function codeOf(unitId: string): Bytes {
    return unwrap(decodeCode(plan.units.get(unitId)?.code8 ?? ''));
  }

  async function note({ ride, made, receipt }: Kept, how: Scanned): Promise<void> {
    const content = noteOf(how.leaving, ride, receipt, dayStartMs(dayOf(ride.scanMs, plan.zone), plan.zone));
    if (content === undefined) return;
    await phoneOf(ride.riderId).note(made, content);
    counts.notes += 1;
  }

  async function mistaken(phone: Phone, ride: PlannedRide, { wrong, party }: Scanned): Promise<void> {
    if (wrong === undefined) return;
    const scan = await phone.scan({ code: codeOf(wrong.unitId), boardedMs: ride.scanMs, party });
    counts.acknowledged += 1;
    counts.scanned += 1;
    counts.wrong += 1;
    await phone.nothing(ride.scanMs);
    counts.heads += 1 + party;
    if (!wrong.isUndone) return;
    await phone.undo(scan.ride);
    counts.undone += 1;
    counts.heads -= 1 + party;
  }

  async function companion(phone: Phone, ride: PlannedRide, { companion: riderId, sentMs }: Scanned): Promise<void> {
    if (riderId === undefined) return;
    const { digits, name } = withPhone(riderId);
    await phone.scan({
      code: codeOf(ride.unitId),
      boardedMs: ride.scanMs,
      companion: { digits, name },
      queued: sentMs !== undefined,
    });
    counts.acknowledged += 1;
    counts.companions += 1;
    counts.heads += 1;
  }

  /** The one message after a scan: the end of the rider's ride before, which this boarding tells, or nothing. */
  async function follow(phone: Phone, ride: PlannedRide, receipt: RideReceipt): Promise<void> {
    const before = kept.get(ride.riderId);
    kept.delete(ride.riderId);
    const isLeft = before?.ride.registration.kind === 'scan' && before.ride.registration.leaving === 'chained';
    const dayMs = dayStartMs(plan.day, plan.zone);
    const content = isLeft ? noteBefore(before.receipt, { boardedMs: ride.scanMs, receipt }, dayMs) : undefined;
    if (before === undefined || content === undefined) return phone.nothing(ride.scanMs);
    await phone.note(before.made, content);
    counts.notes += 1;
    counts.chained += 1;
  }

  async function enrol(riderId: RiderId): Promise<void> {
    await phoneOf(riderId).enrol();
    counts.enrolled += 1;
  }

  return {
    enrol,
    async scan(ride, how) {
      const { riderId } = ride;
      const { party, sentMs, leaving } = how;
      if (!phones.has(riderId)) await enrol(riderId);
      const phone = phoneOf(riderId);
      await mistaken(phone, ride, how);
      const scan: Scan = await phone.scan({
        code: codeOf(ride.unitId),
        boardedMs: ride.scanMs,
        party,
        queued: sentMs !== undefined,
      });
      counts.acknowledged += 1;
      if (sentMs === undefined) counts.scanned += 1;
      else counts.offline += 1;
      counts.heads += 1 + party;
      await companion(phone, ride, how);
      await follow(phone, ride, scan.receipt);
      if (leaving !== 'silent') kept.set(riderId, { ride, made: scan.ride, receipt: scan.receipt });
    },
    async leave(ride) {
      const mine = kept.get(ride.riderId);
      if (mine?.ride !== ride || ride.registration.kind !== 'scan') return;
      if (ride.registration.leaving === 'chained') return;
      kept.delete(ride.riderId);
      await note(mine, ride.registration);
    },
    async crewScan({ crewDigits, shiftNo, unitId, fromMs }) {
      const code = plan.units.get(unitId)?.crewCode8;
      if (crewDigits === undefined || code === undefined) return;
      const phone = openPhone(world, { digits: crewDigits, address: addressOf(MAX_RIDERS + shiftNo) });
      await phone.scan({ code: unwrap(decodeCode(code)), boardedMs: fromMs });
      counts.enrolled += 1;
      counts.acknowledged += 1;
      counts.crew += 1;
    },
  };
}

/** Refusals of the catalogue, by phones and staff alike; undefined for anything else. */
export function refusedCode(error: unknown): string | undefined {
  if (error instanceof PhoneRefused) return error.code || String(error.status);
  return undefined;
}
