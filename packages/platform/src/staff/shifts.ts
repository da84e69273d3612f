// Who works on which unit, and which trip is under way: kept in memory, written first. Any process may change them; what
// the database says is what counts.
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
import type { PeerNews } from '../peers/news.ts';
import { assignRun } from '../rides/assign.ts';
import { lineView, unitView } from '../rides/receipt.ts';
import { lockInTx, LOCKS } from '../store/peers.ts';
import {
  endShifts,
  endShiftsOf,
  endTripOf,
  insertShift,
  insertTrip,
  lockOpenShift,
  openShiftOfStaff,
  openShifts,
  tallyByMinute,
} from '../store/staff.ts';
import type { OpenShiftRow, OpenTripRow, StaffRow } from '../store/staff.ts';
import { codeOfText } from './code-text.ts';
import { shiftBook } from './shift-book.ts';
import { runOfTrip } from './trip-run.ts';

export type ShiftView = Static<typeof Shift>;
type Summary = Static<typeof ShiftSummary>;

export type OpenShift = OpenShiftRow;

export interface Shifts {
  ofUnit(unitId: string): OpenShift | undefined;
  get(shiftId: number): OpenShift | undefined;
  all(): readonly OpenShift[];
  /** Also when another process began it a moment ago. */
  find(shiftId: number): Promise<OpenShift | undefined>;
  findOfStaff(staffId: number): Promise<OpenShift | undefined>;
  /** Reads these shifts again, or all: they began, ended or changed, here or elsewhere. */
  sync(shiftIds?: readonly number[]): Promise<void>;
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
  readonly peers: Pick<PeerNews, 'tx'>;
  onClosed(shift: OpenShift): void;
  onTrip(shift: OpenShift): void;
}

function floorMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

export async function makeShifts(options: ShiftsOptions): Promise<Shifts> {
  const { db, clock, log, zone, city, days, peers } = options;
  const open = shiftBook();
  for (const shift of await openShifts(db)) open.put(shift);

  /** What changes shifts happens one after another, each upon what the last one left; the database keeps them exact. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  }

  /** Brings what is in memory to what the database says, and tells whoever looks at it. */
  async function refresh(ids?: readonly number[]): Promise<void> {
    if (ids?.length === 0) return;
    const now = new Map((await openShifts(db, ids)).map((shift) => [shift.shiftId, shift]));
    const before = new Map((ids ?? open.ids()).map((id) => [id, open.get(id)]));
    const moved = [...new Set([...before.keys(), ...now.keys()])].flatMap((id) => {
      const [was, is] = [before.get(id), now.get(id)];
      return was?.trip?.tripId === is?.trip?.tripId ? [] : [(is ?? was)?.unitId];
    });
    const vehicleIds = moved.flatMap((unitId) => city.current.unit(unitId ?? '')?.vehicleId ?? []);
    if (vehicleIds.length > 0) await days.refresh(new Set(vehicleIds));
    for (const [id, shift] of before) if (shift !== undefined && !now.has(id)) close(shift);
    for (const shift of now.values()) {
      const was = open.get(shift.shiftId);
      open.put(shift);
      if (was !== undefined && was.trip?.tripId !== shift.trip?.tripId) options.onTrip(shift);
    }
  }

  function close(shift: OpenShift): void {
    open.remove(shift.shiftId);
    options.onClosed(shift);
  }

  /** The shift as it is now; it may have changed while its turn came. */
  async function present({ shiftId }: OpenShift): Promise<OpenShift> {
    await refresh([shiftId]);
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

  async function take(staff: StaffRow, codeText: string): Promise<OpenShift> {
    const nowMs = clock.now();
    const code: Code = await codeOfText(db, city.current, codeText);
    const unit = city.current.unitAt(code, nowMs);
    if (unit === undefined) throw new Refusal('unknown-code');
    const row = { staffId: staff.staffId, unitId: unit.unitId, codeId: code.codeId, startedMs: nowMs };
    const { ended, shiftId } = await peers.tx('take-shift', async (tx, tell) => {
      // Two who take the same vehicle, here or elsewhere: the second ends what the first began.
      await lockInTx(tx, LOCKS.shifts);
      const before = await endShiftsOf(tx, row, nowMs);
      const id = await insertShift(tx, row);
      await tell({ kind: 'shifts', ids: [...before, id] });
      return { ended: before, shiftId: id };
    });
    await refresh([...ended, shiftId]);
    log.event(events.shiftTaken, { shift: shiftId, closed: ended.length });
    return open.get(shiftId) ?? { ...row, shiftId, trip: undefined };
  }

  async function startTrip(asked: OpenShift, dir: Dir): Promise<OpenShift> {
    const startedMs = clock.now();
    const shift = await present(asked);
    const unit = unitOf(shift);
    await ready(shift);
    const { line } = lineOf(unit, undefined);
    const run = await runOfTrip({ db, city: city.current, days, zone }, { unit, lineId: line, dir }, startedMs);
    const { shiftId } = shift;
    await peers.tx('start-trip', async (tx, tell) => {
      if (!(await lockOpenShift(tx, shiftId))) throw new Refusal('no-shift');
      await endTripOf(tx, shiftId, startedMs);
      await insertTrip(tx, { shiftId, runId: run.runId, dir, startedMs });
      await tell({ kind: 'shifts', ids: [shiftId] });
    });
    return present(shift);
  }

  async function end(asked: OpenShift): Promise<Summary> {
    const shift = await present(asked);
    const result = await summary(shift, shift.startedMs, undefined);
    await peers.tx('end-shift', async (tx, tell) => {
      if (!(await lockOpenShift(tx, shift.shiftId))) throw new Refusal('no-shift');
      await endShifts(tx, [shift.shiftId], result.endedMs);
      await tell({ kind: 'shifts', ids: [shift.shiftId] });
    });
    await refresh([shift.shiftId]);
    return result;
  }

  async function endTrip(asked: OpenShift): Promise<Summary> {
    const shift = await present(asked);
    const { trip } = shift;
    if (trip === undefined) throw new Refusal('conflict');
    const result = await summary(shift, trip.startedMs, trip.runId);
    await peers.tx('end-trip', async (tx, tell) => {
      if (!(await endTripOf(tx, shift.shiftId, result.endedMs))) throw new Refusal('conflict');
      await tell({ kind: 'shifts', ids: [shift.shiftId] });
    });
    await refresh([shift.shiftId]);
    return result;
  }

  return {
    ofUnit: (unitId) => open.ofUnit(unitId),
    get: (shiftId) => open.get(shiftId),
    all: () => open.all(),
    async find(shiftId) {
      if (open.get(shiftId) === undefined) await inTurn(() => refresh([shiftId]));
      return open.get(shiftId);
    },
    async findOfStaff(staffId) {
      const shiftId = await openShiftOfStaff(db, staffId);
      if (shiftId === undefined) return undefined;
      if (open.get(shiftId) === undefined) await inTurn(() => refresh([shiftId]));
      return open.get(shiftId);
    },
    sync: (shiftIds) => inTurn(() => refresh(shiftIds)),
    view,
    unitOf,
    ready,
    take: (staff, codeText) => inTurn(() => take(staff, codeText)),
    end: (shift) => inTurn(() => end(shift)),
    startTrip: (shift, dir) => inTurn(() => startTrip(shift, dir)),
    endTrip: (shift) => inTurn(() => endTrip(shift)),
  };
}
