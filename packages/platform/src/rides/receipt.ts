// What a phone is told: unit, line, the run's stops around the boarding stop, number and check. Vehicle data only. All
// riders of a run hear the same stops, so receipts are written as JSON text with the run's and the unit's part kept.
import { MAX_RUN_STOPS } from '@tongche/contract';
import type { CodeView, LineView, UnitView } from '@tongche/contract';
import type { Dir, Name, Run, Stop, Unit } from '@tongche/network';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Static } from 'typebox';
import type { City, Code } from '../city/city.ts';
import type { CityUnit } from '../store/city.ts';
import type { Assigned } from './assign.ts';
import type { WrittenRide } from './writer.ts';
import { shownFlags } from './flags.ts';

/** Stops shown before the likely boarding stop: the vehicle may be late, the guess off. */
const stopsBefore = 10;
/** Runs under way at once in a city of 10,000 vehicles; about 5 KB each. */
const maxRunTexts = 12_000;
/** Of a degree: six metres at most off. */
const POSITION_STEPS = 10_000;

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

/** Nothing but what the contract names, in its order, whatever else the object holds. */
function nameText({ zh, en }: Name): string {
  return JSON.stringify({ zh, en });
}

function lineText(city: City, lineId: string | undefined, dir?: Dir): string {
  const line = lineView(city, lineId, dir);
  if (line === null) return 'null';
  const headsign = line.headsign === null ? 'null' : nameText(line.headsign);
  return `{"id":${JSON.stringify(line.id)},"name":${nameText(line.name)},"headsign":${headsign}}`;
}

function unitText(unit: CityUnit, code: Code): string {
  const { kind, plate, label, shortCode } = unitView(unit, code);
  const parts = [`"kind":"${kind}"`, `"plate":${JSON.stringify(plate)}`, `"label":${nameText(label)}`];
  return `{${parts.join(',')},"shortCode":${JSON.stringify(shortCode)}}`;
}

/** Ten-thousandths of a degree; nothing where a list has no position, which feeds write as a zero each. */
function atText({ lat, lon }: Partial<Pick<Stop, 'lat' | 'lon'>> = {}): string {
  if (lat === undefined || lon === undefined || (lat === 0 && lon === 0)) return '';
  return `,"at":[${Math.round(lat * POSITION_STEPS)},${Math.round(lon * POSITION_STEPS)}]`;
}

function stopsText(city: City, run: Run, from: number, dayMs: number): string {
  const minute = (ms: number): number => Math.floor((ms - dayMs) / MINUTE_MS);
  const stops = run.stops
    .slice(from, from + MAX_RUN_STOPS)
    .map(
      ({ seq, stopId, arrMs, depMs }) =>
        `{"seq":${seq},"name":${nameText(city.stopName(stopId))},"arr":${minute(arrMs)},"dep":${minute(depMs)}${atText(city.stop(stopId))}}`,
    );
  return `[${stops.join(',')}]`;
}

interface RunText {
  readonly city: City;
  /** First stop shown. */
  readonly from: number;
  readonly dayMs: number;
  /** The line, and the run up to the likely boarding stop. */
  readonly before: string;
  /** The run after it. */
  readonly after: string;
}

interface UnitText {
  readonly unit: CityUnit;
  readonly text: string;
}

export interface Receipts {
  /**
   * JSON of a RideReceipt in UTF-8, as text of one character a byte. `assigned` is what is known now: a retry hears of
   * corrections made meanwhile.
   */
  latin1(city: City, written: WrittenRide, assigned: Assigned, nowMs: number): string;
}

/** UTF-8 as text of one character a byte: kept once, joined for every answer and written to the socket as it is. */
function utf8Latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function flagsText(flags: number): string {
  const words = shownFlags(flags);
  return words.length === 0 ? '[]' : JSON.stringify(words);
}

export function receipts(zone: string): Receipts {
  // A run that changes is another object, and so is the city after an import: what is kept of the old is not found again.
  const ofRun = new Map<Run, RunText>();
  const ofCode = new WeakMap<Code, UnitText>();

  function runText(city: City, run: Run, boardSeq: number, dayMs: number): RunText {
    const from = Math.max(0, Math.min(boardSeq - stopsBefore, run.stops.length - MAX_RUN_STOPS));
    const kept = ofRun.get(run);
    if (kept?.city === city && kept.from === from && kept.dayMs === dayMs) return kept;
    const before = `"line":${lineText(city, run.lineId, run.dir)},"run":{"key":${JSON.stringify(run.runKey)},"boardSeq":`;
    const after = `,"stops":${stopsText(city, run, from, dayMs)}}`;
    const made = { city, from, dayMs, before: utf8Latin1(before), after: utf8Latin1(after) };
    ofRun.delete(run);
    ofRun.set(run, made);
    for (const oldest of ofRun.keys()) {
      if (ofRun.size <= maxRunTexts) break;
      ofRun.delete(oldest);
    }
    return made;
  }

  function keptUnitText(unit: CityUnit, code: Code): string {
    const kept = ofCode.get(code);
    if (kept?.unit === unit) return kept.text;
    const text = utf8Latin1(unitText(unit, code));
    ofCode.set(code, { unit, text });
    return text;
  }

  /** `"line":…,"run":…` */
  function placeText(
    city: City,
    { job: { unit, record } }: WrittenRide,
    { run: found, boardSeq = 0, basis }: Assigned,
  ): string {
    if (found === undefined) {
      const line = lineText(city, basis === 'usual' ? unit.usualLineId : undefined);
      return utf8Latin1(`"line":${line},"run":null`);
    }
    const { before, after } = runText(city, found.run, boardSeq, dayStartMs(record.day, zone));
    return before + boardSeq + after;
  }

  return {
    latin1(city, written, assigned, nowMs) {
      const { job, row } = written;
      const { check, unit, code, boardedMs } = job;
      return (
        `{"nowMs":${nowMs},"boardedMs":${boardedMs},"unit":${keptUnitText(unit, code)},` +
        `${placeText(city, written, assigned)},"no":${row.no},"check":{"text":"${check.text}",` +
        `"colour":"${check.colour}"},"flags":${flagsText(row.flags)},"basis":"${assigned.basis}"}`
      );
    },
  };
}
