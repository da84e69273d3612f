// The two ways of asking: a closed loop finds the best rate, an open one the times at a given rate.
import { setTimeout as wait } from 'node:timers/promises';
import { NO_TIME, openConnection } from './connection.ts';
import type { Connection, Outcome, Where } from './connection.ts';
import { MINUTE_MS } from '@tongche/protocol';
import { checkSync } from '@tongche/protocol/node';
import type { ClosedPlan, LoadResult, OpenPlan, Setup } from './messages.ts';
import { recorder } from './recorder.ts';
import type { Tell } from './recorder.ts';
import type { RideSource } from './rides.ts';
import { checkNumber, sharedMicros, writeSightings } from './sightings.ts';

/** A phone's own patience; longer than any answer that is still of use. */
const answerWithinMs = 10_000;
const sweepMs = 250;
const tickMs = 1;
/** Phones told to come later do, each in its own time. */
const pauseMs = 1_000;

interface Acknowledged {
  readonly ride: number;
  readonly minute: number;
  readonly atMicros: number;
}

/** Checks are computed when the run is over: they cost as much as sending. */
function noteSightings(
  path: string,
  acknowledged: readonly Acknowledged[],
  { rides, setup }: Pick<Parts, 'rides' | 'setup'>,
): void {
  const firstMinute = Math.floor(setup.dayStartMs / MINUTE_MS);
  const sightings = acknowledged.map(({ ride, minute, atMicros }) => {
    const bus = rides.busOf(ride);
    const check = checkSync({
      tag: new Uint8Array(rides.tagOf(ride)),
      code: new Uint8Array(Buffer.from(setup.codes[bus] ?? '', 'base64url')),
      day: setup.day,
      minute: minute - firstMinute,
    });
    return { bus, minute, check: checkNumber(check), atMicros, isLive: true };
  });
  writeSightings(path, sightings);
}

export interface Parts {
  readonly setup: Setup;
  readonly where: Where;
  readonly rides: RideSource;
  readonly tell: Tell;
}

/** Connections whose answer is overdue are dropped. Returns the end of watching. */
export function watchOverdue(connections: readonly Connection[]): () => void {
  const timer = setInterval(() => {
    const oldest = performance.now() - answerWithinMs;
    for (const one of connections) if (one.isBusy && one.sentMs < oldest) one.drop('timeout');
  }, sweepMs);
  return () => clearInterval(timer);
}

export function openConnections(where: Where, count: number): readonly Connection[] {
  return Array.from({ length: count }, (_, n) => openConnection(where, n));
}

/** Resolves when every answer is there, or is not worth waiting for any more. */
async function answers(connections: readonly Connection[], isMoreToSend: () => boolean): Promise<void> {
  const untilMs = performance.now() + answerWithinMs + sweepMs * 2;
  const isWaiting = (): boolean => isMoreToSend() || connections.some(({ isBusy }) => isBusy);
  while (isWaiting() && performance.now() < untilMs) await wait(sweepMs / 10);
}

function finish(connections: readonly Connection[], stopWatch: () => void): void {
  stopWatch();
  for (const one of connections) one.drop('timeout');
}

/** Told to come later, or not let in at all: whatever a phone answers with a pause. */
const pauses: ReadonlySet<Outcome> = new Set(['busy', NO_TIME, 'rate-limited', 'refused', 'reset']);

export async function closedLoop(plan: ClosedPlan, { where, rides, tell }: Parts): Promise<LoadResult> {
  const seen = recorder(plan, tell);
  const connections = openConnections(where, plan.connections);
  const stopWatch = watchOverdue(connections);
  await new Promise<void>((resolve) => {
    let running = connections.length;
    function next(one: Connection): void {
      const sentMs = performance.now();
      if (sentMs >= seen.endMs) {
        running -= 1;
        if (running === 0) resolve();
        return;
      }
      seen.offer(sentMs);
      rides.write(rides.next(), one.request, one.bodyAt, Date.now());
      one.send((outcome) => {
        seen.record(outcome, sentMs);
        // Not from within the answer: a server that is not there would have us call ourselves for ever.
        if (pauses.has(outcome)) setTimeout(next, pauseMs * (0.5 + Math.random()), one);
        else if (outcome === 'registered') next(one);
        else setImmediate(next, one);
      });
    }
    for (const one of connections) next(one);
  });
  finish(connections, stopWatch);
  return seen.result();
}

/** Calls `due` with each instant at which a ride is due, never before it and as soon after it as timers allow. */
async function atRate(
  perSecond: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  due: (dueMs: number) => void,
): Promise<void> {
  const gapMs = 1000 / perSecond;
  let dueMs = fromMs;
  for (let n = 0; dueMs < toMs;) {
    for (const nowMs = performance.now(); dueMs <= nowMs && dueMs < toMs; dueMs = fromMs + n * gapMs) {
      due(dueMs);
      n += 1;
    }
    await wait(tickMs);
  }
}

export async function openLoop(plan: OpenPlan, { where, rides, tell, setup }: Parts): Promise<LoadResult> {
  const seen = recorder(plan, tell);
  const connections = openConnections(where, plan.connections);
  const stopWatch = watchOverdue(connections);
  // In the order they became free, so that none is idle until the server closes it.
  let free: Connection[] = [...connections];
  let freeFrom = 0;
  let late: number[] = [];
  let lateFrom = 0;
  let isOver = false;

  const acknowledged: Acknowledged[] = [];

  function send(one: Connection, dueMs: number): void {
    const [ride, nowMs] = [rides.next(), Date.now()];
    rides.write(ride, one.request, one.bodyAt, nowMs);
    one.send((outcome) => {
      if (plan.sightings !== undefined && outcome === 'registered') {
        acknowledged.push({ ride, minute: Math.floor(nowMs / MINUTE_MS), atMicros: sharedMicros() });
      }
      seen.record(outcome, dueMs);
      release(one);
    });
  }
  /** The ride that has waited longest for a connection. */
  function nextLate(): number | undefined {
    const dueMs = isOver ? undefined : late[lateFrom];
    if (dueMs !== undefined) lateFrom += 1;
    else if (!isOver) [late, lateFrom] = [[], 0];
    return dueMs;
  }
  function release(one: Connection): void {
    for (let dueMs = nextLate(); dueMs !== undefined; dueMs = nextLate()) {
      if (performance.now() - dueMs <= plan.patienceMs) {
        setImmediate(send, one, dueMs);
        return;
      }
      seen.record('not-sent', dueMs);
    }
    free.push(one);
  }
  function due(dueMs: number): void {
    seen.offer(dueMs);
    const one = free[freeFrom];
    if (one === undefined) {
      late.push(dueMs);
      return;
    }
    freeFrom += 1;
    if (freeFrom >= connections.length) [free, freeFrom] = [free.slice(freeFrom), 0];
    send(one, dueMs);
  }
  await atRate(plan.ratePerSecond, { fromMs: seen.startMs, toMs: seen.endMs }, due);
  const { afterwards } = plan;
  if (afterwards !== undefined) {
    await atRate(afterwards.ratePerSecond, { fromMs: seen.endMs, toMs: seen.endMs + afterwards.ms }, due);
  }
  await answers(connections, () => lateFrom < late.length);
  isOver = true;
  finish(connections, stopWatch);
  for (const dueMs of late.slice(lateFrom)) seen.record('not-sent', dueMs);
  if (plan.sightings !== undefined) noteSightings(plan.sightings, acknowledged, { rides, setup });
  return seen.result();
}
