import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gapsOf } from './gaps.ts';
import type { GapSuggestion } from './gaps.ts';
import { MONDAY, registered, weekOfCommuters, zone } from './journey-kit.test.ts';
import type { TrueRide, Week } from './journey-kit.test.ts';

const days = { from: MONDAY, to: MONDAY + 6 };
const MARGIN_MS = 60 * 60_000;

function suggestionsFor(week: Week, rides: readonly TrueRide[], minConfidence?: number): readonly GapSuggestion[] {
  const input = { zone, person: 'c', presences: registered(rides), world: week.world, days };
  return gapsOf(minConfidence === undefined ? input : { ...input, minConfidence });
}

function isOf(suggestion: GapSuggestion, ride: TrueRide): boolean {
  const atMs = ride.run.stops[ride.boardSeq]?.depMs ?? 0;
  const isThen = atMs >= suggestion.fromMs - MARGIN_MS && atMs <= suggestion.toMs + MARGIN_MS;
  return (
    suggestion.day === ride.day && suggestion.lineId === ride.run.lineId && suggestion.dir === ride.run.dir && isThen
  );
}

interface Score {
  missing: number;
  found: number;
  wrong: number;
}

/** A ride registered on a wrong vehicle is missing where it was made: to suggest it is right, and nobody has to. */
function scoreOf(week: Week, minConfidence: number): Score {
  const score = { missing: 0, found: 0, wrong: 0 };
  for (const rides of week.rides) {
    const open = new Set(rides.filter(({ presence, isWrong }) => presence === null || isWrong));
    score.missing += rides.filter(({ presence }) => presence === null).length;
    for (const suggestion of suggestionsFor(week, rides, minConfidence)) {
      const ride = [...open].find((one) => isOf(suggestion, one));
      if (ride === undefined) score.wrong += 1;
      else {
        open.delete(ride);
        if (ride.presence === null) score.found += 1;
      }
    }
  }
  return score;
}

describe('missing rides', () => {
  it('are suggested for four in ten of what commuters did not register, and hardly ever wrongly', () => {
    const { missing, found, wrong } = scoreOf(weekOfCommuters(7, 400, { compliance: 0.85, wrongShare: 0.01 }), 0.5);
    assert.ok(found >= 0.4 * missing, `${found} of ${missing}`);
    assert.ok(wrong <= 0.15 * (found + wrong), `${wrong} wrong beside ${found}`);
  });
});
