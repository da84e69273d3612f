// What must hold of a city whatever its seed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { at, rowsOf } from '../kit/columns.ts';
import { SMALL, smallCity } from '../kit.test.ts';
import { makeCity, meetingsOf } from './city.ts';
import type { City } from './city.ts';
import { lineOf, placeAt } from './network.ts';
import { arrivalS, departureS, stopsOf } from './runs.ts';

function digest({ stays, runs }: City): string {
  const hash = createHash('sha256');
  for (const column of [
    stays.person,
    stays.run,
    stays.carriage,
    stays.board,
    stays.alight,
    stays.boardS,
    stays.alightS,
  ])
    hash.update(column);
  return hash.update(runs.arrS).update(runs.depS).update(runs.vehicle).digest('hex');
}

test('the same seed gives the same city, another seed another one', () => {
  const one = digest(smallCity());
  assert.equal(digest(makeCity(7, SMALL)), one);
  assert.notEqual(digest(makeCity(8, SMALL)), one);
});

test('runs go forward in time, and a vehicle makes one after another', () => {
  const { runs } = smallCity();
  const ofVehicle = Map.groupBy(
    Array.from({ length: runs.count }, (_, run) => run),
    (run) => at(runs.vehicle, run),
  );
  for (const own of ofVehicle.values()) {
    own.sort((a, b) => departureS(runs, a, 0) - departureS(runs, b, 0));
    let freeS = -Infinity;
    for (const run of own) {
      const last = stopsOf(runs, run) - 1;
      assert.ok(arrivalS(runs, run, 0) >= freeS, `run ${run} begins before its vehicle is free`);
      for (let seq = 1; seq <= last; seq += 1) assert.ok(arrivalS(runs, run, seq) > departureS(runs, run, seq - 1));
      freeS = departureS(runs, run, last);
    }
  }
});

test('riders get on while the vehicle stands at their stop, and off when it has come to the other one', () => {
  const { stays, runs } = smallCity();
  assert.ok(stays.count > 15_000, `${stays.count} rides`);
  for (let stay = 0; stay < stays.count; stay += 1) {
    const [run, board, alight] = [at(stays.run, stay), at(stays.board, stay), at(stays.alight, stay)];
    assert.ok(board < alight && alight < stopsOf(runs, run));
    // Carriages are changed at a stop, soon after its arrival.
    assert.ok(at(stays.boardS, stay) >= arrivalS(runs, run, board));
    assert.ok(at(stays.boardS, stay) <= Math.max(departureS(runs, run, board), arrivalS(runs, run, board) + 12));
    assert.ok(at(stays.alightS, stay) >= arrivalS(runs, run, alight));
  }
});

test('nobody is in two places at a time, and every change of lines begins where the last ride ended', () => {
  const { stays, runs, network, staysOfPerson, parameters } = smallCity();
  let changes = 0;
  const placeOf = (stay: number, seq: number) => {
    const run = at(stays.run, stay);
    return placeAt(lineOf(network, at(runs.line, run)), at(runs.dir, run), seq);
  };
  for (let person = 0; person < parameters.demand.riders; person += 1) {
    const own = rowsOf(staysOfPerson, person);
    for (const [i, stay] of own.entries()) {
      const next = own[i + 1];
      if (next === undefined) continue;
      const waitS = at(stays.boardS, next) - at(stays.alightS, stay);
      assert.ok(waitS >= 0, `person ${person} is aboard twice`);
      if (placeOf(stay, at(stays.alight, stay)) === placeOf(next, at(stays.board, next)) && waitS < 1_800) changes += 1;
    }
  }
  assert.ok(changes > 1_000, `${changes} changes`);
});

test('a meeting is mutual, in one space, and as long as both were there', () => {
  const city = smallCity();
  const { stays } = city;
  let meetings = 0;
  for (let stay = 0; stay < stays.count; stay += 97) {
    for (const { other, seconds } of meetingsOf(city, stay)) {
      meetings += 1;
      assert.equal(at(stays.run, other), at(stays.run, stay));
      assert.equal(at(stays.carriage, other), at(stays.carriage, stay));
      assert.ok(seconds >= 60);
      assert.ok(meetingsOf(city, other).some((back) => back.other === stay && back.seconds === seconds));
    }
  }
  assert.ok(meetings > 100, `${meetings} meetings`);
});
