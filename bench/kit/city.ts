// A city to measure with: buses on lines, each with one code and its runs all day.
import { createHash } from 'node:crypto';
import type { CityData, Run } from '@tongche/network';
import { dayStartMs, makeShortCode, MINUTE_MS } from '@tongche/protocol';

const stopsPerLine = 24;
const busesPerLine = 20;
const firstRunHour = 5;
const runsADay = 9;
const runMinutes = 120;
/** A run takes this long; the rest is the pause at the end of the line. */
const drivenMinutes = 105;

export interface BenchCity {
  readonly city: CityData;
  /** Passenger codes, base64url. */
  readonly codes: readonly string[];
}

function named(text: string) {
  return { zh: text, en: text };
}

function codeOf(bus: number): string {
  return createHash('sha256').update(`code ${bus}`).digest().subarray(0, 8).toString('base64url');
}

function runsOf(day: number, buses: number, zone: string): Run[] {
  const midnight = dayStartMs(day, zone);
  const runs: Run[] = [];
  for (let bus = 0; bus < buses; bus += 1) {
    const line = Math.floor(bus / busesPerLine);
    for (let n = 0; n < runsADay; n += 1) {
      const departs = midnight + (firstRunHour * 60 + n * runMinutes + (bus % busesPerLine)) * MINUTE_MS;
      const dir = n % 2 === 0 ? 0 : 1;
      const stops = Array.from({ length: stopsPerLine }, (_, seq) => {
        const atMs = departs + Math.floor((seq * drivenMinutes) / (stopsPerLine - 1)) * MINUTE_MS;
        return { seq, stopId: `s${line}-${dir === 0 ? seq : stopsPerLine - 1 - seq}`, arrMs: atMs, depMs: atMs };
      });
      runs.push({ runKey: `${day}:${bus}:${n}`, lineId: `l${line}`, dir, day, vehicleId: `bus-${bus}`, stops });
    }
  }
  return runs;
}

export function benchCity(buses: number, zone: string): BenchCity {
  const lines = Array.from({ length: Math.ceil(buses / busesPerLine) }, (_, n) => n);
  const stopsOf = (line: number) => Array.from({ length: stopsPerLine }, (_, n) => `s${line}-${n}`);
  const codes = Array.from({ length: buses }, (_, bus) => codeOf(bus));
  const city: CityData = {
    zone,
    lines: lines.map((n) => ({
      id: `l${n}`,
      name: named(`${n + 1}路`),
      shortName: `${n + 1}`,
      mode: 'bus',
      colour: '#0b57d0',
    })),
    directions: lines.flatMap((n) => [
      { lineId: `l${n}`, dir: 0 as const, headsign: named('东站'), stops: stopsOf(n) },
      { lineId: `l${n}`, dir: 1 as const, headsign: named('西站'), stops: stopsOf(n).toReversed() },
    ]),
    stops: lines.flatMap((n) =>
      stopsOf(n).map((id, at) => ({ id, name: named(`第${at + 1}站`), lat: 30 + n / 1000, lon: 114 + at / 1000 })),
    ),
    units: codes.map((_, bus) => ({
      unitId: `bus-${bus}`,
      kind: 'bus',
      plate: `粤B·${String(10_000 + bus)}D`,
      label: named(`${bus + 1}号车`),
      vehicleId: `bus-${bus}`,
      usualLineId: `l${Math.floor(bus / busesPerLine)}`,
      capacity: 80,
    })),
    codes: codes.map((code8, bus) => ({
      code8,
      shortCode: makeShortCode(bus + 1),
      unitId: `bus-${bus}`,
      purpose: 'passenger',
    })),
    runs: (day) => runsOf(day, buses, zone),
  };
  return { city, codes };
}

/** A zone where it is about noon: the timetable runs, and neither midnight nor the nightly roll falls into a run. */
export function noonZone(nowMs: number): string {
  const hoursAhead = 12 - new Date(nowMs).getUTCHours();
  // The sign of these names is the other way round (POSIX).
  return hoursAhead === 0 ? 'Etc/GMT' : `Etc/GMT${hoursAhead > 0 ? '-' : '+'}${Math.abs(hoursAhead)}`;
}
