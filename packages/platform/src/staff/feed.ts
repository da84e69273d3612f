// Brings committed rides to the drivers' screens, of this process and of others, and reads a screen's beginning.
import { checkSync } from '@tongche/protocol/node';
import type { Database } from '@tongche/postgres';
import { boardedMsOf, dayOf, fromBase64Url, MINUTE_MS, unwrap, uuidFromText } from '@tongche/protocol';
import type { City, CityHolder } from '../city/city.ts';
import { boardedMsOfBoarding } from '../peers/boarding.ts';
import type { Boarding } from '../peers/boarding.ts';
import { takeSnapshot } from '../peers/snapshot.ts';
import { CREW } from '../rides/flags.ts';
import { unitOfCode } from '../rides/unit-of.ts';
import { headsOfSpans, latestRides } from '../store/live.ts';
import type { SpanRide } from '../store/live.ts';
import type { CodeSpan } from '../store/rides.ts';
import { latestRidesNumbered } from '../store/spread.ts';
import { SHOWN_RIDES } from './channel.ts';
import type { LiveHub, LiveOptions, ReadShift } from './live.ts';
import type { OpenShift, Shifts } from './shifts.ts';

/** Clocks are let in three minutes ahead. */
const aheadMs = 5 * MINUTE_MS;
/** w2 begins with a queued bit and the party. */
const minuteBits = 0x7ff;

/** A ride belongs to the shift when its boarding minute touches it; crew are not passengers. */
export function feedRide(boarding: Boarding, unitId: string, shifts: Shifts, live: LiveHub, xid: number): void {
  if ((boarding.flags & CREW) !== 0) return;
  const shift = shifts.ofUnit(unitId);
  if (shift === undefined || boardedMsOfBoarding(boarding) + MINUTE_MS <= shift.startedMs) return;
  live.ride(shift.shiftId, boarding, xid);
}

function boardingOfRow(city: City, zone: string, row: SpanRide): Boarding | undefined {
  const code = city.codeById(row.codeId);
  if (code === undefined) return undefined;
  const rideId = unwrap(uuidFromText(row.rideId));
  const check = checkSync({
    tag: unwrap(uuidFromText(row.tag)),
    code: unwrap(fromBase64Url(code.code8)),
    day: dayOf(boardedMsOf(rideId), zone),
    minute: row.w2 & minuteBits,
  });
  const { codeId, receivedS, w2, flags } = row;
  return { codeId, rideId, receivedS, w2, flags, check };
}

interface ShiftSpan extends CodeSpan {
  /** Place of its shift. */
  readonly at: number;
}

function spansOf(city: City, shifts: readonly OpenShift[], nowMs: number): readonly ShiftSpan[] {
  return shifts.flatMap(({ unitId, startedMs }, at) =>
    city.codesOf(unitId).map(({ codeId }) => {
      const fromMs = Math.floor(startedMs / MINUTE_MS) * MINUTE_MS;
      return { at, codeId, fromMs, toMs: nowMs + aheadMs };
    }),
  );
}

/** Whether a code's ride of that minute was of the shift's unit: stickers move. */
function isOf(city: City, codeId: number, boardedMs: number, { unitId }: OpenShift): boolean {
  const code = city.codeById(codeId);
  return code !== undefined && unitOfCode(city, code, boardedMs).unit.unitId === unitId;
}

export interface ReadOptions {
  readonly db: Database;
  /** Whether rides are spread over several servers. */
  readonly isSpread: boolean;
  readonly city: CityHolder;
  readonly zone: string;
  readonly now: () => number;
}

export function readShifts({ db, isSpread, city, zone, now }: ReadOptions): LiveOptions['read'] {
  const latest = isSpread ? latestRidesNumbered : latestRides;
  return async (shifts) => {
    const { current } = city;
    const spans = spansOf(current, shifts, now());
    const { snapshot, heads, rides } = await db.tx(
      'read-shifts',
      async (tx) => ({
        snapshot: await takeSnapshot(tx),
        heads: await headsOfSpans(tx, spans),
        rides: await latest(tx, spans, SHOWN_RIDES),
      }),
      { isolation: 'repeatable read' },
    );
    const found = shifts.map(() => ({ heads: [] as [number, number][], rides: [] as Boarding[] }));
    for (const { n, boardedMs, heads: count } of heads) {
      const span = spans[n];
      const shift = span === undefined ? undefined : shifts[span.at];
      if (span === undefined || shift === undefined) continue;
      if (isOf(current, span.codeId, boardedMs, shift)) found[span.at]?.heads.push([boardedMs, count]);
    }
    for (const row of rides) {
      const at = spans[row.n]?.at ?? 0;
      const [shift, boarding] = [shifts[at], boardingOfRow(current, zone, row)];
      if (shift === undefined || boarding === undefined) continue;
      if (isOf(current, row.codeId, boardedMsOfBoarding(boarding), shift)) found[at]?.rides.push(boarding);
    }
    return { snapshot, of: found.map(latestOf) };
  };
}

/** In the order of their arrival. */
function latestOf({
  heads,
  rides,
}: {
  readonly heads: readonly (readonly [number, number])[];
  readonly rides: readonly Boarding[];
}): ReadShift {
  const sorted = rides.toSorted((a, b) => a.receivedS - b.receivedS || Buffer.compare(a.rideId, b.rideId));
  return { heads, rides: sorted.slice(-SHOWN_RIDES) };
}
