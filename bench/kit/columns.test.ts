// Presences in columns: found by space and time and by person alike, and on the runs they say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Presence } from '@tongche/tracing';
import { DAYS, makeColumns, sourceOf } from './columns.ts';
import { DAY_S, lineWorld } from './line-world.ts';

const zeroMs = Date.UTC(2026, 9, 4, 16);
const endMs = zeroMs + DAYS * DAY_S * 1000;
const presences = 100_000;
/** A scan trails the doors by a minute at most. */
const lagMs = 61_000;

describe('columns of presences', () => {
  const columns = makeColumns(presences);
  const source = sourceOf(columns, zeroMs);
  const world = lineWorld(zeroMs);
  const byUnit: Presence[][] = Array.from({ length: columns.units }, (_, unit) => [
    ...source.on(`u${unit}`, zeroMs, endMs),
  ]);

  test('hold as many as were asked for, each once', () => {
    const all = byUnit.flat();
    assert.ok(all.length >= presences);
    assert.equal(new Set(all.map(({ id }) => id)).size, columns.count);
  });

  test('are found in a stretch of time, both ends as they are meant', () => {
    for (const all of byUnit.slice(0, 20)) {
      const [first, last] = [all[10], all[40]];
      assert.ok(first !== undefined && last !== undefined);
      const found = [...source.on(first.unit, first.boardedMs, last.boardedMs)];
      const expected = all.filter(({ boardedMs }) => boardedMs >= first.boardedMs && boardedMs < last.boardedMs);
      assert.deepEqual(found, expected);
    }
  });

  test('are found by person as by space', () => {
    const ofPerson = Map.groupBy(byUnit.flat(), ({ person }) => person);
    for (const [person, expected] of [...ofPerson].slice(0, 200)) {
      const found = [...source.of(person, zeroMs, endMs)];
      assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(expected.map(({ id }) => id)));
      const midMs = zeroMs + 6 * DAY_S * 1000;
      const early = [...source.of(person, zeroMs, midMs)].length;
      assert.equal(early, expected.filter(({ boardedMs }) => boardedMs < midMs).length);
    }
  });

  test('board their run at one of its stops', () => {
    for (const one of byUnit.flat().slice(0, 5_000)) {
      const run = world.run(one.runKey ?? '');
      assert.ok(run !== undefined);
      assert.equal(run.vehicle, world.space(one.unit)?.vehicle);
      assert.ok(world.unitsOf(run.vehicle).includes(one.unit));
      assert.ok(run.stops.some(({ arrMs }) => one.boardedMs >= arrMs - 1000 && one.boardedMs <= arrMs + lagMs));
    }
  });

  test('meet the same people again and again', () => {
    const pairs = new Map<string, number>();
    for (const all of byUnit.slice(0, 10)) {
      for (const riders of Map.groupBy(all, ({ runKey }) => runKey).values()) {
        const names = riders.map(({ person }) => person).toSorted();
        for (const [i, a] of names.entries())
          for (const b of names.slice(i + 1)) pairs.set(`${a}|${b}`, (pairs.get(`${a}|${b}`) ?? 0) + 1);
      }
    }
    assert.ok([...pairs.values()].filter((times) => times >= 5).length > 20);
  });
});
