// Who works on which unit, and which trip is under way: kept in memory, written first. One process owns them.
import { Refusal } from '@tongche/contract';
import type { RunBasis, Shift, ShiftSummary } from '@tongche/contract';
import type { Dir, Unit } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import type { Static } from 'typebox';
import type { CityHolder, Code } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import { events } from '../events.ts';
import { assignRun } from '../rides/assign.ts';
import { lineView, unitView } from '../rides/receipt.ts';
import { endShifts, endTrip, insertShift, insertTrip, openShifts, openTrips, tallyByMinute } from '../store/staff.ts';
import type { OpenTripRow, StaffRow } from '../store/staff.ts';
import { codeOfText } from './code-text.ts';
import { runOfTrip } from './trip-run.ts';

export type ShiftView = Static<typeof Shift>;
type Summary = Static<typeof ShiftSummary>;

export interface OpenShift {
  readonly shiftId: number;
  readonly staffId: number;
  readonly unitId: string;
  readonly codeId: number;
  readonly startedMs: number;
  readonly trip: OpenTripRow | undefined;
}

export interface Shifts {
  ofUnit(unitId: string): OpenShift | undefined;
  ofStaff(staffId: number): OpenShift | undefined;
  get(shiftId: number): OpenShift | undefined;
  all(): readonly OpenShift[];
  view(shift: OpenShift): ShiftView;
  unitOf(shift: OpenShift): Unit;
  /** What is known of the shift's vehicle now is in memory afterwards: its view needs it. */
  ready(shift: OpenShift): Promise<void>;
  /** Takes a unit by typed number, scanned address or code; ends whoever's shift stood in the way. */
  take(staff: StaffRow, codeText: string): Promise<OpenShift>;
  end(shift: OpenShift): Promise<Summary>;
  startTrip(shift: OpenShift, dir: Dir): Promise<OpenShift>;
  endTrip(shift: OpenShift): Promise<Summary>;
}

export interface ShiftsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  onOpened(shift: OpenShift): void;
  onClosed(shift: OpenShift): void;
  onTrip(shift: OpenShift): void;
}

function floorMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

