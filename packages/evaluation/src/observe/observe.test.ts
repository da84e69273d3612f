// What is written down of a week: shares as the parameters say, times as scans make them, notes as phones do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOf } from '../city/city.ts';
import { at } from '../kit/columns.ts';
import { smallCity } from '../kit.test.ts';
import { notesOf, phoneNotesOf } from './notes.ts';
import { presencesOf } from './presences.ts';
import { observe, VIA } from './registrations.ts';
import { msOf, timelinesOf } from './timelines.ts';

const city = smallCity();
const registrations = observe(city, 0.85);
const timelines = timelinesOf(city, 1);

test('as many rides are registered as compliance and drivers allow', () => {
  const share = registrations.isRegistered.reduce((sum, one) => sum + one, 0) / city.stays.count;
  // Nine of ten have a phone and scan .85 of their rides, the others are registered on .7 of theirs.
  assert.ok(Math.abs(share - (0.9 * 0.85 + 0.1 * 0.7)) < 0.02, `${share}`);
});

test('more compliance registers every ride that less does, and more', () => {
  const less = observe(city, 0.3).isRegistered;
  assert.ok(less.every((one, stay) => one === 0 || registrations.isRegistered[stay] === 1));
  assert.ok(less.filter((one) => one === 1).length < registrations.isRegistered.filter((one) => one === 1).length);
});

test('one scan in a hundred names a wrong vehicle, and the operator knows the run of the others', () => {
  let [wrong, known, right] = [0, 0, 0];
  for (let row = 0; row < registrations.count; row += 1) {
    const stay = at(registrations.stay, row);
    const unit = at(registrations.unit, row);
    if (unit !== unitOf(city, stay)) wrong += 1;
    else {
      right += 1;
      if (timelines.runOf(unit, at(registrations.second, row)) === at(city.stays.run, stay)) known += 1;
    }
  }
  const share = wrong / registrations.count;
  assert.ok(share > 0.005 && share < 0.02, `${share} on a wrong vehicle`);
  assert.ok(known / right > 0.98, `${known / right} with their run`);
});

test('a trace reads one stretch of one unit, in order of time, and all of a number', () => {
  const presences = presencesOf(registrations, timelines, () => []);
  const row = Math.floor(registrations.count / 2);
  const { unit, person, boardedMs } = presences.presence(row);
  const there = [...presences.on(unit, boardedMs - 600_000, boardedMs + 1)];
  assert.ok(there.some(({ id }) => id === String(row)));
  assert.ok(
    there.every((one) => one.unit === unit && one.boardedMs >= boardedMs - 600_000 && one.boardedMs <= boardedMs),
  );
  assert.deepEqual([...presences.on(unit, boardedMs + 1, boardedMs + 1)], []);
  const own = [...presences.of(person, msOf(0), msOf(8 * 86_400))];
  assert.ok(own.some(({ id }) => id === String(row)) && own.every((one) => one.person === person));
});

test('where a share of timelines is missing, presences have no run', () => {
  const none = timelinesOf(city, 0);
  const presences = presencesOf(registrations, none, () => []);
  assert.equal(presences.presence(3).runKey, null);
  assert.equal(none.run('r0'), undefined);
});

test('web pages deliver fewer notes than phones write, the same or what was known before, and none of riders without a phone', () => {
  const phones = phoneNotesOf(city, registrations, timelines);
  const [all, web] = [notesOf(registrations, phones, 'all'), notesOf(registrations, phones, 'web')];
  let [scans, written, delivered, near] = [0, 0, 0, 0];
  for (let row = 0; row < registrations.count; row += 7) {
    const [note] = all(row);
    if (at(registrations.via, row) !== VIA.scan) {
      assert.deepEqual(all(row), []);
      continue;
    }
    scans += 1;
    if (note === undefined) {
      assert.deepEqual(web(row), []);
      continue;
    }
    written += 1;
    if (web(row).length > 0) {
      delivered += 1;
      // What other days say may have come, or changed, since.
      const isByChain = [note, ...web(row)].every(({ basis, settled }) => basis === 'chained' && settled !== true);
      if (isByChain) assert.deepEqual(web(row), [note]);
    }
    const alight = at(city.stays.alight, at(registrations.stay, row));
    if (note.best !== undefined && Math.abs(note.best - alight) <= 1) near += 1;
  }
  assert.ok(delivered < written && delivered > written / 2, `${delivered} of ${written}`);
  assert.ok(written > scans / 2 && near > written / 2, `${written} of ${scans} written, ${near} near`);
});
