// What follows a refusal, as a table and as rules that hold for all of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';

import { MAX_ROUNDS, nextStep } from './next-step.ts';
import type { Refusal, Standing } from './next-step.ts';

const fresh: Standing = { rounds: 0, mayRetry: false, hasNextProvider: true, hasNextRoute: true };
const last: Standing = { ...fresh, hasNextProvider: false };
const lastOfAll: Standing = { ...last, hasNextRoute: false };
const worn: Standing = { ...last, rounds: MAX_ROUNDS - 1 };
const down: Refusal = { fault: 'provider', retry: true };
const cannot: Refusal = { fault: 'provider', retry: false };
const number: Refusal = { fault: 'message', retry: false };
const numberLater: Refusal = { fault: 'message', retry: true, retryInMs: 30_000 };

const table: readonly (readonly [Standing, Refusal, ReturnType<typeof nextStep>])[] = [
  [fresh, down, { kind: 'next-provider' }],
  [fresh, cannot, { kind: 'next-provider' }],
  [fresh, number, { kind: 'next-route' }],
  [fresh, numberLater, { kind: 'again', inMs: 30_000 }],
  [last, down, { kind: 'again', inMs: 2_000 }],
  [{ ...last, rounds: 3 }, down, { kind: 'again', inMs: 16_000 }],
  [{ ...last, rounds: 12 }, down, { kind: 'again', inMs: 600_000 }],
  [last, cannot, { kind: 'next-route' }],
  [{ ...last, mayRetry: true }, cannot, { kind: 'again', inMs: 2_000 }],
  [{ ...last, mayRetry: true }, number, { kind: 'next-route' }],
  [worn, down, { kind: 'next-route' }],
  [{ ...worn, hasNextRoute: false }, numberLater, { kind: 'failed' }],
  [lastOfAll, cannot, { kind: 'failed' }],
  [lastOfAll, number, { kind: 'failed' }],
  [{ ...fresh, hasNextRoute: false }, number, { kind: 'failed' }],
];

test('each refusal has its consequence', () => {
  for (const [standing, refusal, step] of table) {
    assert.deepEqual(nextStep(standing, refusal), step, JSON.stringify([standing, refusal]));
  }
});

test('property: a number’s own refusal never goes to another provider; every chain of refusals ends', () => {
  const refusals = fc.record({ fault: fc.constantFrom('provider', 'message'), retry: fc.boolean() });
  const chain = fc.record({
    providers: fc.integer({ min: 1, max: 4 }),
    routes: fc.integer({ min: 1, max: 3 }),
    refusals: fc.array(refusals, { minLength: 1, maxLength: 5 }),
  });
  fc.assert(
    fc.property(chain, ({ providers, routes, refusals: said }) => {
      let standing = { rounds: 0, mayRetry: false, tried: 0, route: 0 };
      const most = routes * MAX_ROUNDS * providers;
      for (let n = 0; ; n += 1) {
        assert.ok(n <= most, 'it goes on for ever');
        const refusal = said[n % said.length] ?? down;
        const step = nextStep(
          {
            rounds: standing.rounds,
            mayRetry: standing.mayRetry,
            hasNextProvider: standing.tried + 1 < providers,
            hasNextRoute: standing.route + 1 < routes,
          },
          refusal,
        );
        if (refusal.fault === 'message') assert.notEqual(step.kind, 'next-provider');
        if (step.kind === 'failed') return;
        if (step.kind === 'next-provider') {
          standing = { ...standing, tried: standing.tried + 1, mayRetry: standing.mayRetry || refusal.retry };
        } else if (step.kind === 'again') {
          standing = { ...standing, rounds: standing.rounds + 1, tried: 0, mayRetry: false };
        } else {
          standing = { rounds: 0, mayRetry: false, tried: 0, route: standing.route + 1 };
        }
      }
    }),
    { seed: 11, numRuns: 500 },
  );
});
