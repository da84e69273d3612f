// Hundreds of millions of presences in typed arrays: riders who travel as people do, found by unit and time and by person.
// The same every time.
import type { Presence, PresenceSource, StopEvidence } from '@tongche/tracing';
import {
  DAY_S,
  departsS,
  departureAfter,
  STOP_S,
  STOPS,
  unitOf,
  UNITS_PER_LINE,
  vehicleKey,
  whereAt,
} from './line-world.ts';

export const DAYS = 14;
/** Registrations of a unit in all days. */
const PER_UNIT = 2_000;
const COMMUTERS = 0.5;
const [WORKDAY_SHARE, ERRANDS_A_DAY, OTHERS_A_DAY] = [0.88, 0.12, 0.9];
const HABITUAL_CARRIAGE = 0.7;
/** Shares of rides whose rider was seen to get off, or whose phone knew where from the next ride. */
const [OBSERVED, CHAINED] = [0.1, 0.55];
const [ALIGHT_MASK, OBSERVED_BIT, CHAINED_BIT] = [31, 32, 64];
const MAX_LAG_S = 60;
/** Places within a unit's slice, so that one number holds a time and a place. */
const PLACES = 2 ** 20;

type Emit = (unit: number, second: number, evidence: number, person: number) => void;

/** Numbers from 0 to 1 that depend on nothing but what they are asked for. */
export function chance(a: number, b: number, c: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35) ^ Math.imul(c + 1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

interface Trip {
  readonly line: number;
  /** Stops by their place along the line. */
  readonly from: number;
  readonly to: number;
  readonly ofDayS: number;
}

function board(person: number, day: number, salt: number, { line, from, to, ofDayS }: Trip, emit: Emit): void {
  const dir = from < to ? 0 : 1;
  const [boards, alights] = dir === 0 ? [from, to] : [STOPS - 1 - from, STOPS - 1 - to];
  const number = departureAfter(line, dir, boards, ofDayS);
  const lag = chance(person, day, salt + 1) ** 2 * MAX_LAG_S;
  const second = day * DAY_S + departsS(line, number) + boards * STOP_S + lag;
  const isUsual = chance(person, day, salt + 2) < HABITUAL_CARRIAGE;
  const carriage = Math.floor(chance(person, isUsual ? 0 : day, isUsual ? 3 : salt + 3) * 5);
  const known = chance(person, day, salt + 4);
  const basis = known < OBSERVED ? OBSERVED_BIT : known < OBSERVED + CHAINED ? CHAINED_BIT : 0;
  emit(unitOf(line, number, carriage), Math.floor(second), alights | basis, person);
}

/** Two different stops of a line. */
function stopsOf(person: number, a: number, b: number): readonly [number, number] {
  const from = Math.floor(chance(person, a, b) * STOPS);
  return [from, (from + 1 + Math.floor(chance(person, a, b + 1) * (STOPS - 1))) % STOPS];
}

function errand(person: number, day: number, lines: number, own: number, emit: Emit): void {
  const [from, to] = stopsOf(person, day, 40);
  const line = chance(person, day, 42) < 0.5 ? own : Math.floor(chance(person, day, 43) * lines);
  board(person, day, 50, { line, from, to, ofDayS: (6 + chance(person, day, 44) * 15) * 3_600 }, emit);
}

/** All rides of one person: to work and back by the usual line at the usual time, and errands. */
function travel(person: number, lines: number, emit: Emit): void {
  const own = Math.floor(chance(person, 0, 10) * lines);
  const isCommuter = chance(person, 0, 11) < COMMUTERS;
  const [home, work] = stopsOf(person, 0, 12);
  const outS = (6 + (chance(person, 0, 14) + chance(person, 0, 15)) * 2) * 3_600;
  const backS = (16.5 + (chance(person, 0, 16) + chance(person, 0, 17)) * 2) * 3_600;
  for (let day = 0; day < DAYS; day += 1) {
    const isWorkday = day % 7 < 5;
    if (isCommuter && isWorkday && chance(person, day, 20) < WORKDAY_SHARE) {
      const jitterS = (chance(person, day, 21) - 0.5) * 960;
      board(person, day, 60, { line: own, from: home, to: work, ofDayS: outS + jitterS }, emit);
      board(person, day, 70, { line: own, from: work, to: home, ofDayS: backS - jitterS }, emit);
    }
    if (chance(person, day, 30) < (isCommuter ? ERRANDS_A_DAY : OTHERS_A_DAY)) errand(person, day, lines, own, emit);
  }
}

export interface Columns {
  readonly count: number;
  readonly persons: number;
  readonly units: number;
  /** Of the presences in the order of units and, within one, of time. */
  readonly person: Uint32Array;
  /** Since midnight of day 0. */
  readonly second: Uint32Array;
  /** Stop where the rider got off, and how that is known. */
  readonly evidence: Uint8Array;
  readonly unitStart: Uint32Array;
  /** Places of each person's presences. */
  readonly byPerson: Uint32Array;
  readonly personStart: Uint32Array;
}

function sums(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let n = 0; n < counts.length; n += 1) starts[n + 1] = (starts[n] ?? 0) + (counts[n] ?? 0);
  return starts;
}

/** Brings a unit's presences into the order of time. */
function sortUnit(columns: Pick<Columns, 'person' | 'second' | 'evidence'>, from: number, to: number): void {
  const person = columns.person.slice(from, to);
  const evidence = columns.evidence.slice(from, to);
  const keys = new Float64Array(to - from);
  for (let n = 0; n < keys.length; n += 1) keys[n] = (columns.second[from + n] ?? 0) * PLACES + n;
  keys.sort();
  for (let n = 0; n < keys.length; n += 1) {
    const key = keys[n] ?? 0;
    const place = key % PLACES;
    columns.second[from + n] = (key - place) / PLACES;
    columns.person[from + n] = person[place] ?? 0;
    columns.evidence[from + n] = evidence[place] ?? 0;
  }
}

