// Which run a vehicle made: found by its positions alone, kept through noise and gaps, refused where two fit alike.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isRunOfTrip, matchPositions, runMatcher } from './index.ts';
import type { Run, RunMatch, VehiclePosition } from './index.ts';
import { drive, MINUTE_MS, pointAt, RUNS, runNamed, START_MS, STOPS } from './match-kit.ts';

const seed = 20_261_120;
const matcher = runMatcher(RUNS, STOPS);

function keys(matches: readonly RunMatch[]): readonly string[] {
  return matches.map(({ runKey }) => runKey.slice(6));
}

const tripId = fc.constantFrom(...RUNS.map(({ runKey }) => runKey.slice(6)));
const metres = fc.integer({ min: -30, max: 30 });
const drives = fc.record({
  trip: tripId,
  delayMs: fc.integer({ min: -60_000, max: 4 * MINUTE_MS }),
  everyMs: fc.integer({ min: 15_000, max: 4 * MINUTE_MS }),
  noise: fc.array(fc.tuple(metres, metres), { minLength: 1, maxLength: 50 }),
});

describe('matching positions to runs', () => {
  it('finds the run by place and time alone, through noise and at any rate', () => {
    fc.assert(
      fc.property(drives, ({ trip, delayMs, everyMs, noise }) => {
        const positions = drive(runNamed(trip), {
          delayMs,
          everyMs,
          noise: (at) => noise[at % noise.length] ?? [0, 0],
        });
        const matches = matcher(positions);
        assert.deepEqual(keys(matches), [trip]);
        const [match] = matches;
        assert.ok(match !== undefined && match.basis === 'place' && match.confidence > 0.6);
        assert.ok(match.fromMs >= (positions[0]?.atMs ?? 0) && match.toMs <= (positions.at(-1)?.atMs ?? 0));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('gives the same whatever the order of the positions, and when some come twice', () => {
    fc.assert(
      fc.property(drives, fc.infiniteStream(fc.nat()), ({ trip, delayMs, everyMs }, order) => {
        const positions = drive(runNamed(trip), { delayMs, everyMs });
        const shuffled = [...positions, ...positions.slice(0, 5)]
          .map((position) => ({ position, key: order.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ position }) => position);
        assert.deepEqual(matcher(shuffled), matcher(positions));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('moves with time: runs and positions an hour later match an hour later', () => {
    fc.assert(
      fc.property(drives, fc.integer({ min: -90, max: 90 }), ({ trip, delayMs, everyMs }, minutes) => {
        const byMs = minutes * MINUTE_MS;
        const positions = drive(runNamed(trip), { delayMs, everyMs });
        const later = positions.map(({ atMs, ...rest }): VehiclePosition => ({ ...rest, atMs: atMs + byMs }));
        const runs = RUNS.map((run): Run => {
          const stops = run.stops.map(({ arrMs, depMs, ...stop }) => ({
            ...stop,
            arrMs: arrMs + byMs,
            depMs: depMs + byMs,
          }));
          return { ...run, stops };
        });
        const shifted = matchPositions(later, runs, STOPS).map((match): RunMatch => {
          return Object.assign({}, match, { fromMs: match.fromMs - byMs, toMs: match.toMs - byMs });
        });
        assert.deepEqual(shifted.map(rounded), matcher(positions).map(rounded));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('says the run or nothing while it is under way', () => {
    fc.assert(
      fc.property(drives, fc.nat(100), ({ trip, delayMs, everyMs }, percent) => {
        const positions = drive(runNamed(trip), { delayMs, everyMs });
        const sofar = positions.slice(0, Math.ceil((positions.length * percent) / 100));
        const found = keys(matcher(sofar));
        assert.ok(found.length === 0 || found.join() === trip, found.join());
        // Ten stops on, a quarter of an hour from any other run of the line.
        if (percent >= 60 && sofar.length >= 5) assert.deepEqual(found, [trip]);
      }),
      { seed, numRuns: 200 },
    );
  });

  it('bears missing positions, as long as a few are left over the way', () => {
    fc.assert(
      fc.property(tripId, fc.infiniteStream(fc.nat(99)), (trip, dice) => {
        const positions = drive(runNamed(trip), { delayMs: 40_000, everyMs: 30_000 });
        const kept = positions.filter((_, at) => at % 20 === 0 || dice.next().value < 20);
        assert.deepEqual(keys(matcher(kept)), [trip]);
      }),
      { seed, numRuns: 100 },
    );
  });

  it('tells a day of runs apart, one after the other', () => {
    const positions = ['east0', 'west3', 'north6'].flatMap((trip) =>
      drive(runNamed(trip), { delayMs: 60_000, everyMs: 60_000 }),
    );
    assert.deepEqual(keys(matcher(positions)), ['east0', 'west3', 'north6']);
  });

  it('names no run where two fit alike', () => {
    const twin = { ...runNamed('east2'), runKey: '20777:twin', lineId: 'C' };
    const positions = drive(runNamed('east2'), { delayMs: 60_000, everyMs: 60_000 });
    assert.deepEqual(matchPositions(positions, [...RUNS, twin], STOPS), []);
    const [match] = matchPositions(positions, [...RUNS, twin], STOPS, { minConfidence: 0.4 });
    assert.ok((match?.confidence ?? 1) < 0.55);
    const onLine = positions.map((position): VehiclePosition => Object.assign({ routeId: 'C' }, position));
    assert.deepEqual(
      matchPositions(onLine, [...RUNS, twin], STOPS).map(({ runKey, basis }) => [runKey, basis]),
      [['20777:twin', 'route']],
    );
  });

  it('prefers the run that was given to this vehicle, where nothing else decides', () => {
    const twin = { ...runNamed('east2'), runKey: '20777:twin', vehicleId: 'v' };
    const positions = drive(runNamed('east2'), { delayMs: 60_000, everyMs: 60_000 });
    const [match] = matchPositions(positions, [...RUNS, twin], STOPS);
    assert.equal(match?.runKey, '20777:twin');
    // Fifteen minutes late on its own run is told from being on time on the next one.
    const own = { ...runNamed('east1'), vehicleId: 'v' };
    const others = RUNS.filter(({ runKey }) => runKey !== own.runKey);
    assert.deepEqual(keys(matchPositions(positions, [...others, own], STOPS)), ['east2']);
  });

  it('names none for a vehicle that stands, drives elsewhere, or drives when nothing runs', () => {
    const standing = Array.from({ length: 120 }, (_, at): VehiclePosition => {
      return { vehicleId: 'v', atMs: START_MS + (400 + at) * MINUTE_MS, ...pointAt(3_000, 100) };
    });
    assert.deepEqual(matcher(standing), []);
    const driven = drive(runNamed('east2'), { delayMs: 0, everyMs: 60_000 });
    const elsewhere = driven.map((position): VehiclePosition => ({ ...position, lat: position.lat + 0.02 }));
    assert.deepEqual(matcher(elsewhere), []);
    const atNight = driven.map((position): VehiclePosition => ({ ...position, atMs: position.atMs - 300 * MINUTE_MS }));
    assert.deepEqual(matcher(atNight), []);
    assert.deepEqual(matcher([]), []);
    assert.deepEqual(matchPositions(driven, [], STOPS), []);
  });

  it('believes the trip that is named, late as it may be, if its way was driven', () => {
    const late = drive(runNamed('east1'), { delayMs: 31 * MINUTE_MS, everyMs: 60_000 });
    assert.deepEqual(keys(matcher(late)), ['east3']);
    const named = late.map((position): VehiclePosition => ({ ...position, tripId: 'east1' }));
    assert.deepEqual(
      matcher(named).map(({ runKey, basis }) => [runKey, basis]),
      [['20777:east1', 'trip']],
    );
    const wrong = late.map((position): VehiclePosition => Object.assign({ tripId: 'west1' }, position));
    assert.deepEqual(matcher(wrong), []);
  });

  it('knows the runs of a repeated trip by their start', () => {
    const repeated: Run = { ...runNamed('east1'), runKey: '20777:often@25200' };
    assert.ok(isRunOfTrip(repeated, 'often') && isRunOfTrip(repeated, 'often', 25_200));
    assert.ok(
      !isRunOfTrip(repeated, 'often', 25_201) && !isRunOfTrip(repeated, 'oft') && !isRunOfTrip(repeated, '7:often'),
    );
    assert.ok(isRunOfTrip(runNamed('east1'), 'east1', 5) && !isRunOfTrip(runNamed('east1'), 'east'));
  });

  it('says no direction it was told is wrong', () => {
    const positions = drive(runNamed('east2'), { delayMs: 0, everyMs: 60_000 });
    const against = positions.map((position): VehiclePosition => Object.assign({ routeId: 'A', dir: 1 }, position));
    assert.deepEqual(matcher(against), []);
  });
});

/** Instants that passed through sums of large numbers differ in the last places. */
function rounded({ confidence, offM, ...match }: RunMatch): object {
  return { ...match, confidence: confidence.toFixed(6), offM: offM.toFixed(3) };
}
