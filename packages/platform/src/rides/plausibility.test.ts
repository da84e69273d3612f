// Each reason for doubt on both sides of its limit; and what no reason may ever do: grow with rides elsewhere, or judge two
// rides of one minute differently.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wayAlong } from '@tongche/network';
import type { Point, Run, Unit } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import { parseConfig } from '@tongche/runtime';
import * as fc from 'fast-check';
import { Config, plausibilityLimits } from '../config.ts';
import type { RunRow } from '../store/runs.ts';
import type { Assigned, DaySources } from './assign.ts';
import { aboardAtLeast, isFarAway, isOutOfService, loadLimit, minuteLimit } from './plausibility.ts';
import type { Fix } from './plausibility.ts';

/** The limits every city has that sets none. */
const usual = parseConfig(Config.properties.plausibility, {}, 'what a city has that sets nothing');
const limits = plausibilityLimits({ plausibility: usual });

const base = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE_MS);
const at = (min: number): number => base + min * MINUTE_MS;
const bus: Unit = { unitId: 'u', kind: 'bus', label: { zh: '', en: '' }, vehicleId: 'v', capacity: 80 };

function row(runId: number, runKey: string, fromMin: number): RunRow {
  const stops = [0, 30].map((min, seq) => ({
    seq,
    stopId: `s${seq}`,
    arrMs: at(fromMin + min),
    depMs: at(fromMin + min),
  }));
  const run: Run = { runKey, lineId: 'L', dir: 0, day: 1, vehicleId: 'v', stops };
  return { runId, run, dispatched: false };
}
function day(known: Partial<DaySources> = {}): DaySources {
  const none = { trips: [], segments: [], corrections: [], claims: [], measured: new Map<number, Run>() };
  return { runs: [], named: [], ...none, idle: false, ...known };
}
const nothing: Assigned = { run: undefined, boardSeq: undefined, basis: 'usual' };

test('out of service: an hour from any run the timetable knows of, or by the operator’s word', () => {
  const timetabled = day({ runs: [row(1, 'a', 0)] });
  const tripOnly = day({ runs: [row(1, 'trip:v:1', 0)] });
  const inService: Assigned = { run: row(1, 'a', 0), boardSeq: 0, basis: 'schedule' };
  const table: readonly [string, boolean, Parameters<typeof isOutOfService>][] = [
    ['an hour after its last arrival', false, [bus, [undefined, timetabled], nothing, at(90), limits]],
    ['a minute later', true, [bus, [undefined, timetabled], nothing, at(91), limits]],
    ['an hour before its first departure', false, [bus, [undefined, timetabled], nothing, at(-60), limits]],
    ['a minute earlier', true, [bus, [undefined, timetabled], nothing, at(-61), limits]],
    [
      'far from its own, near one it is said to have made',
      false,
      [bus, [undefined, day({ runs: [row(1, 'a', 0)], named: [row(2, 'b', 300)] })], nothing, at(290), limits],
    ],
    ['a run was found', false, [bus, [undefined, timetabled], inService, at(91), limits]],
    ['a station has no service', false, [{ kind: 'station' }, [undefined, timetabled], nothing, at(91), limits]],
    ['only drivers say what it does, and forget to', false, [bus, [undefined, tripOnly], nothing, at(600), limits]],
    ['nothing is known of the day', false, [bus, [undefined, day()], nothing, at(91), limits]],
    [
      'yesterday’s timetable alone says nothing of today',
      false,
      [bus, [timetabled, day()], nothing, at(1_400), limits],
    ],
    ['it rests while others run', true, [bus, [timetabled, day({ idle: true })], nothing, at(1_400), limits]],
    [
      'it rests, and a driver took it out after all',
      false,
      [bus, [timetabled, day({ idle: true, runs: [row(3, 'trip:v:1', 1_390)] })], nothing, at(1_400), limits],
    ],
    ['corrected to no run', true, [bus, [undefined, day()], { ...nothing, basis: 'corrected' }, at(10), limits]],
    [
      'the night’s last run began yesterday',
      false,
      [bus, [timetabled, day({ runs: [row(9, 'z', 900)] })], nothing, at(80), limits],
    ],
  ];
  for (const [name, expected, asked] of table) assert.equal(isOutOfService(...asked), expected, name);
});

test('too many in one minute: what doors let in, and never more than the unit carries', () => {
  const kinds: readonly [string, Pick<Unit, 'kind' | 'capacity'>, number][] = [
    ['a bus of 80: its doors', bus, 120],
    ['an articulated one: its doors', { ...bus, capacity: 180 }, 120],
    ['a small bus: what it carries', { ...bus, capacity: 19 }, 38],
    ['a carriage', { kind: 'carriage', capacity: 250 }, 300],
    ['a taxi and its party', { kind: 'taxi', capacity: 4 }, 8],
    ['a coach', { kind: 'coach', capacity: 49 }, 60],
    ['a ferry', { kind: 'ferry', capacity: 300 }, 300],
    ['a station: its gates, whatever the list says it holds', { kind: 'station', capacity: 10 }, 1_500],
  ];
  for (const [name, unit, most] of kinds) assert.equal(minuteLimit(unit, limits), most, name);
  // At a terminus forty board a bus of eighty in a minute; two hundred never do.
  assert.ok(minuteLimit(bus, limits) > 40 && minuteLimit(bus, limits) < 200);
});

