// What happens when: a plan laid out along the clock, minute by minute.
import type { DayPlan, PlannedRide, PlannedShift, PlannedTrip } from './model.ts';

export type DayEvent =
  | { readonly kind: 'sign-in'; readonly atMs: number; readonly shift: PlannedShift }
  | { readonly kind: 'sign-off'; readonly atMs: number; readonly shift: PlannedShift }
  | { readonly kind: 'trip'; readonly atMs: number; readonly shift: PlannedShift; readonly trip: PlannedTrip }
  | { readonly kind: 'trip-end'; readonly atMs: number; readonly shift: PlannedShift }
  /** A scan, or an entry by the driver; of a phone without a network, when it comes back. */
  | { readonly kind: 'ride'; readonly atMs: number; readonly ride: PlannedRide }
  | { readonly kind: 'leave'; readonly atMs: number; readonly ride: PlannedRide };

export interface Minute {
  readonly atMs: number;
  readonly events: readonly DayEvent[];
}

const minuteMs = 60_000;

function ofShift(shift: PlannedShift, keepsVehicle: boolean): readonly DayEvent[] {
  const trips = shift.trips.flatMap((trip): readonly DayEvent[] => [
    { kind: 'trip', atMs: trip.startMs, shift, trip },
    { kind: 'trip-end', atMs: trip.endMs, shift },
  ]);
  const off: readonly DayEvent[] = keepsVehicle ? [] : [{ kind: 'sign-off', atMs: shift.toMs, shift }];
  return [{ kind: 'sign-in', atMs: shift.fromMs, shift }, ...trips, ...off];
}

function ofRide(ride: PlannedRide): readonly DayEvent[] {
  const { registration, scanMs, alightMs } = ride;
  if (registration.kind === 'none') return [];
  const sentMs = registration.kind === 'scan' ? registration.sentMs : undefined;
  const sent: DayEvent = { kind: 'ride', atMs: sentMs ?? scanMs, ride };
  const tells =
    registration.kind === 'scan' && (registration.leaving === 'off-tap' || registration.leaving === 'rescan');
  return tells ? [sent, { kind: 'leave', atMs: Math.max(alightMs, scanMs), ride }] : [sent];
}

/** Every minute from the first to the last of the plan, also those in which nothing happens. `keeper` keeps the vehicle. */
export function minutesOf(plan: DayPlan, keeper?: string): readonly Minute[] {
  const events = [
    ...plan.shifts.flatMap((shift) => ofShift(shift, shift.account === keeper)),
    ...plan.rides.flatMap(ofRide),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const byMinute = Map.groupBy(events, ({ atMs }) => Math.floor(atMs / minuteMs));
  const first = Math.floor(plan.fromMs / minuteMs);
  const last = Math.max(Math.ceil(plan.toMs / minuteMs), Math.floor((events.at(-1)?.atMs ?? 0) / minuteMs));
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    atMs: (first + index) * minuteMs,
    events: byMinute.get(first + index) ?? [],
  }));
}
