// The demo city reads back as it was written, moves like a city, and is the same for the same seed.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { firstDepartureMs, lastArrivalMs, parsePlate, serviceStartMs } from '@tongche/network';
import type { CityData, Run } from '@tongche/network';
import { cityOf, readCity, readGtfs } from '@tongche/network/import';
import { decodeCode, parseShortCode } from '@tongche/protocol';
import { DEMO_CITY_ZONE, makeDemoCity, writeDemoCity } from './index.ts';
import { LINES } from './lines.ts';

const SEED = 7;
/** Friday 20 November 2026, the Saturday after it, and 29 February 2024. */
const FRIDAY = 20_777;
const SATURDAY = FRIDAY + 1;
const LEAP_DAY = 19_782;

describe('demo city', () => {
  const demo = makeDemoCity({ seed: SEED });
  let folder = '';
  let city: CityData;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'haijing-'));
    const read = await readCity(await writeDemoCity(folder, { seed: SEED }));
    assert.ok(read.ok);
    assert.deepEqual(read.value.errors, []);
    assert.equal(read.value.errorCount, 0);
    city = read.value.city;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('reads back equal to what was made', async () => {
    const gtfs = await readGtfs(demo.files['gtfs.zip']);
    assert.ok(gtfs.ok);
    assert.deepEqual(gtfs.value.feed, demo.parts.feed);
    assert.deepEqual(city.units, demo.parts.units);
    assert.deepEqual(city.codes, demo.parts.codes);
    const made = cityOf(demo.parts);
    for (const day of [FRIDAY, SATURDAY, LEAP_DAY]) assert.deepEqual(city.runs(day), made.runs(day));
  });

  it('is the same for the same seed and another for another', () => {
    const again = makeDemoCity({ seed: SEED });
    assert.deepEqual(again.files, demo.files);
    const other = makeDemoCity({ seed: SEED + 1 });
    const codes = new Set(demo.parts.codes.map(({ code8 }) => code8));
    assert.ok(other.parts.codes.every(({ code8 }) => !codes.has(code8)));
    assert.notDeepEqual(other.files['gtfs.zip'], demo.files['gtfs.zip']);
  });

  it('has the promised lines, both ways, with names in both languages', () => {
    const count = (mode: string): number => city.lines.filter((line) => line.mode === mode).length;
    assert.deepEqual(['bus', 'metro', 'ferry', 'coach', 'taxi'].map(count), [8, 2, 1, 1, 1]);
    for (const plan of LINES) {
      const ways = city.directions.filter(({ lineId }) => lineId === plan.id);
      assert.equal(ways.length, 2);
      const [out, back] = ways.sort((a, b) => a.dir - b.dir);
      assert.deepEqual(back?.stops, out?.stops.toReversed());
      assert.equal(new Set(out?.stops).size, plan.stops.length);
      if (plan.mode === 'bus') assert.ok(plan.stops.length >= 12 && plan.stops.length <= 24, plan.id);
    }
    const named = [...city.lines.map(({ name }) => name), ...city.stops.map(({ name }) => name)];
    for (const { zh, en } of [...named, ...city.directions.map(({ headsign }) => headsign)]) {
      assert.match(zh, /\p{Script=Han}/u);
      assert.match(en, /^[ -~]+$/);
    }
  });

  it('gives every unit a readable plate where it has one, and codes that protocol accepts', () => {
    for (const { plate, kind, unitId } of city.units) {
      const plated = kind === 'bus' || kind === 'coach' || kind === 'taxi';
      assert.equal(plate !== undefined, plated, unitId);
      if (plate === undefined) continue;
      const parsed = parsePlate(plate);
      assert.ok(parsed.ok && parsed.value.text === plate, plate);
    }
    const trains = Map.groupBy(
      city.units.filter(({ kind }) => kind === 'carriage'),
      ({ vehicleId }) => vehicleId,
    );
    for (const carriages of trains.values())
      assert.deepEqual(
        carriages.map((unit) => unit.carriageNo),
        [1, 2, 3, 4, 5, 6],
      );
    for (const { code8, shortCode } of city.codes) {
      assert.ok(decodeCode(code8).ok);
      const parsed = parseShortCode(shortCode);
      assert.ok(parsed.ok && parsed.value === shortCode);
    }
    const riders = city.codes.filter(({ purpose }) => purpose === 'passenger').map(({ unitId }) => unitId);
    assert.deepEqual(
      riders,
      city.units.map(({ unitId }) => unitId),
    );
    assert.equal(city.units.filter(({ kind }) => kind === 'taxi').length, 12);
  });

  it('keeps every vehicle in one place at a time, on any day and from one day to the next', () => {
    const vehicles = new Set(city.units.map(({ vehicleId }) => vehicleId));
    const runs = [FRIDAY, SATURDAY].flatMap((day) => city.runs(day));
    for (const [vehicleId, own] of Map.groupBy(runs, (run) => run.vehicleId)) {
      assert.ok(vehicles.has(vehicleId), vehicleId);
      own.sort((a, b) => firstDepartureMs(a) - firstDepartureMs(b));
      for (const [index, run] of own.entries()) {
        const next = own[index + 1];
        if (next === undefined) continue;
        assert.ok(lastArrivalMs(run) < firstDepartureMs(next), `${run.runKey} ${next.runKey}`);
        // Within a day a vehicle leaves from where it came to rest.
        if (next.day === run.day) assert.equal(next.stops[0]?.stopId, run.stops.at(-1)?.stopId);
      }
    }
  });

  it('never sleeps: every bus and metro line has a run under way at any half hour', () => {
    const lines = LINES.filter(({ mode }) => mode === 'bus' || mode === 'metro');
    const runs = [FRIDAY, SATURDAY].flatMap((day) => city.runs(day));
    const startMs = serviceStartMs(SATURDAY, DEMO_CITY_ZONE);
    for (const { id } of lines) {
      const own = runs.filter(({ lineId }) => lineId === id);
      for (let half = 0; half < 48; half += 1) {
        const ms = startMs + half * 1_800_000;
        assert.ok(
          own.some((run) => firstDepartureMs(run) <= ms && ms < lastArrivalMs(run)),
          `${id} stands still at half hour ${half}`,
        );
      }
    }
  });

  it('runs on any calendar date, all lines, until past midnight', () => {
    for (const day of [FRIDAY, SATURDAY, LEAP_DAY]) {
      const runs = city.runs(day);
      assert.deepEqual(new Set(runs.map(({ lineId }) => lineId)), new Set(LINES.map(({ id }) => id)));
      const startMs = serviceStartMs(day, DEMO_CITY_ZONE);
      const hour = (ms: number): number => (ms - startMs) / 3_600_000;
      const hours = (pick: (run: Run) => number): readonly number[] => runs.map((run) => hour(pick(run)));
      assert.ok(Math.min(...hours(firstDepartureMs)) >= 0);
      assert.ok(Math.max(...hours(firstDepartureMs)) > 25);
      assert.ok(Math.max(...hours(lastArrivalMs)) < 28);
      assert.equal(new Set(runs.map(({ runKey }) => runKey)).size, runs.length);
      for (const { stops } of runs) {
        const flat = stops.flatMap(({ arrMs, depMs }) => [arrMs, depMs]);
        assert.deepEqual(
          flat.toSorted((a, b) => a - b),
          flat,
        );
      }
    }
  });
});