/** Counts until there are enough presences: how many each unit has, and each person. */
function countRides(presences: number, units: number) {
  const lines = units / UNITS_PER_LINE;
  const ofUnit = new Uint32Array(units);
  const ofPerson: number[] = [];
  let count = 0;
  let own = 0;
  const counting: Emit = (unit) => {
    ofUnit[unit] = (ofUnit[unit] ?? 0) + 1;
    own += 1;
  };
  for (let person = 0; count < presences; person += 1) {
    own = 0;
    travel(person, lines, counting);
    ofPerson.push(own);
    count += own;
  }
  return { count, unitStart: sums(ofUnit), personStart: sums(Uint32Array.from(ofPerson)) };
}

/** At least so many presences, spread over vehicles as thinly as over a great city's. */
export function makeColumns(presences: number): Columns {
  const units = Math.max(1, Math.round(presences / PER_UNIT / UNITS_PER_LINE)) * UNITS_PER_LINE;
  const { count, unitStart, personStart } = countRides(presences, units);
  const persons = personStart.length - 1;
  const made = { person: new Uint32Array(count), second: new Uint32Array(count), evidence: new Uint8Array(count) };
  const next = unitStart.slice();
  const placing: Emit = (unit, second, evidence, person) => {
    const at = next[unit] ?? 0;
    next[unit] = at + 1;
    made.person[at] = person;
    made.second[at] = second;
    made.evidence[at] = evidence;
  };
  for (let person = 0; person < persons; person += 1) travel(person, units / UNITS_PER_LINE, placing);
  for (let unit = 0; unit < units; unit += 1) sortUnit(made, unitStart[unit] ?? 0, unitStart[unit + 1] ?? 0);
  const byPerson = new Uint32Array(count);
  const nextOf = personStart.slice();
  for (let at = 0; at < count; at += 1) {
    const person = made.person[at] ?? 0;
    const place = nextOf[person] ?? 0;
    nextOf[person] = place + 1;
    byPerson[place] = at;
  }
  return { count, persons, units, ...made, unitStart, byPerson, personStart };
}

/** Index of the first entry in [from, to) that is not below `value`. */
function firstFrom(values: Uint32Array, value: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function evidenceOf(bits: number, stop: number, walkM: number): readonly StopEvidence[] {
  const alight = bits & ALIGHT_MASK;
  if ((bits & OBSERVED_BIT) !== 0) {
    return [{ basis: 'observed', boardLo: stop, boardHi: stop, alightLo: alight, alightHi: alight }];
  }
  if ((bits & CHAINED_BIT) === 0) return [];
  const [alightLo, alightHi] = [Math.max(stop + 1, alight - 1), Math.min(STOPS - 1, alight + 1)];
  return [{ basis: 'chained', boardLo: Math.max(0, stop - 1), boardHi: stop, alightLo, alightHi, best: alight, walkM }];
}

export interface CountingSource extends PresenceSource {
  /** Presences handed out so far. */
  looked(): number;
}

export function sourceOf(columns: Columns, zeroMs: number): CountingSource {
  const { person, second, evidence, unitStart, byPerson, personStart } = columns;
  let looked = 0;
  const secondsOf = (ms: number): number => Math.max(0, Math.ceil((ms - zeroMs) / 1000));

  // Neighbours are on one run.
  let last = { unit: -1, day: -1, run: -1, key: '' };
  function runKeyOf(unit: number, day: number, run: number): string {
    if (last.unit !== unit || last.day !== day || last.run !== run) {
      last = { unit, day, run, key: `${vehicleKey(unit)}:${day}:${run}` };
    }
    return last.key;
  }

  function presenceAt(at: number, unit: number, key: string): Presence {
    looked += 1;
    const secondHere = second[at] ?? 0;
    const day = Math.floor(secondHere / DAY_S);
    const { run, stop } = whereAt(unit, secondHere - day * DAY_S);
    return {
      id: String(at),
      person: String(person[at] ?? 0),
      unit: key,
      runKey: runKeyOf(unit, day, run),
      via: 'scan',
      boardedMs: zeroMs + secondHere * 1000,
      boardSeq: null,
      goneMs: null,
      evidence: evidenceOf(evidence[at] ?? 0, stop, at % 400),
      row: null,
      party: 0,
      staff: false,
      doubtful: false,
    };
  }

  function unitAt(at: number): number {
    return firstFrom(unitStart, at + 1, 0, unitStart.length) - 1;
  }

  return {
    looked: () => looked,
    on(unit, fromMs, toMs) {
      const number = Number(unit.slice(1));
      const [start, end] = [unitStart[number] ?? 0, unitStart[number + 1] ?? 0];
      const from = firstFrom(second, secondsOf(fromMs), start, end);
      const to = firstFrom(second, secondsOf(toMs), from, end);
      return Array.from({ length: to - from }, (_, n) => presenceAt(from + n, number, unit));
    },
    of(key, fromMs, toMs) {
      const number = Number(key);
      const found: Presence[] = [];
      for (let n = personStart[number] ?? 0; n < (personStart[number + 1] ?? 0); n += 1) {
        const at = byPerson[n] ?? 0;
        const ms = zeroMs + (second[at] ?? 0) * 1000;
        if (ms < fromMs || ms >= toMs) continue;
        const unit = unitAt(at);
        found.push(presenceAt(at, unit, `u${unit}`));
      }
      return found;
    },
  };
}
