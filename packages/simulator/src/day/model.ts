// What a planned day consists of: people, what each of them truly rides, how each ride gets registered (or not), and what the
// crew does. Plain data, times in epoch milliseconds; the plan knows nothing of HTTP.
import type { UnitId, UnitKind } from '@tongche/network';

export type RiderId = number;

/** Somebody with a phone of their own, or somebody without one who shows a document and names a number to call. */
export type Rider =
  | {
      readonly riderId: RiderId;
      readonly kind: 'phone';
      /** E.164 digits. */
      readonly digits: string;
      readonly name: string;
      /** Enrols with the first ride of the day waiting, not on a day before. */
      readonly isFirstTime: boolean;
    }
  | {
      readonly riderId: RiderId;
      readonly kind: 'assisted';
      /** Identity card number, made up. */
      readonly document: string;
      readonly reach: string;
      readonly name: string;
    };

/** How somebody tells where they get off; a phone's note has these bases. */
export type Leaving = 'off-tap' | 'rescan' | 'chained' | 'silent';

/** Why somebody aboard is not registered. */
export type Gap = 'no-scan' | 'dead-sticker' | 'nobody-signed-in' | 'driver-busy';

export type Registration =
  | { readonly kind: 'none'; readonly gap: Gap }
  | {
      readonly kind: 'scan';
      readonly party: number;
      /** Rides on this phone's wallet with an own number. */
      readonly companion: RiderId | undefined;
      /** Without a network at the scan: sent then. */
      readonly sentMs: number | undefined;
      /** Scanned this one first, by mistake. */
      readonly wrong: { readonly unitId: UnitId; readonly isUndone: boolean } | undefined;
      readonly leaving: Leaving;
    }
  | { readonly kind: 'assisted'; readonly party: number };

/** Somebody aboard one unit on one run: the truth, whatever is registered of it. */
export interface PlannedRide {
  readonly riderId: RiderId;
  readonly unitId: UnitId;
  readonly runKey: string;
  readonly boardSeq: number;
  readonly alightSeq: number;
  readonly boardMs: number;
  readonly alightMs: number;
  /** When the code is scanned, or the driver asked. */
  readonly scanMs: number;
  readonly registration: Registration;
}

export interface PlannedTrip {
  readonly dir: 0 | 1;
  readonly runKey: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A driver's time with one vehicle. */
export interface PlannedShift {
  readonly shiftNo: number;
  readonly account: string;
  readonly unitId: UnitId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly trips: readonly PlannedTrip[];
  /** The driver's own phone, where it scans the crew's code. */
  readonly crewDigits: string | undefined;
}

export interface PlannedUnit {
  readonly unitId: UnitId;
  readonly kind: UnitKind;
  readonly code8: string;
  readonly shortCode: string;
  readonly crewCode8: string | undefined;
  readonly isDead: boolean;
}

export interface DayPlan {
  /** Local days since 1970-01-01. */
  readonly day: number;
  readonly zone: string;
  readonly riders: readonly Rider[];
  readonly units: ReadonlyMap<UnitId, PlannedUnit>;
  /** In order of their scans. */
  readonly rides: readonly PlannedRide[];
  readonly shifts: readonly PlannedShift[];
  readonly caseRider: RiderId;
  /** Before the first scan or sign-in, and after the last of everything. */
  readonly fromMs: number;
  readonly toMs: number;
}
