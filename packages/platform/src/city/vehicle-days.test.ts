// What a process that has just started reads: the days it is asked for, and others of the city once it misses many.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeShortCode, toBase64Url } from '@tongche/protocol';
import { codeBytes, openBench, smallCity, startMs, zone } from '../test-kit.ts';
import { holdCity } from './city.ts';
import { vehicleDays } from './vehicle-days.ts';

const fleet = Array.from({ length: 20 }, (_, n) => `far-${n}`);
const firstCode = 100;

function bigCity() {
  const city = smallCity();
  const units = fleet.map((unitId) => ({
    unitId,
    kind: 'bus' as const,
    label: { zh: unitId, en: unitId },
    vehicleId: unitId,
    capacity: 80,
  }));
  const codes = fleet.map((unitId, n) => ({
    code8: toBase64Url(codeBytes(firstCode + n)),
    shortCode: makeShortCode(firstCode + n),
    unitId,
    purpose: 'passenger' as const,
  }));
  return { ...city, units: [...city.units, ...units], codes: [...city.codes, ...codes] };
}

const bench = await openBench({ city: bigCity() });
const { authority, post, db } = bench;
const asked = (count: number) => fleet.slice(0, count);
const ridden = 'far-13';

async function daysAfter(vehicles: readonly string[]) {
  const days = vehicleDays(db, await holdCity(db), zone);
  await days.load(vehicles.flatMap((vehicleId) => days.keysOf(vehicleId, startMs)));
  return days;
}

test('a few vehicles are read alone', async () => {
  const days = await daysAfter(asked(7));
  assert.ok(asked(7).every((vehicleId) => days.isReady(vehicleId, startMs)));
  assert.equal(days.isReady(ridden, startMs), false);
});

test('many bring the rest of the city along, each with its own rides', async () => {
  for (const party of [0, 2]) {
    const ride = await authority.ride({ codeBytes: codeBytes(firstCode + 13), party });
    assert.equal((await post(ride.record)).status, 200);
  }
  const days = await daysAfter(asked(8));
  assert.ok(fleet.every((vehicleId) => days.isReady(vehicleId, startMs)));
  assert.equal(days.count({ unitId: ridden, vehicleId: ridden }, startMs, 1).no, 5);
  assert.equal(days.count({ unitId: 'far-12', vehicleId: 'far-12' }, startMs, 1).no, 1);
});
