// Brings committed rides to the driver's screen, and rebuilds the screen from the database at start.
import { checkSync } from '@tongche/protocol/node';
import { dayOf, dayStartMs, fromBase64Url, MINUTE_MS, unwrap, uuidText } from '@tongche/protocol';
import type { CityHolder } from '../city/city.ts';
import { rideKey } from '../rides/erase.ts';
import { ASSISTED, CREW, LATE } from '../rides/flags.ts';
import type { WrittenRide } from '../rides/writer.ts';
import { headsByMinute, ridesOfSpans } from '../store/rides.ts';
import type { StoredRide } from '../store/rides.ts';
import type { Sql } from '../store/sql.ts';
import type { LiveHub, ShownRide } from './live.ts';
import type { OpenShift, Shifts } from './shifts.ts';

/** Rides looked at to find a screen's last ones after a restart. */
const rebuiltRides = 2_000;

export function shownRide({ job, row }: WrittenRide): ShownRide {
  const { record } = job;
  return {
    key: rideKey(job.code.codeId, uuidText(job.rideId)),
    boardedMs: job.boardedMs,
    receivedMs: job.receivedMs,
    check: checkSync({ tag: record.tag, code: record.code, day: record.day, minute: record.w.minute }),
    heads: 1 + record.w.party,
    assisted: (row.flags & ASSISTED) !== 0,
    late: (row.flags & LATE) !== 0,
  };
}

/** A ride belongs to the shift when its boarding minute touches it; crew are not passengers. */
export function feedRides(rides: readonly WrittenRide[], shifts: Shifts, live: LiveHub): void {
  for (const ride of rides) {
    if (ride.job.code.purpose === 'crew') continue;
    const shift = shifts.ofUnit(ride.job.unit.unitId);
    if (shift === undefined || ride.job.boardedMs + MINUTE_MS <= shift.startedMs) continue;
    live.ride(shift.shiftId, shownRide(ride));
  }
}

function shownStored(ride: StoredRide, code8: string, zone: string): ShownRide {
  const day = dayOf(ride.boardedMs, zone);
  const minute = (ride.boardedMs - dayStartMs(day, zone)) / MINUTE_MS;
  return {
    key: rideKey(ride.codeId, ride.rideId),
    boardedMs: ride.boardedMs,
    receivedMs: ride.receivedS * 1000,
    check: checkSync({ tag: unwrap(fromBase64Url(ride.tag)), code: unwrap(fromBase64Url(code8)), day, minute }),
    heads: 1 + ((ride.w2 >> 11) & 7),
    assisted: (ride.flags & ASSISTED) !== 0,
    late: (ride.flags & LATE) !== 0,
  };
}

/** Opens a shift's channel with what the database holds of it. */
export async function rebuildChannel(
  sql: Sql,
  city: CityHolder,
  zone: string,
  live: LiveHub,
  shift: OpenShift,
  nowMs: number,
): Promise<void> {
  const fromMs = Math.floor(shift.startedMs / MINUTE_MS) * MINUTE_MS;
  const spans = city.current.codesOf(shift.unitId).map(({ codeId }) => ({ codeId, fromMs, toMs: nowMs + MINUTE_MS }));
  const heads = new Map<number, number>();
  for (const { boardedMs, heads: n } of await headsByMinute(sql, spans))
    heads.set(boardedMs, (heads.get(boardedMs) ?? 0) + n);
  const rides = (await ridesOfSpans(sql, spans, rebuiltRides)).filter(({ flags }) => (flags & CREW) === 0);
  const sorted = [...rides].sort((a, b) => a.receivedS - b.receivedS || (a.rideId < b.rideId ? -1 : 1));
  live.open(
    shift,
    heads,
    sorted.flatMap((ride) => {
      const code = city.current.codeById(ride.codeId);
      return code === undefined ? [] : [shownStored(ride, code.code8, zone)];
    }),
  );
}
