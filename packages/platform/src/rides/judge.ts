// Says of a ride what makes it doubtful, from what the process has in memory: when it arrives, and anew when a trace asks,
// by then with everything that was learned since. Flags, never refusals; no I/O (docs/decisions/0018).
import type { CityHolder } from '../city/city.ts';
import type { Counted, VehicleDays } from '../city/vehicle-days.ts';
import type { CityUnit } from '../store/city.ts';
import type { Assigned } from './assign.ts';
import {
  CREW,
  CROWDED,
  doubtful,
  FAR_AWAY,
  GONE,
  IMPLAUSIBLE,
  OUT_OF_SERVICE,
  OVER_CAPACITY,
  REASONS,
  UNBOUND,
} from './flags.ts';
import { aboardAtLeast, isFarAway, isOutOfService, loadLimit, minuteLimit } from './plausibility.ts';
import type { Fix, PlausibilityLimits } from './plausibility.ts';
import { waysOf } from './ways.ts';

export interface Claim {
  readonly unit: CityUnit;
  readonly boardedMs: number;
  /** Crew scan where they take the vehicle over, in the depot too. */
  readonly isCrew: boolean;
}

export interface Judge {
  /** Bits of a ride that arrives. Heads of its minute are those counted so far, this ride's included. */
  arriving(claim: Claim & { readonly isBound: boolean }, counted: Counted): number;
  /**
   * The flags of a stored ride with their doubts as known now. `unit` undefined: its code was stuck to nothing. `fixes`
   * are the vehicle's positions around the minute; where there are none any more, what they said at arrival stands. The
   * vehicle's days must be in memory.
   */
  now(
    stored: { readonly flags: number; readonly boardedMs: number; readonly unit: CityUnit | undefined },
    fixes: readonly Fix[],
  ): number;
}

export interface JudgeOptions {
  readonly city: CityHolder;
  readonly days: VehicleDays;
  readonly limits: PlausibilityLimits;
  /** Positions of a vehicle in memory around a boarding minute; empty where none are. */
  readonly seen: (vehicleId: string, boardedMs: number) => readonly Fix[];
}

export function rideJudge({ city, days, limits, seen }: JudgeOptions): Judge {
  const ways = waysOf(city);
  /** Of a vehicle and minute, as long as its run is known as it was. */
  const idle = new WeakMap<Assigned, boolean>();
  const away = new WeakMap<Assigned, { readonly lastMs: number; readonly far: boolean }>();

  function serviceBits({ unit, boardedMs }: Claim, assigned: Assigned): number {
    if (assigned.run !== undefined) return 0;
    let out = idle.get(assigned);
    if (out === undefined) {
      out = isOutOfService(unit, days.daysOf(unit.vehicleId, boardedMs), assigned, boardedMs, limits);
      idle.set(assigned, out);
    }
    return out ? OUT_OF_SERVICE : 0;
  }

  function aboard({ unit, boardedMs }: Claim): number {
    const headsAt = days.boardedBefore(unit, boardedMs);
    return aboardAtLeast(headsAt, limits.stayMin[unit.kind], minuteLimit(unit, limits));
  }

  /** `noMore`: an upper bound of heads aboard that costs nothing. */
  function crowdBits(claim: Claim, inMinute: number, noMore: number): number {
    const { unit } = claim;
    const crowded = inMinute > minuteLimit(unit, limits) ? CROWDED : 0;
    const most = loadLimit(unit, limits);
    if (unit.kind === 'station' || noMore <= most) return crowded;
    return crowded | (aboard(claim) > most ? OVER_CAPACITY : 0);
  }

  /** Undefined: nothing is known of where the vehicle was. */
  function isAway({ unit, boardedMs }: Claim, assigned: Assigned, fixes: readonly Fix[]): boolean | undefined {
    // A run found by the positions themselves lies where they do; a person's word goes before a radio's.
    if (assigned.basis === 'positions' || assigned.basis === 'corrected') return false;
    if (fixes.length === 0) return undefined;
    const lastMs = fixes.at(-1)?.atMs ?? 0;
    const known = away.get(assigned);
    if (known?.lastMs === lastMs) return known.far;
    const far = isFarAway(fixes, ways(assigned, unit), boardedMs, limits);
    away.set(assigned, { lastMs, far });
    return far;
  }

  const goneBit = ({ unit, boardedMs }: Pick<Claim, 'unit' | 'boardedMs'>): number =>
    unit.goneMs !== undefined && boardedMs >= unit.goneMs ? GONE : 0;

  return {
    arriving(claim, { assigned, inMinute, no }) {
      const stuck = (claim.isBound ? 0 : UNBOUND) | goneBit(claim);
      if (claim.isCrew) return doubtful(stuck);
      const { vehicleId } = claim.unit;
      const far = isAway(claim, assigned, seen(vehicleId, claim.boardedMs)) === true ? FAR_AWAY : 0;
      return doubtful(stuck | serviceBits(claim, assigned) | crowdBits(claim, inMinute, no) | far);
    },
    now({ flags, boardedMs, unit }, fixes) {
      const plain = flags & ~(REASONS | IMPLAUSIBLE);
      if (unit === undefined) return plain | doubtful(UNBOUND);
      const claim = { unit, boardedMs, isCrew: (flags & CREW) !== 0 };
      const gone = goneBit(claim);
      if (claim.isCrew) return plain | doubtful(gone);
      const assigned = days.assign(unit.vehicleId, boardedMs);
      const crowd = crowdBits(claim, days.boardedBefore(unit, boardedMs)(0), Infinity);
      const far = isAway(claim, assigned, fixes) ?? (flags & FAR_AWAY) !== 0;
      // From before reasons were kept: nothing says that what was noticed then has been cleared up.
      const old = (flags & IMPLAUSIBLE) !== 0 && (flags & REASONS) === 0 ? IMPLAUSIBLE : 0;
      return plain | old | doubtful(gone | serviceBits(claim, assigned) | crowd | (far ? FAR_AWAY : 0));
    },
  };
}
