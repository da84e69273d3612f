// What this process does about what it hears: rides go to counters and screens, everything else is read again.
import type { Log } from '@tongche/runtime';
import { boardedMsOf, unwrap, uuidFromText } from '@tongche/protocol';
import type { Timetable } from '../city/import-city.ts';
import type { CityHolder } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import type { PositionDesk } from '../positions/desk.ts';
import { unitOfCode } from '../rides/unit-of.ts';
import type { Roller } from '../roll.ts';
import { announce } from '../runs/announce.ts';
import { feedRide } from '../staff/feed.ts';
import type { LiveHub } from '../staff/live.ts';
import type { Shifts } from '../staff/shifts.ts';
import { positionSegmentsOf } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import { boardedMsOfBoarding, headsOfBoarding } from './boarding.ts';
import type { Boarding } from './boarding.ts';
import type { Erased, News } from './messages.ts';
import type { Listener } from './news.ts';

export interface Hearing {
  readonly db: Sql;
  readonly log: Log;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  readonly shifts: Shifts;
  readonly live: LiveHub;
  readonly positions: Pick<PositionDesk, 'forget' | 'heard'>;
  readonly times: Pick<Timetable, 'useStored'>;
  readonly rolls: Pick<Roller, 'follow'>;
}

/** Where and with how many heads a ride counts; undefined for codes nobody knows. */
function placeOf({ current }: CityHolder, codeId: number, boardedMs: number) {
  const code = current.codeById(codeId);
  return code === undefined ? undefined : unitOfCode(current, code, boardedMs).unit;
}

/** Rides that were taken back, here or elsewhere. */
export function hearErased(
  { city, days, shifts, live }: Pick<Hearing, 'city' | 'days' | 'shifts' | 'live'>,
  rides: readonly Erased[],
  xid: number,
): void {
  for (const { codeId, rideId: idText, w2, flags } of rides) {
    const rideId = unwrap(uuidFromText(idText));
    const boardedMs = boardedMsOf(rideId);
    const unit = placeOf(city, codeId, boardedMs);
    const heads = headsOfBoarding({ w2, flags });
    if (unit === undefined || heads === 0) continue;
    const { unitId, vehicleId } = unit;
    days.heard({ unitId, vehicleId, boardedMs, heads: -heads, xid });
    const shift = shifts.ofUnit(unitId);
    if (shift !== undefined) live.undo(shift.shiftId, { codeId, rideId, boardedMs, heads }, xid);
  }
}

export function hearing(of: Hearing): Listener {
  const { db, log, city, days, shifts, live, positions, times, rolls } = of;

  function hearRides(rides: readonly Boarding[], xid: number): void {
    for (const boarding of rides) {
      const boardedMs = boardedMsOfBoarding(boarding);
      const unit = placeOf(city, boarding.codeId, boardedMs);
      if (unit === undefined) continue;
      const { unitId, vehicleId } = unit;
      const heads = headsOfBoarding(boarding);
      if (heads > 0) days.heard({ unitId, vehicleId, boardedMs, heads, xid });
      feedRide(boarding, unitId, shifts, live, xid);
    }
  }

  /** Thousands of vehicles at a time: rides do not wait for it. What fails is read when it is needed. */
  function background(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      log.fault('platform.peers', error);
      days.forget();
    });
  }

  async function takeMeasured(vehicles: readonly (readonly [string, number])[]): Promise<void> {
    const spans = vehicles.map(([vehicleId, fromMs]) => ({ vehicleId, fromMs, toMs: Number.MAX_SAFE_INTEGER }));
    const segments = Map.groupBy(await positionSegmentsOf(db, spans), ({ vehicleId }) => vehicleId);
    for (const [vehicleId, fromMs] of vehicles) days.putSegments(vehicleId, fromMs, segments.get(vehicleId) ?? []);
  }

  async function hearCity(): Promise<void> {
    await city.reload();
    days.forget();
    await times.useStored();
  }

  function hearNews(news: News, xid: number): Promise<void> | void {
    switch (news.kind) {
      case 'city':
        return hearCity();
      case 'timetable':
        return days.forget();
      case 'shifts':
        return shifts.sync(news.ids);
      case 'runs':
        return background(async () => {
          await announce({ days, shifts, live, city }, new Set(news.vehicleIds));
          await positions.heard(news.vehicleIds);
        });
      case 'measured':
        return background(async () => {
          await takeMeasured(news.vehicles);
          await positions.heard(news.vehicles.map(([vehicleId]) => vehicleId));
        });
      case 'seen':
        return background(() => positions.heard(news.vehicleIds));
      case 'erased':
        return hearErased(of, news.rides, xid);
      case 'rolled':
        return rolls.follow();
      default:
        // Of a newer version: what it means is not known, so everything is read again.
        throw new Error(`unknown news ${JSON.stringify(news satisfies never).slice(0, 40)}`);
    }
  }

  return {
    rides: hearRides,
    news: hearNews,
    async lost() {
      await city.reload();
      days.forget();
      positions.forget();
      await times.useStored();
      await rolls.follow();
      await shifts.sync();
      await live.renew();
    },
  };
}
