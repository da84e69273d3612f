// Asks a GTFS-Realtime feed of vehicle positions again and again: in bounded time and size, more rarely while it fails.
import { readVehiclePositions } from '@tongche/network/import';
import type { Clock, Log, Stop } from '@tongche/runtime';
import { events } from '../events.ts';
import type { PositionDesk } from './desk.ts';

interface FeedRules {
  readonly url: string;
  readonly everyS: number;
  readonly timeoutS: number;
  /** A feed made longer ago tells where vehicles were, not where they are: its source hangs. */
  readonly staleS: number;
  readonly maxBytes: number;
}

type FeedTrouble = 'unreachable' | 'http-status' | 'too-large' | 'unreadable' | 'stale';

/** The longest wait while the source fails. */
const maxWaitS = 600;

class Trouble extends Error {
  readonly reason: FeedTrouble;
  constructor(reason: FeedTrouble) {
    super(reason);
    this.reason = reason;
  }
}

async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of response.body ?? []) {
    total += part.length;
    if (total > maxBytes) throw new Trouble('too-large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function download({ url, timeoutS, maxBytes }: FeedRules): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutS * 1000) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Trouble('http-status');
    }
    return await bodyOf(response, maxBytes);
  } catch (error) {
    throw error instanceof Trouble ? error : new Trouble('unreachable');
  }
}

export interface FeedDesk {
  readonly clock: Clock;
  readonly log: Log;
  readonly desk: PositionDesk;
  /** Whether it is this process that asks. */
  readonly isOurs: () => Promise<boolean>;
}

/** Begins at once; the returned function ends it and waits for what is under way. */
export function pollFeed(rules: FeedRules, { clock, log, desk, isOurs }: FeedDesk): () => Promise<void> {
  let stopped = false;
  let stopTimer: Stop = () => {};
  let failures = 0;
  let lastHeaderMs = 0;
  let running: Promise<void> = Promise.resolve();

  async function once(): Promise<void> {
    const bytes = await download(rules);
    const nowMs = clock.now();
    const read = readVehiclePositions(bytes, { file: 'vehicle_positions.pb', receivedMs: nowMs });
    if (!read.ok) throw new Trouble('unreadable');
    const { positions, errorCount, headerMs } = read.value;
    if (headerMs !== undefined) {
      if (nowMs - headerMs > rules.staleS * 1000) throw new Trouble('stale');
      // The same feed again: nothing in it is new.
      if (headerMs === lastHeaderMs) return;
      lastHeaderMs = headerMs;
    }
    await desk.take({ rows: positions, errorCount });
  }

  async function turn(): Promise<void> {
    try {
      if (await isOurs()) await once();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error instanceof Trouble) log.event(events.positionsFailed, { reason: error.reason });
      else log.fault('platform.positions', error);
    }
  }

  function arm(waitS: number): void {
    if (stopped) return;
    stopTimer = clock.after('platform.positions', waitS * 1000, async () => {
      running = turn();
      await running;
      arm(Math.min(rules.everyS * 2 ** Math.min(failures, 10), Math.max(maxWaitS, rules.everyS)));
    });
  }

  arm(0);
  return async () => {
    stopped = true;
    stopTimer();
    await running;
  };
}