export async function makeShifts(options: ShiftsOptions): Promise<Shifts> {
  const { db, clock, log, zone, city, days } = options;
  const open = new Map<number, OpenShift>();
  const trips = Map.groupBy(await openTrips(db), ({ shiftId }) => shiftId);
  for (const { endedMs: _open, ...row } of await openShifts(db)) {
    open.set(row.shiftId, { ...row, trip: trips.get(row.shiftId)?.[0] });
  }

  function find(fits: (shift: OpenShift) => boolean): OpenShift | undefined {
    for (const shift of open.values()) if (fits(shift)) return shift;
    return undefined;
  }

  /** Buttons are pressed twice: what changes shifts happens one after another, each upon what the last one left. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  }

  /** The shift as it is now; it may have changed while its turn came. */
  function present({ shiftId }: OpenShift): OpenShift {
    const shift = open.get(shiftId);
    if (shift === undefined) throw new Refusal('no-shift');
    return shift;
  }

  function unitOf(shift: OpenShift): Unit {
    const unit = city.current.unit(shift.unitId);
    if (unit === undefined) throw new Error('the unit of a shift is not in the city');
    return unit;
  }

  async function ready(shift: OpenShift): Promise<void> {
    await days.load(days.keysOf(unitOf(shift).vehicleId, clock.now()));
  }

  /** The line being served now, as far as known; the driver's own trip names its line already. */
  function lineOf(
    unit: Unit,
    trip: OpenTripRow | undefined,
  ): { readonly line: string | undefined; readonly basis: RunBasis } {
    const nowMs = floorMinute(clock.now());
    const known = days.daysOf(unit.vehicleId, nowMs);
    const own =
      trip === undefined
        ? undefined
        : known
            .flatMap((day) => [...(day?.runs ?? []), ...(day?.named ?? [])])
            .find(({ runId }) => runId === trip.runId);
    if (own !== undefined) return { line: own.run.lineId, basis: 'trip' };
    const { run, basis } = assignRun(known, nowMs);
    return run === undefined ? { line: unit.usualLineId, basis: 'usual' } : { line: run.run.lineId, basis };
  }

  function view(shift: OpenShift): ShiftView {
    const unit = unitOf(shift);
    const code = city.current.codeById(shift.codeId);
    if (code === undefined) throw new Error('the code of a shift is not in the city');
    const { trip } = shift;
    const { line, basis } = lineOf(unit, trip);
    const choices = line === undefined ? [] : city.current.directionsOf(line);
    return {
      shiftId: shift.shiftId,
      unit: unitView(unit, code),
      code: code.code8,
      line: lineView(city.current, line, trip?.dir),
      basis,
      directions: choices.map(({ dir, headsign }) => ({ dir, headsign })),
      trip: trip === undefined ? null : { tripId: trip.tripId, dir: trip.dir, startedMs: trip.startedMs },
      startedMs: shift.startedMs,
    };
  }

  async function summary(shift: OpenShift, fromMs: number, runId: number | undefined): Promise<Summary> {
    const endedMs = clock.now();
    const codes = city.current.codesOf(shift.unitId);
    const spans = codes.map(({ codeId }) => ({ codeId, fromMs: floorMinute(shift.startedMs), toMs: endedMs }));
    const { vehicleId } = unitOf(shift);
    const minutes = await tallyByMinute(db, spans);
    const ofRun = (boardedMs: number): boolean =>
      runId === undefined || days.assign(vehicleId, boardedMs).run?.runId === runId;
    const total = { heads: 0, scanned: 0, assisted: 0, late: 0 };
    const keys = [...days.keysOf(vehicleId, shift.startedMs), ...days.keysOf(vehicleId, endedMs)];
    await days.using(keys, () => {
      for (const { boardedMs, heads, assisted, late } of minutes) {
        if (!ofRun(boardedMs)) continue;
        total.heads += heads;
        total.scanned += heads - assisted;
        total.assisted += assisted;
        total.late += late;
      }
    });
    return { ...total, startedMs: fromMs, endedMs };
  }

  /** The vehicle's day learns at once that its trip has ended. */
  function rememberTripEnd(shift: OpenShift, trip: OpenTripRow, endedMs: number): void {
    days.tripEnded(unitOf(shift).vehicleId, trip.tripId, endedMs);
  }

  function close(shift: OpenShift, endedMs: number): void {
    if (shift.trip !== undefined) rememberTripEnd(shift, shift.trip, endedMs);
    open.delete(shift.shiftId);
    options.onClosed(shift);
  }

  async function take(staff: StaffRow, codeText: string): Promise<OpenShift> {
    const nowMs = clock.now();
    const code: Code = await codeOfText(db, city.current, codeText);
    const unit = city.current.unitAt(code, nowMs);
    if (unit === undefined) throw new Refusal('unknown-code');
    const before = [...open.values()].filter(
      ({ unitId, staffId }) => unitId === unit.unitId || staffId === staff.staffId,
    );
    const row = { staffId: staff.staffId, unitId: unit.unitId, codeId: code.codeId, startedMs: nowMs };
    const shiftId = await db.tx('take-shift', async (tx) => {
      await endShifts(
        tx,
        before.map((shift) => shift.shiftId),
        nowMs,
      );
      return insertShift(tx, row);
    });
    for (const shift of before) close(shift, nowMs);
    const shift: OpenShift = { ...row, shiftId, trip: undefined };
    open.set(shiftId, shift);
    log.event(events.shiftTaken, { shift: shiftId, closed: before.length });
    options.onOpened(shift);
    return shift;
  }

  async function startTrip(shift: OpenShift, dir: Dir): Promise<OpenShift> {
    const startedMs = clock.now();
    const unit = unitOf(shift);
    await ready(shift);
    const { line } = lineOf(unit, undefined);
    const run = await runOfTrip({ db, city: city.current, days, zone }, { unit, lineId: line, dir }, startedMs);
    const tripId = await db.tx('start-trip', async (tx) => {
      if (shift.trip !== undefined) await endTrip(tx, shift.trip.tripId, startedMs);
      return insertTrip(tx, { shiftId: shift.shiftId, runId: run.runId, dir, startedMs });
    });
    if (shift.trip !== undefined) rememberTripEnd(shift, shift.trip, startedMs);
    const trip: OpenTripRow = { tripId, shiftId: shift.shiftId, runId: run.runId, dir, startedMs };
    days.tripBegan({ tripId, vehicleId: unit.vehicleId, runId: run.runId, dir, startedMs, endedMs: undefined }, run);
    const next: OpenShift = { ...shift, trip };
    open.set(shift.shiftId, next);
    options.onTrip(next);
    return next;
  }

  async function end(shift: OpenShift): Promise<Summary> {
    const result = await summary(shift, shift.startedMs, undefined);
    await db.tx('end-shift', async (tx) => endShifts(tx, [shift.shiftId], result.endedMs));
    close(shift, result.endedMs);
    return result;
  }

  async function endTripOf(shift: OpenShift): Promise<Summary> {
    const { trip } = shift;
    if (trip === undefined) throw new Refusal('conflict');
    const result = await summary(shift, trip.startedMs, trip.runId);
    await endTrip(db, trip.tripId, result.endedMs);
    rememberTripEnd(shift, trip, result.endedMs);
    const next: OpenShift = { ...shift, trip: undefined };
    open.set(shift.shiftId, next);
    options.onTrip(next);
    return result;
  }

  return {
    ofUnit: (unitId) => find((shift) => shift.unitId === unitId),
    ofStaff: (staffId) => find((shift) => shift.staffId === staffId),
    get: (shiftId) => open.get(shiftId),
    all: () => [...open.values()],
    view,
    unitOf,
    ready,
    take: (staff, codeText) => inTurn(() => take(staff, codeText)),
    end: (shift) => inTurn(async () => end(present(shift))),
    startTrip: (shift, dir) => inTurn(async () => startTrip(present(shift), dir)),
    endTrip: (shift) => inTurn(async () => endTripOf(present(shift))),
  };
}
