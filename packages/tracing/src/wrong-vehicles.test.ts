import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byHand, registered, weekOfCommuters, zone } from './journey-kit.test.ts';
import type { Presence } from './types.ts';
import { wrongVehicles } from './wrong-vehicles.ts';

type Hand = ReturnType<typeof byHand>;

/** Four right days there and back, and what `odd` makes of the fifth. */
function judged(odd: (hand: Hand) => readonly Presence[], minConfidence = 0.2) {
  const hand = byHand();
  const usual = [0, 1, 2, 3].flatMap((day) => [hand.ride(day, 'A', 0, '07:30', 0), hand.ride(day, 'A', 1, '18:00', 2)]);
  return wrongVehicles({ zone, presences: [...usual, ...odd(hand)], world: hand.world, minConfidence });
}

describe('wrong vehicles', () => {
  it('are not suspected in a week like any other, nor in a ride that only differs', () => {
    assert.deepEqual(
      judged(({ ride }) => [ride(4, 'A', 0, '07:30', 0), ride(4, 'A', 1, '18:00', 2)], 0),
      [],
    );
    // Another line in the afternoon, on from where the way out ended.
    assert.deepEqual(
      judged(({ ride }) => [ride(4, 'A', 0, '07:30', 0)]),
      [],
    );
  });

  it('are suspected where the usual line was scanned the other way', () => {
    const found = judged(({ ride }) => [ride(4, 'A', 1, '07:30', 2), ride(4, 'A', 1, '18:00', 2)]);
    assert.deepEqual(
      found.map(({ presenceId, code, meant }) => [presenceId, code, meant]),
      [['A1 4 07:30', 'off-habit', { lineId: 'A', dir: 0 }]],
    );
    assert.match(found[0]?.text.zh ?? '', /^1月31日的登记：此时段通常乘坐A线，/);
    assert.match(found[0]?.text.en ?? '', /^Registration of 31 January: at this hour line A is usual/);
  });

  it('are suspected where the vehicle stood still at the hour of a usual ride', () => {
    const found = judged(({ ride }) => [
      ride(4, 'A', 0, '07:40', 0, { runKey: null, unit: 'depot' }),
      ride(4, 'A', 1, '18:00', 2),
    ]);
    assert.deepEqual(
      found.map(({ code }) => code),
      ['no-run'],
    );
    assert.match(found[0]?.text.zh ?? '', /没有班次/);
    assert.match(found[0]?.text.en ?? '', /had no run/);
  });

  it('are suspected where the right code was scanned soon after', () => {
    const found = judged(({ ride }) => [
      ride(4, 'B', 0, '07:29', 9),
      ride(4, 'A', 0, '07:32', 0),
      ride(4, 'A', 1, '18:00', 2),
    ]);
    assert.deepEqual(
      found.map(({ presenceId, code }) => [presenceId, code]),
      [['B0 4 07:29', 'twice']],
    );
    assert.match(found[0]?.text.zh ?? '', /另一车辆/);
    assert.match(found[0]?.text.en ?? '', /within minutes/);
  });

  it('are mentioned when asked for all where a ride leads away from a way that hangs together without it', () => {
    const detour = ({ ride }: Hand) => [
      ride(4, 'A', 0, '07:30', 0),
      ride(4, 'B', 0, '12:00', 0),
      ride(4, 'A', 1, '18:00', 2),
    ];
    assert.deepEqual(judged(detour), []);
    const [only] = judged(detour, 0);
    assert.equal(only?.code, 'off-way');
    assert.match(only.text.zh, /都不相接/);
    assert.match(only.text.en, /fits neither/);
  });

  it('are never suspected in what an investigator told', () => {
    assert.deepEqual(
      judged(({ ride }) => [ride(4, 'A', 1, '07:30', 2, { via: 'investigator' })], 0),
      [],
    );
  });

  it('are found for more than half of those in a town, and hardly ever where nothing is wrong', () => {
    const week = weekOfCommuters(21, 700, { compliance: 0.85, wrongShare: 0.01 });
    const score = { wrong: 0, found: 0, right: 0, falsely: 0 };
    for (const rides of week.rides) {
      const flagged = new Set(
        wrongVehicles({ zone, presences: registered(rides), world: week.world }).map(({ presenceId }) => presenceId),
      );
      for (const { presence, isWrong } of rides) {
        if (presence === null) continue;
        score[isWrong ? 'wrong' : 'right'] += 1;
        if (flagged.has(presence.id)) score[isWrong ? 'found' : 'falsely'] += 1;
      }
    }
    assert.ok(score.wrong > 20 && score.found >= 0.5 * score.wrong, `${score.found} of ${score.wrong}`);
    assert.ok(score.falsely <= 0.005 * score.right, `${score.falsely} of ${score.right}`);
  });
});
