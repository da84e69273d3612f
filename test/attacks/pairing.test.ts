// Somebody who reads the operator's and the registrar's databases and logs wants to know which two rides the same person made
// one after the other. They know the timetable, have learned from half of the people how others travel, and guess about the
// other half: once from the rides alone, once with everything that stop notes, the relay's queue and its batches leave behind.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { gains, guess, linksOf, plainClues, work } from '../kit/pairing.ts';
import type { Clue, Gain, Guesses, SeenRide, Worked } from '../kit/pairing.ts';
import { arrivals, joins, logClues, noteClues, seenRides } from '../kit/pairing-clues.ts';
import { recordDay } from '../kit/pairing-day.ts';
import type { DayRecord, StoredRideRow } from '../kit/pairing-day.ts';

const PHONES = 1_050;
/** Whoever holds the key and sees notes come one by one needs no thousand. */
const CONTROL_PHONES = 300;
const SEED = 7;
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** Production's: an hour to twelve. */
const mixing = { minDelayMs: hourMs, maxDelayMs: 12 * hourMs, tickMs: hourMs };
/** On with whatever came in the same minute. */
const passing = { minDelayMs: 0, maxDelayMs: 0, tickMs: minuteMs };
/** One percentage point, and how sure the test wants to be of what it says: a gain is known to half a point. */
const POINT = 0.01;
const MOST_ERROR = POINT / 2;
const z95 = 1.645;

interface Attack {
  readonly rows: readonly StoredRideRow[];
  readonly seen: readonly SeenRide[];
  readonly record: DayRecord;
  readonly plain: readonly Worked[];
  readonly without: Guesses;
}

function attackOf(record: DayRecord): Attack {
  const { rows, seen } = seenRides(record);
  const plain = plainClues(seen).map((clue) => work(seen, clue));
  return { rows, seen, record, plain, without: guess(seen, plain) };
}

function gainsWith({ seen, plain, without }: Attack, clues: readonly Clue[]): readonly Gain[] {
  return gains(seen, guess(seen, [...plain, ...clues.map((clue) => work(seen, clue))]), without);
}

const percent = (share: number): string => (share * 100).toFixed(2);

function told(name: string, found: readonly Gain[]): string {
  const parts = found.map(
    ({ way, with: more, without, gain, error }) =>
      `${way} ${percent(without)} → ${percent(more)} % (${percent(gain)} ± ${percent(error)})`,
  );
  return `${name}: ${parts.join('; ')}`;
}

const timesOf = (record: DayRecord): readonly number[] =>
  arrivals(record)
    .map(({ atMs }) => atMs)
    .toSorted((a, b) => a - b);

describe('pairing rides from databases and logs', { timeout: 1_800_000 }, () => {
  let attack: Attack;

  before(async () => {
    attack = attackOf(await recordDay({ phones: PHONES, seed: SEED, relay: mixing }));
  });

  test('a day of a thousand phones is there, with two to four rides each, notes, and one message after every scan', (t) => {
    const { record, rows, seen } = attack;
    const perPerson = [...Map.groupBy(seen, ({ person }) => person).values()].map((rides) => rides.length);
    assert.ok(perPerson.length >= 1_000 && !seen.some(({ person }) => person < 0), `${perPerson.length} phones`);
    assert.ok(perPerson.every((count) => count >= 2 && count <= 4));
    assert.equal(record.notes.length, record.sent.filter(({ isNote }) => isNote).length);
    assert.ok(record.notes.length > rows.length / 2, `${record.notes.length} notes of ${rows.length} rides`);
    const blobs = record.queue.flatMap(({ blobs: held }) => held.map(({ blob }) => blob));
    assert.deepEqual(new Set(blobs.map((blob) => blob.length)), new Set([2 * 153]), 'all of one size');
    assert.equal(new Set(blobs).size, record.sent.length, 'every message was seen in the queue');
    assert.ok(record.sent.length > rows.length, 'scans and taps');
    t.diagnostic(
      `${rows.length} rides of ${perPerson.length} phones, ${linksOf(seen).length} links, ${record.notes.length} notes`,
    );
  });

  test('the attacker is no fool: without any note they pair far better than chance', () => {
    const links = linksOf(attack.seen).length;
    for (const [way, guessed] of Object.entries(attack.without)) {
      const share = guessed.reduce((sum, one) => sum + one, 0) / links;
      assert.ok(share > 0.08, `${way} ${percent(share)} %`);
    }
  });

  test('with notes, queue, batches and logs they pair no better, within a percentage point', (t) => {
    const { record, rows, seen } = attack;
    const logs = logClues(seen, timesOf(record));
    const strategies: Record<string, readonly Clue[]> = { 'times of messages': logs };
    for (const name of ['equal identifiers', 'insertion order', 'order of identifiers'] as const) {
      const notes = noteClues(seen, joins[name](record, rows));
      strategies[name] = notes;
      strategies[`${name} and times`] = [...notes, ...logs];
    }
    const without = Math.max(...gainsWith(attack, []).map((one) => one.without));
    for (const [name, clues] of Object.entries(strategies)) {
      const found = gainsWith(attack, clues);
      t.diagnostic(told(name, found));
      for (const { way, with: more, gain, error } of found) {
        assert.ok(more - without <= POINT, `${name}, ${way}: the best is better by ${percent(more - without)} points`);
        assert.ok(error <= MOST_ERROR, `${name}, ${way}: known to ${percent(error)} points only`);
        assert.ok(gain - z95 * error <= POINT / 2, `${name}, ${way}: ${percent(gain)} ± ${percent(error)} points`);
      }
    }
  });

  test('kept under their rides’ tags, as whoever holds the platform’s key sees them, the same notes would tell', (t) => {
    const { record, rows, seen } = attack;
    const found = gainsWith(attack, noteClues(seen, joins['the platform’s key'](record, rows)));
    t.diagnostic(told('with the key', found));
    assert.ok(found.some(({ gain, error }) => gain - z95 * error > POINT));
  });

  test('without empty messages, and with their times in a log, messages would tell', (t) => {
    const { record, seen } = attack;
    const notesOnly = record.sent.filter(({ isNote }) => isNote).map(({ atMs }) => atMs);
    const found = gainsWith(attack, logClues(seen, notesOnly));
    t.diagnostic(told('times of notes', found));
    assert.ok(found.some(({ gain, error }) => gain - 2 * error > 0));
  });

  test('a relay that neither waits nor mixes gives most rides away to whoever holds the key', async (t) => {
    const bare = attackOf(await recordDay({ phones: CONTROL_PHONES, seed: SEED, relay: passing }));
    const found = gainsWith(bare, noteClues(bare.seen, joins['the platform’s key'](bare.record, bare.rows)));
    t.diagnostic(told('without waiting', found));
    const mixed = gainsWith(attack, noteClues(attack.seen, joins['the platform’s key'](attack.record, attack.rows)));
    const best = (list: readonly Gain[]): number => Math.max(...list.map(({ gain }) => gain));
    assert.ok(best(found) > best(mixed) + 10 * POINT, `${percent(best(found))} against ${percent(best(mixed))}`);
  });
});
