// A case that scanned nothing but a station's code: who was on the train it probably took is found, wherever they registered, and
// the operator is asked about trains only as far as the order allows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contactsOf, loggedKinds, masked, tracedCase, traceOf } from './casework.ts';
import { hourMs, minuteMs, somePhone, startWorld } from './kit.ts';
import type { World } from './kit.ts';
import { addRide, boarded } from './rides.ts';

const STATIONS = 8;

/** A train leaving the first of eight stations at a time, three minutes apart; its one carriage, and the halls. */
function addTrain(world: World, runKey: string, departsMs: number, dir: 0 | 1 = 0): void {
  const vehicleId = `v-${runKey}`;
  const numbers = Array.from({ length: STATIONS }, (_, n) => (dir === 0 ? n : STATIONS - 1 - n));
  const label = { zh: '1号车厢', en: 'Carriage 1' };
  const base = { plate: null, label, vehicleId, carriageNo: 1, capacity: 200, air: null, litresPerSecond: null };
  world.platform.units.push({ unitId: `c-${runKey}`, kind: 'carriage', ...base });
  world.platform.runs.push({
    runKey,
    unitIds: [`c-${runKey}`],
    vehicleId,
    lineId: 'metro',
    dir,
    line: { id: 'metro', name: { zh: '地铁1号线', en: 'Metro line 1' }, headsign: null },
    stops: numbers.map((n, seq) => {
      const depMs = departsMs + seq * 3 * minuteMs;
      const name = { zh: `站${n}`, en: `Stop ${n}` };
      return {
        seq,
        stopId: `s${n}`,
        name,
        lat: 22.5 + n / 50,
        lon: 114,
        arrMs: depMs - 30_000,
        depMs,
        source: 'avl' as const,
      };
    }),
    heads: 0,
    estimated: null,
    basis: 'positions',
  });
}

/** Trains both ways every six minutes, of which `t1` leaves s2 three minutes after `boarded`, and one an hour later. */
function addLine(world: World): void {
  for (const [n, afterMin] of [-9, -3, 3, 63].entries()) {
    addTrain(world, `t${n}`, boarded + afterMin * minuteMs);
    addTrain(world, `b${n}`, boarded + (afterMin - 10) * minuteMs, 1);
  }
  for (let n = 0; n < STATIONS; n += 1) {
    const label = { zh: `站${n}站厅`, en: `Hall ${n}` };
    const base = { plate: null, label, vehicleId: `hall${n}`, carriageNo: null, capacity: 900, air: null };
    world.platform.units.push({
      unitId: `hall${n}`,
      kind: 'station',
      ...base,
      litresPerSecond: null,
      stopIds: [`s${n}`],
    });
  }
}

const inHall = (world: World, phone: string, n: number, afterMin: number) =>
  addRide(world, { phone, unitId: `hall${n}`, runKey: null, boardSeq: null, boardedMs: boarded + afterMin * minuteMs });
const inTrain = (world: World, phone: string, run: string, afterMin: number) =>
  addRide(world, { phone, unitId: `c-${run}`, runKey: run, boardedMs: boarded + afterMin * minuteMs });

describe('a case that registered at a station', () => {
  it('finds riders of its train by carriages and by other stations, and nobody of a train an hour later', async () => {
    const world = await startWorld();
    addLine(world);
    const [sick, inCar, atStation, later, atLater] = Array.from({ length: 5 }, somePhone);
    assert.ok(
      sick !== undefined &&
        inCar !== undefined &&
        atStation !== undefined &&
        later !== undefined &&
        atLater !== undefined,
    );
    // `t1` leaves s2 at +3, s4 at +9; `t3` an hour after that.
    await inHall(world, sick, 2, 0);
    await inTrain(world, inCar, 't1', 6);
    await inHall(world, atStation, 4, 6);
    await inTrain(world, later, 't3', 69);
    await inHall(world, atLater, 4, 70);
    const one = await tracedCase(world, [sick]);
    const contacts = await contactsOf(world, one);
    assert.deepEqual(
      new Map(contacts.map((each) => [each.masked, each.tier])),
      new Map([inCar, atStation].map((each) => [masked(each), 'verify'])),
    );
    const of = (phone: string) => contacts.find((each) => each.masked === masked(phone));
    const [car, hall] = [of(inCar), of(atStation)];
    assert.ok((car?.probability ?? 0) > (hall?.probability ?? 1), 'whose train is known is likelier');
    assert.ok((hall?.probability ?? 0) > 0.05 && (car?.probability ?? 1) < 0.9);
    for (const each of contacts) {
      assert.match(each.reason.zh, /地铁1号线：.*同一列车的可能性约 \d+%.*车厢不明/u);
      assert.match(each.reason.en, /on the same train with about \d+ %/);
    }
    const { rule, rides } = await traceOf(world, one);
    assert.equal(rule?.isNarrowed, false);
    assert.deepEqual(
      rides.map(({ contacts: found, runKey }) => [found, runKey]),
      [[2, null]],
    );
    // Everything that was asked for is a stretch around the ride, under the order in the log.
    const windows = world.platform.fetches.flatMap((request) => request.windows);
    assert.ok(
      windows.every(
        ({ fromMs, toMs, reason }) => reason === 'ride' && Math.max(boarded - fromMs, toMs - boarded) <= 3 * hourMs,
      ),
    );
    assert.ok(!windows.some(({ unitId }) => unitId === 'c-t3' || unitId === 'c-b3'));
    await world.vault.deliver();
    assert.ok(loggedKinds(world).includes('order'));
  });

  it('is found from the carriage as well', async () => {
    const world = await startWorld();
    addLine(world);
    const [sick, atStation, late] = [somePhone(), somePhone(), somePhone()];
    await inTrain(world, sick, 't1', 6);
    await inHall(world, atStation, 2, 0);
    await inHall(world, late, 4, 40);
    const one = await tracedCase(world, [sick]);
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => [each.masked, each.tier]),
      [[masked(atStation), 'verify']],
    );
  });

  it('asks for the likeliest trains first where an order allows no more, and says that it is incomplete', async () => {
    const world = await startWorld();
    addLine(world);
    const sick = somePhone();
    await inHall(world, sick, 2, 0);
    const inCar = somePhone();
    await inTrain(world, inCar, 't1', 6);
    // A crowd on the train back, which leaves as soon; but fewer stops lie there.
    for (let n = 0; n < 6; n += 1) await inTrain(world, somePhone(), 'b1', 6);
    world.platform.room = 5;
    const one = await tracedCase(world, [sick]);
    const { rule, state } = await traceOf(world, one);
    assert.deepEqual([state, rule?.isNarrowed], ['done', true]);
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => each.masked),
      [masked(inCar)],
    );
    const first = world.platform.fetches
      .flatMap(({ windows }) => windows)
      .find(({ unitId }) => unitId.startsWith('c-'));
    assert.equal(first?.unitId, 'c-t1');
  });
});
