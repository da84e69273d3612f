// Phones that never forget: a ride is sent again, the same bytes, until it is acknowledged. Their pauses are those of real
// phones made short, so that many crashes fit into a minute.
import { TAG_BYTES } from '@tongche/protocol';
import { isUnanswered, NO_TIME } from './connection.ts';
import type { Connection, Outcome } from './connection.ts';
import type { Drained, PhonesPlan } from './messages.ts';
import { openConnections, watchOverdue } from './plans.ts';
import type { Parts } from './plans.ts';

const firstPauseMs = 20;
const longestPauseMs = 500;
/** Answers that a later try may not get. */
const passing: ReadonlySet<Outcome> = new Set(['busy', NO_TIME, 'rate-limited', 'internal', 'refused']);

export interface Phones {
  readonly acknowledged: number;
  /** No new rides; resolves when every one made is acknowledged or refused for good. */
  drain(): Promise<Drained>;
}

function pauseAfter(tries: number): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries, 10));
  return longest * (0.5 + Math.random() / 2);
}

export function startPhones(plan: PhonesPlan, { where, rides }: Omit<Parts, 'tell'>): Phones {
  const connections = openConnections(where, plan.phones);
  const stopWatch = watchOverdue(connections);
  const acknowledged: number[] = [];
  const outcomes: Record<string, number> = {};
  const drained = Promise.withResolvers<void>();
  let [retries, refused, idle, draining] = [0, 0, 0, false];

  function rest(): void {
    idle += 1;
    if (idle === connections.length) drained.resolve();
  }
  function begin(one: Connection): void {
    if (draining) rest();
    else attempt(one, rides.next(), Date.now(), 0);
  }
  /** `boardedMs` stays: a retry is the same record. */
  function attempt(one: Connection, ride: number, boardedMs: number, tries: number): void {
    rides.write(ride, one.request, one.bodyAt, boardedMs);
    const settle = (outcome: Outcome): void => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (outcome === 'registered') {
        acknowledged.push(ride);
        setImmediate(begin, one);
      } else if (isUnanswered(outcome) || passing.has(outcome)) {
        retries += 1;
        setTimeout(attempt, pauseAfter(tries), one, ride, boardedMs, tries + 1);
      } else {
        refused += 1;
        setImmediate(begin, one);
      }
    };
    one.send(settle, tries === 0 && Math.random() < plan.cutShare);
  }
  for (const one of connections) begin(one);

  return {
    get acknowledged() {
      return acknowledged.length;
    },
    async drain() {
      draining = true;
      await drained.promise;
      stopWatch();
      for (const one of connections) one.drop('cut');
      const tags = new Uint8Array(acknowledged.length * TAG_BYTES);
      acknowledged.forEach((ride, n) => tags.set(rides.tagOf(ride), n * TAG_BYTES));
      return { kind: 'drained', tags, made: rides.made, retries, outcomes, refused };
    },
  };
}
