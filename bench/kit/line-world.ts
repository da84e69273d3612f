// Lines, vehicles and runs of a great city, all of them computed from numbers: a world without an object a run.
import type { CallAt, RunTimes, Space, World } from '@tongche/tracing';

export const STOPS = 24;
export const UNITS_PER_LINE = 20;
/** Every so-many-th line is a metro: its trains have carriages, and every carriage is a unit. */
const METRO_EVERY = 10;
const CARRIAGES = 5;
const FIRST_RUN_S = 5 * 3_600;
const EVERY_S = 120 * 60;
const DRIVE_S = 105 * 60;
export const RUNS_A_DAY = 9;
export const DAY_S = 86_400;
export const STOP_S = DRIVE_S / (STOPS - 1);
const DWELL_MS = 20_000;
const LATITUDE_STEP = 0.004;

export const isMetro = (line: number): boolean => line % METRO_EVERY === METRO_EVERY - 1;
export const vehiclesOf = (line: number): number => (isMetro(line) ? UNITS_PER_LINE / CARRIAGES : UNITS_PER_LINE);
export const carriagesOf = (line: number): number => (isMetro(line) ? CARRIAGES : 1);

/** Vehicles of a line follow one another, every second one in the other direction. */
function directionOf(vehicle: number, run: number): 0 | 1 {
  return (vehicle + run) % 2 === 0 ? 0 : 1;
}

/** Number of the first departure of a line in a direction that passes a stop at a time of the day or later. */
export function departureAfter(line: number, dir: 0 | 1, stop: number, ofDayS: number): number {
  const vehicles = vehiclesOf(line);
  const headwayS = EVERY_S / vehicles;
  const last = RUNS_A_DAY * vehicles - 1;
  let number = Math.min(Math.max(Math.ceil((ofDayS - stop * STOP_S - FIRST_RUN_S) / headwayS), 0), last);
  while (number < last && directionOf(number % vehicles, Math.floor(number / vehicles)) !== dir) number += 1;
  return number;
}

export function departsS(line: number, number: number): number {
  return FIRST_RUN_S + (number * EVERY_S) / vehiclesOf(line);
}

/** A unit of the vehicle that makes a departure; `carriage` is taken as it comes where there is only one. */
export function unitOf(line: number, number: number, carriage: number): number {
  const carriages = carriagesOf(line);
  return line * UNITS_PER_LINE + (number % vehiclesOf(line)) * carriages + (carriage % carriages);
}

function vehicleOfLine(unit: number, line: number): number {
  return Math.floor((unit % UNITS_PER_LINE) / carriagesOf(line));
}

/** Which run a unit makes at a second of the day, and at which stop it was last. */
export function whereAt(unit: number, ofDayS: number): { readonly run: number; readonly stop: number } {
  const line = Math.floor(unit / UNITS_PER_LINE);
  const headwayS = EVERY_S / vehiclesOf(line);
  const sinceS = ofDayS - FIRST_RUN_S - vehicleOfLine(unit, line) * headwayS;
  const run = Math.min(Math.max(Math.floor(sinceS / EVERY_S), 0), RUNS_A_DAY - 1);
  const stop = Math.min(Math.max(Math.floor((sinceS - run * EVERY_S) / STOP_S), 0), STOPS - 1);
  return { run, stop };
}

export function vehicleKey(unit: number): string {
  const line = Math.floor(unit / UNITS_PER_LINE);
  return `v${line}-${vehicleOfLine(unit, line)}`;
}

function named(text: string) {
  return { zh: text, en: text };
}

const stopNames = Array.from({ length: STOPS }, (_, n) => named(`stop ${n + 1}`));

function runTimes(runKey: string, zeroMs: number): RunTimes | undefined {
  const found = /^(v(\d+)-(\d+)):(\d+):(\d+)$/.exec(runKey);
  if (found === null) return undefined;
  const [, vehicle = '', ...numbers] = found;
  const [line = 0, ofLine = 0, day = 0, run = 0] = numbers.map(Number);
  const dir = directionOf(ofLine, run);
  const startMs = zeroMs + (day * DAY_S + departsS(line, run * vehiclesOf(line) + ofLine)) * 1000;
  const stops = Array.from({ length: STOPS }, (_, seq): CallAt => {
    const stop = dir === 0 ? seq : STOPS - 1 - seq;
    const arrMs = startMs + Math.round(seq * STOP_S * 1000);
    return {
      seq,
      stopId: `s${line}-${stop}`,
      name: stopNames[stop] ?? named(''),
      lat: 22 + stop * LATITUDE_STEP,
      lon: 113 + line * LATITUDE_STEP,
      arrMs,
      depMs: arrMs + DWELL_MS,
      source: 'avl',
    };
  });
  return { runKey, vehicle, lineId: `l${line}`, dir, line: named(`${line}`), stops };
}

function space(unit: string): Space | undefined {
  if (!/^u\d+$/.test(unit)) return undefined;
  const number = Number(unit.slice(1));
  const metro = isMetro(Math.floor(number / UNITS_PER_LINE));
  return {
    unit,
    kind: metro ? 'carriage' : 'bus',
    vehicle: vehicleKey(number),
    carriageNo: metro ? (number % CARRIAGES) + 1 : null,
    label: named(unit),
    plate: null,
    capacity: metro ? 200 : 80,
    air: 'sealed',
    litresPerSecond: null,
  };
}

/** Timelines kept at hand; an installation has all of them there. */
const KEPT_RUNS = 20_000;

/** `zeroMs`: midnight of day 0, from which everything is counted. */
export function lineWorld(zeroMs: number): World {
  const kept = new Map<string, RunTimes | undefined>();
  return {
    run(runKey) {
      if (kept.has(runKey)) return kept.get(runKey);
      if (kept.size >= KEPT_RUNS) kept.clear();
      const made = runTimes(runKey, zeroMs);
      kept.set(runKey, made);
      return made;
    },
    space,
    unitsOf(vehicle) {
      const found = /^v(\d+)-(\d+)$/.exec(vehicle);
      const [line = 0, ofLine = 0] = (found ?? []).slice(1).map(Number);
      const carriages = carriagesOf(line);
      const first = line * UNITS_PER_LINE + ofLine * carriages;
      return Array.from({ length: carriages }, (_, n) => `u${first + n}`);
    },
  };
}
