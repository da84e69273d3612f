// Shifts and their screens: each needs the other.
import type { Database } from '@tongche/postgres';
import type { Clock, Log, Random } from '@tongche/runtime';
import { Refusal } from '@tongche/contract';
import type { CityHolder } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import type { PeerNews } from '../peers/news.ts';
import { readShifts } from './feed.ts';
import { liveHub } from './live.ts';
import type { LiveHub, LiveOptions } from './live.ts';
import { makeShifts } from './shifts.ts';
import type { Shifts } from './shifts.ts';

export interface Screens {
  readonly shifts: Shifts;
  readonly live: LiveHub;
  /** What a screen shows of a channel. Throws Refusal 'no-shift'. */
  readonly liveState: LiveOptions['state'];
}

export async function openScreens(of: {
  readonly db: Database;
  /** Whether rides are spread over several servers. */
  readonly isSpread: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly zone: string;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  readonly peers: PeerNews;
}): Promise<Screens> {
  const { db, isSpread, clock, log, random, zone, city, days } = of;
  const shifts = await makeShifts({
    ...of,
    onClosed: ({ shiftId }) => live.close(shiftId),
    onTrip: ({ shiftId }) => live.trip(shiftId),
  });

  const liveState: LiveOptions['state'] = (shiftId, { heads, rides }) => {
    const shift = shifts.get(shiftId);
    if (shift === undefined) throw new Refusal('no-shift');
    return { heads, rides: [...rides], shift: shifts.view(shift), nowMs: clock.now() };
  };

  const live: LiveHub = liveHub({
    clock,
    log,
    random,
    read: readShifts({ db, isSpread, city, zone, now: () => clock.now() }),
    async present(shiftId) {
      const shift = shifts.get(shiftId);
      if (shift !== undefined) await shifts.ready(shift);
      return shifts.get(shiftId);
    },
    fits(shiftId) {
      const shift = shifts.get(shiftId);
      const trip = shift?.trip;
      if (shift === undefined || trip === undefined) return undefined;
      const { vehicleId } = shifts.unitOf(shift);
      return (boardedMs) => days.assign(vehicleId, boardedMs).run?.runId === trip.runId;
    },
    state: liveState,
  });
  return { shifts, live, liveState };
}
