// What a phone is told: unit, line, the run's stops around the boarding stop, number and check. Vehicle data only.
import { MAX_RUN_STOPS } from '@tongche/contract';
import type { CodeView, LineView, RideReceipt, UnitView } from '@tongche/contract';
import type { Dir, Run, Unit } from '@tongche/network';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { checkSync } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import type { City, Code } from '../city/city.ts';
import type { Assigned } from './assign.ts';
import type { WrittenRide } from './writer.ts';
import { shownFlags } from './flags.ts';

/** Stops shown before the likely boarding stop: the vehicle may be late, the guess off. */
const stopsBefore = 10;

export function unitView(unit: Unit, code: Pick<Code, 'shortCode'>): Static<typeof UnitView> {
  return { kind: unit.kind, plate: unit.plate ?? null, label: unit.label, shortCode: code.shortCode };
}

export function lineView(city: City, lineId: string | undefined, dir?: Dir): Static<typeof LineView> | null {
  const line = lineId === undefined ? undefined : city.line(lineId);
  if (line === undefined) return null;
  const direction = city.directionsOf(line.id).find((one) => one.dir === dir);
  return { id: line.id, name: line.name, headsign: direction?.headsign ?? null };
}

export function codeView(city: City, code: Code, unit: Unit): CodeView {
  return { code: code.code8, unit: unitView(unit, code), line: lineView(city, unit.usualLineId) };
}

function runView(city: City, run: Run, boardSeq: number, dayMs: number): NonNullable<RideReceipt['run']> {
  const from = Math.max(0, Math.min(boardSeq - stopsBefore, run.stops.length - MAX_RUN_STOPS));
  const minute = (ms: number): number => Math.floor((ms - dayMs) / MINUTE_MS);
  const stops = run.stops.slice(from, from + MAX_RUN_STOPS).map(({ seq, stopId, arrMs, depMs }) => ({
    seq,
    name: city.stopName(stopId),
    arr: minute(arrMs),
    dep: minute(depMs),
  }));
  return { key: run.runKey, boardSeq, stops };
}

/** `assigned` is what is known now: a retry hears of corrections made meanwhile. */
export function receipt(
  city: City,
  zone: string,
  { job, row }: WrittenRide,
  { run: found, boardSeq, basis }: Assigned,
  nowMs: number,
): RideReceipt {
  const run = found?.run;
  const { record, unit, code, boardedMs } = job;
  return {
    nowMs,
    boardedMs,
    unit: unitView(unit, code),
    line:
      run === undefined
        ? lineView(city, basis === 'usual' ? unit.usualLineId : undefined)
        : lineView(city, run.lineId, run.dir),
    run: run === undefined ? null : runView(city, run, boardSeq ?? 0, dayStartMs(record.day, zone)),
    no: row.no,
    check: checkSync({ tag: record.tag, code: record.code, day: record.day, minute: record.w.minute }),
    flags: shownFlags(row.flags),
    basis,
  };
}
