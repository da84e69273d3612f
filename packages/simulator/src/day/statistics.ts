// What a day came to: counted where it happens, read at the end or for a line of progress.
import { performance } from 'node:perf_hooks';
import type { Answer, Caller } from '../phone/caller.ts';
import { refusalOf } from '../phone/caller.ts';

export interface DayCounts {
  /** Records acknowledged by the platform: riders, companions, assisted riders and crew. */
  acknowledged: number;
  /** Of these: with a phone and in time, as a companion, by a driver, late after having been offline, by crew. */
  scanned: number;
  companions: number;
  assisted: number;
  offline: number;
  crew: number;
  /** People the acknowledged records stand for, without those taken back; crew do not count. */
  heads: number;
  /** Scans of a wrong vehicle, and how many were taken back. */
  wrong: number;
  undone: number;
  notes: number;
  /** Of these, written by the phone at a later scan. */
  chained: number;
  enrolled: number;
  signIns: number;
  trips: number;
}

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DayStatistics extends Readonly<DayCounts> {
  /** Final refusals by the catalogue's code: riders and staff who went away without what they came for. */
  readonly refused: Readonly<Record<string, number>>;
  /** Refused answers a phone mended by itself: a proof of work, a fresh seal, a fresh wallet. */
  readonly retried: Readonly<Record<string, number>>;
  /** Everything else that went wrong, and the first of it. */
  readonly faults: number;
  readonly firstFault: string | undefined;
  readonly ride: Latency;
}

export interface Tally {
  readonly counts: DayCounts;
  refused(code: string): void;
  fault(error: unknown): void;
  /** The same caller, its answers counted; with `timed`, calls of that path are timed. */
  watched(caller: Caller, timed?: string): Caller;
  read(): DayStatistics;
}

/** Times kept: beyond this the earliest are overwritten. */
const keptTimes = 1_000_000;

function add(to: Map<string, number>, key: string): void {
  to.set(key, (to.get(key) ?? 0) + 1);
}

function less(all: ReadonlyMap<string, number>, final: ReadonlyMap<string, number>): Record<string, number> {
  const left = [...all].map(([code, count]) => [code, count - (final.get(code) ?? 0)] as const);
  return Object.fromEntries(left.filter(([, count]) => count > 0));
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

export function openTally(): Tally {
  const counts: DayCounts = {
    acknowledged: 0,
    scanned: 0,
    companions: 0,
    assisted: 0,
    offline: 0,
    crew: 0,
    heads: 0,
    wrong: 0,
    undone: 0,
    notes: 0,
    chained: 0,
    enrolled: 0,
    signIns: 0,
    trips: 0,
  };
  const answered = new Map<string, number>();
  const refused = new Map<string, number>();
  const times: number[] = [];
  let calls = 0;
  let faults = 0;
  let firstFault: string | undefined;

  function took(ms: number): void {
    times[calls % keptTimes] = ms;
    calls += 1;
  }

  return {
    counts,
    refused: (code) => add(refused, code),
    fault(error) {
      faults += 1;
      firstFault ??= error instanceof Error ? error.message : String(error);
    },
    watched: (caller, timed) => ({
      ...caller,
      async call(method, path, options): Promise<Answer> {
        const beganMs = performance.now();
        const answer = await caller.call(method, path, options);
        if (timed !== undefined && path.startsWith(timed)) took(performance.now() - beganMs);
        if (answer.status > 299) add(answered, refusalOf(answer) || String(answer.status));
        return answer;
      },
    }),
    read: () => ({
      ...counts,
      refused: Object.fromEntries(refused),
      retried: less(answered, refused),
      faults,
      firstFault,
      ride: latencyOf(times),
    }),
  };
}
