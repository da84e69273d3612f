// Own commits come back: each is acted on once, also when its answer was lost, whichever of the two comes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ownCommits } from './own.ts';

test('every committed statement is acted on exactly once, whatever became of its answer', () => {
  const fate = fc.record({
    committed: fc.boolean(),
    /** The answer is lost; whether it is committed nobody is told. */
    lost: fc.boolean(),
    echoFirst: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fate, { minLength: 1, maxLength: 12 }), fc.integer(), (fates, seed) => {
      const own = ownCommits();
      const acted = new Map<number, number>();
      const act = (xid: number): void => void acted.set(xid, (acted.get(xid) ?? 0) + 1);
      const steps: (() => void)[] = [];
      fates.forEach(({ committed, lost, echoFirst }, xid) => {
        const sending = own.begin();
        const answer = (): void => {
          if (committed && !lost) act(xid);
          sending.done(committed && !lost ? xid : undefined);
        };
        const echo = (): void => {
          if (committed) own.heard(xid, () => act(xid));
        };
        steps.push(...(echoFirst ? [echo, answer] : [answer, echo]));
      });
      // Statements overlap: their steps in an order of their own, each pair as it was.
      const pairs = fates.map((_, n) => steps.slice(2 * n, 2 * n + 2));
      let random = Math.abs(seed) + 1;
      while (pairs.some((pair) => pair.length > 0)) {
        random = (random * 48_271) % 2_147_483_647;
        const open = pairs.filter((pair) => pair.length > 0);
        open[random % open.length]?.shift()?.();
      }
      fates.forEach(({ committed }, xid) => assert.equal(acted.get(xid) ?? 0, committed ? 1 : 0));
    }),
    { seed: 3, numRuns: 500 },
  );
});
