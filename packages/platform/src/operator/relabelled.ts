// Rides keep the run they were answered with; where dispatch, positions or a correction said another one since, their heads
// count for the line of the run as now believed. Only the stretches that changed are looked at.
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { headsByMinute, relabelledStretches } from '../store/operator.ts';
import type { CodeSegment, Stretch } from '../store/operator.ts';

/** Heads that go from one line's hour to another's. '' is no line. */
export interface Move {
  readonly fromLine: string;
  readonly toLine: string;
  /** Hours since midnight. */
  readonly hour: number;
  readonly heads: number;
}

/** A city that measures every vehicle changes many a little; beyond this the answers at arrival are good enough. */
const maxVehicles = 5_000;
const minutesOfHour = 60;

/** Spans of a unit's code within the vehicle's stretches, in whole minutes. */
function spansOf({ codeId, fromMin, toMin }: CodeSegment, stretches: readonly Stretch[], startMs: number) {
  return stretches.flatMap(({ fromMs, toMs }) => {
    const from = Math.max(startMs + fromMin * MINUTE_MS, Math.floor(fromMs / MINUTE_MS) * MINUTE_MS);
    const to = Math.min(startMs + toMin * MINUTE_MS, toMs) - MINUTE_MS;
    return from <= to ? [{ codeId, fromMs: from, toMs: to }] : [];
  });
}

export async function movesOfDay(
  { db, city, days, zone }: Platform,
  day: { readonly startMs: number; readonly endMs: number },
  segments: readonly CodeSegment[],
): Promise<readonly Move[]> {
  const stretches = Map.groupBy(await relabelledStretches(db, day.startMs, day.endMs), ({ vehicleId }) => vehicleId);
  if (stretches.size === 0 || stretches.size > maxVehicles) return [];
  const { current } = city;
  const placed = segments.flatMap((segment) => {
    const unit = current.unit(segment.unitId);
    const changed = unit === undefined ? undefined : stretches.get(unit.vehicleId);
    return unit === undefined || changed === undefined ? [] : [{ segment, unit, changed }];
  });
  const spans = placed.flatMap(({ segment, changed }) => spansOf(segment, changed, day.startMs));
  if (spans.length === 0) return [];
  const rows = await headsByMinute(db, spans);
  const ofCode = Map.groupBy(placed, ({ segment }) => segment.codeId);
  const today = dayOf(day.startMs, zone);
  const keys = [...stretches.keys()].flatMap((vehicleId) => [today - 1, today].map((one) => ({ vehicleId, day: one })));
  return days.using(keys, () =>
    rows.flatMap(({ codeId, atMin, lineId, heads }) => {
      const at = ofCode.get(codeId)?.find(({ segment }) => atMin >= segment.fromMin && atMin < segment.toMin);
      if (at === undefined) return [];
      const usual = at.unit.usualLineId ?? '';
      const { run } = days.assign(at.unit.vehicleId, day.startMs + atMin * MINUTE_MS);
      const [fromLine, toLine] = [lineId ?? usual, run?.run.lineId ?? usual];
      return fromLine === toLine ? [] : [{ fromLine, toLine, hour: Math.floor(atMin / minutesOfHour), heads }];
    }),
  );
}
