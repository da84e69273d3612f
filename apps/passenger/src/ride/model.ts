// What the phone keeps: its own rides, its wallet and the code on its way. Nothing here leaves the phone unsealed.
import type { PageSettings, RideReceipt } from '@tongche/contract';
import type { Bytes, DayBundle, PackedWallet, RideCheck } from '@tongche/protocol/formats';

export type Settings = PageSettings;

/**
 * held: the minute is kept, nothing is sealed yet · sealed: bytes wait to be sent · registered · refused: kept, never sent again ·
 * unknown: the code is not known · undone: erased within two minutes.
 */
export type RideStatus = 'held' | 'sealed' | 'registered' | 'refused' | 'unknown' | 'undone';

export interface SealedPart {
  /** base64url of the 225 bytes: what is posted, again and again, byte for byte. */
  readonly body: string;
  readonly day: number;
  readonly dayStartMs: number;
  readonly minute: number;
  readonly slotIndex: number;
  readonly tag: Bytes;
  readonly adm: Bytes;
  readonly eraseKey: Bytes;
  readonly noteKey: Bytes;
  readonly check: RideCheck;
}

export interface Alighting {
  readonly basis: 'off-tap' | 'rescan' | 'chained';
  readonly stop: { readonly zh: string; readonly en: string } | null;
  readonly atMs: number;
  /** Of one that the rider's other rides told: how, so that a better note can follow. */
  readonly how?: { readonly basis: 'chained' | 'habit'; readonly settled: boolean };
}

export interface StoredRide {
  readonly id: string;
  /** 11 characters of the QR path. */
  readonly code: string;
  /** Boarding time by the authority's clock as far as known. */
  readonly boardedMs: number;
  /** The clock difference that stands in boardedMs. */
  readonly offsetMs: number;
  readonly party: number;
  readonly status: RideStatus;
  readonly queued?: boolean;
  /** Undefined again when its tag must not be used any more. */
  readonly sealed?: SealedPart | undefined;
  readonly receipt?: RideReceipt;
  readonly registeredMs?: number;
  /** Another tab is sending until then. */
  readonly claimMs?: number;
  /** The server asked not to be asked again before, by the phone's own clock. */
  readonly againMs?: number;
  readonly problem?: { readonly code: string; readonly zh: string; readonly en: string };
  /** How many of the three stop notes are used. */
  readonly notes: number;
  readonly alighted?: Alighting;
  /** The one message that follows every scan was made. */
  readonly followed?: boolean;
  /** Somebody else's ride on this wallet: their masked name, nothing more. */
  readonly companion?: string;
}

export interface Me {
  /** r_dev, 16 bytes: its hash stands in the ticket. */
  readonly deviceKey: Bytes;
  readonly ticket: string;
  /** E.164 digits. */
  readonly phone: string;
  readonly name: string;
  /** As the screen shows them. */
  readonly masked: { readonly phone: string; readonly name: string };
  readonly wallet: PackedWallet;
  /** Indices used, by day. */
  readonly used: Readonly<Record<number, readonly number[]>>;
  /** Verified with the authority's key before they were stored. */
  readonly bundles: readonly DayBundle[];
  readonly consentVersion: number;
  readonly refilledMs: number;
  /** The authority's clock minus the phone's. */
  readonly offsetMs: number;
  readonly party: number;
}

/** A code on its way: survives the change to the message app and back. */
export interface PendingCode {
  readonly challenge: string;
  readonly phone: string;
  readonly expiresMs: number;
  readonly sentMs: number;
}

/** Below this a phone's clock counts as right: the platform allows three minutes. */
export const CLOCK_TOLERANCE_MS = 90_000;
export const SAME_RIDE_MS = 30 * 60_000;
/** A ride whose rider never enrolled is forgotten after half a day. */
export const HELD_MS = 12 * 3_600_000;
export const UNDO_MS = 2 * 60_000;
/** A ride may be sent this long after boarding; the platform refuses older ones. */
export const LATE_MS = 7 * 24 * 3_600_000;
/** After this a vehicle's run is over even where the timetable lags. */
const RUN_GRACE_MS = 15 * 60_000;

/** Whether a second scan of this vehicle happens on the same run, so that it means getting off. */
export function stillOnRun(ride: StoredRide, nowMs: number): boolean {
  const last = ride.receipt?.run?.stops.at(-1);
  if (ride.alighted !== undefined || ride.sealed === undefined || last === undefined) return false;
  return nowMs <= ride.sealed.dayStartMs + last.arr * 60_000 + RUN_GRACE_MS;
}

/** What a fresh scan of `code` meets among the rides this phone holds. */
export function earlierRide(
  rides: readonly StoredRide[],
  code: string,
  nowMs: number,
): { readonly ride: StoredRide; readonly earlier: 'registered' | 'waiting' | 'held' | 'aboard' } | undefined {
  const same = rides
    .filter((ride) => ride.code === code && ride.companion === undefined && ride.boardedMs <= nowMs + SAME_RIDE_MS)
    .sort((a, b) => b.boardedMs - a.boardedMs);
  for (const ride of same) {
    const fresh = nowMs - ride.boardedMs < SAME_RIDE_MS && ride.alighted === undefined;
    if (ride.status === 'registered' && fresh) return { ride, earlier: 'registered' };
    if (ride.status === 'registered' && stillOnRun(ride, nowMs)) return { ride, earlier: 'aboard' };
    if (ride.status === 'sealed' && fresh) return { ride, earlier: 'waiting' };
    if (ride.status === 'held' && fresh) return { ride, earlier: 'held' };
  }
  return undefined;
}

/** What has to go: rides past retention, and minutes kept for somebody who never enrolled. */
export function isOver(ride: StoredRide, nowMs: number, retentionDays: number, enrolled: boolean): boolean {
  const ageMs = nowMs - ride.boardedMs;
  if (ride.status === 'held') return ageMs > (enrolled ? LATE_MS : HELD_MS);
  return ageMs > Math.min(retentionDays, 28) * 24 * 3_600_000;
}

/** Whether undo still goes directly to the platform. */
export function undoLeftMs(ride: StoredRide): number {
  return ride.sealed === undefined ? 0 : UNDO_MS - (Date.now() - (ride.registeredMs ?? Date.now()));
}