/** Heads of each minute of a run, the last one now. */
const aboard = (...heads: readonly number[]): number =>
  aboardAtLeast((ago) => heads.at(-1 - ago) ?? 0, limits.stayMin.bus, minuteLimit(bus, limits));

test('over capacity: who boarded shortly before is still aboard, who boarded long before is not', () => {
  const most = loadLimit(bus, limits);
  assert.equal(most, 160);
  const table: readonly [string, boolean, number][] = [
    ['a full bus at its terminus', false, aboard(40, 40)],
    [
      'eight a minute for an hour: six hundred in the run, eighty at a time',
      false,
      aboard(...Array.from({ length: 60 }, () => 8)),
    ],
    ['full, and full again twelve minutes later', false, aboard(80, ...Array.from({ length: 11 }, () => 0), 80)],
    ['ninety a minute for two minutes', true, aboard(90, 90)],
    ['twenty a minute without end', true, aboard(...Array.from({ length: 60 }, () => 20))],
    ['junk of one minute does not fill the bus of those who board after it', false, aboard(500, 5)],
    ['in its own minute it does', true, aboard(5, 500)],
  ];
  for (const [name, expected, heads] of table) assert.equal(heads > most, expected, `${name}: ${heads}`);
});

/** Degrees of latitude in a kilometre. */
const km = 1 / 111.195;
const place = (northKm: number, eastKm = 0): Point => ({ lat: northKm * km, lon: eastKm * km });
const way = wayAlong([[place(0), place(1), place(2)]]);
const fix = (northKm: number, eastKm: number, min: number): Fix => ({ ...place(northKm, eastKm), atMs: at(min) });

test('far away: seen so far off that it cannot have been on its way in that minute', () => {
  const boardedMs = at(0);
  const table: readonly [string, boolean, readonly Fix[]][] = [
    ['at a stop', false, [fix(1, 0, 0)]],
    ['within a kilometre of its way', false, [fix(1, 0.9, 0)]],
    ['in a depot two kilometres off, in that very minute', true, [fix(1, 2, 0.5)]],
    ['there, two minutes before: it can have come', false, [fix(1, 2, -2)]],
    ['there, two minutes after: it can have left', false, [fix(1, 2, 3)]],
    ['six kilometres off two minutes before', true, [fix(1, 6, -2)]],
    ['once far, once near', false, [fix(1, 9, -1), fix(1, 0, 1.5)]],
    ['always far', true, [fix(1, 9, -1), fix(1, 8, 0), fix(1, 9, 1.5)]],
    ['far, but four minutes before: too old to say anything', false, [fix(1, 50, -4)]],
    ['far, three minutes before', true, [fix(1, 50, -3)]],
    ['far, three minutes after the minute', true, [fix(1, 50, 4)]],
    ['far, later than that', false, [fix(1, 50, 4.1)]],
    ['never seen', false, []],
  ];
  for (const [name, expected, fixes] of table) {
    assert.equal(isFarAway(fixes, way, boardedMs, limits), expected, name);
    assert.equal(isFarAway(fixes, undefined, boardedMs, limits), false, 'no line, no way');
  }
});

const heads = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 });

test('nobody is counted twice, and those long gone not at all', () => {
  fc.assert(
    fc.property(heads, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 }), (minutes, stayMin, from) => {
      const headsAt = (list: readonly number[]) => (ago: number) => list.at(-1 - ago) ?? 0;
      const count = aboardAtLeast(headsAt(minutes), stayMin, from);
      const now = minutes.at(-1) ?? 0;
      assert.ok(count >= now && count <= minutes.slice(-stayMin).reduce((sum, n) => sum + n, 0));
      const recent = Array.from({ length: stayMin }, (_, n) => headsAt(minutes)(stayMin - 1 - n));
      assert.equal(aboardAtLeast(headsAt([300, ...recent]), stayMin, from), count, 'long gone');
      // One more now is one more aboard.
      const more = aboardAtLeast(headsAt([...minutes.slice(0, -1), now + 1]), stayMin, from);
      assert.ok(Math.abs(more - count - 1) < 1e-6);
    }),
    { seed: 5, numRuns: 500 },
  );
});

const sighting = fc
  .tuple(
    fc.double({ min: -30, max: 30, noNaN: true }),
    fc.double({ min: -30, max: 30, noNaN: true }),
    fc.integer({ min: -400, max: 400 }),
  )
  .map(([north, east, s]): Fix => ({ ...place(north, east), atMs: base + s * 1000 }));

test('a vehicle seen on its way is never far from it, however often it was seen elsewhere; sightings have no order', () => {
  fc.assert(
    fc.property(fc.array(sighting, { maxLength: 6 }), (fixes) => {
      const far = isFarAway(fixes, way, base, limits);
      assert.equal(isFarAway(fixes.toReversed(), way, base, limits), far);
      assert.equal(isFarAway([...fixes, fix(1.5, 0, 0)], way, base, limits), false);
      if (!far) return;
      // With a wider limit, or without positions, there is less doubt; never more.
      assert.equal(isFarAway(fixes, way, base, { ...limits, farM: 200_000 }), false);
      assert.equal(isFarAway([], way, base, limits), false);
    }),
    { seed: 6, numRuns: 1_000 },
  );
});
