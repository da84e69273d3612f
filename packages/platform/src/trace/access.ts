// Our own evidence: every request for rides is written down, granted or refused, and counted for the public.
import { Refusal } from '@tongche/contract';
import type { AccessCounts } from '@tongche/contract';
import { dayOf, dayText } from '@tongche/protocol';
import { events } from '../events.ts';
import type { Platform } from '../platform.ts';
import { addCount, dailyCounts, logAccess } from '../store/trace.ts';

/** An answer and what is to be written down of it. */
export interface Answered<Reply> {
  readonly reply: Reply;
  readonly orderHash: Uint8Array;
  readonly isNewOrder: boolean;
  readonly rides: number;
  readonly windows: number;
}

/** Days shown to the public: rather more than a year. */
const shownDays = 399;

/** Runs a request; the answer leaves only when it stands in the access log. */
export async function withAccessLog<Reply>(
  platform: Platform,
  kind: 'match' | 'fetch',
  asked: { readonly orderHash?: Uint8Array; readonly windows: number },
  work: () => Promise<Answered<Reply>>,
): Promise<Reply> {
  const { db, clock, log, zone } = platform;
  const atMs = clock.now();
  const day = dayOf(atMs, zone);
  try {
    const { reply, orderHash, isNewOrder, rides, windows } = await work();
    await db.tx('access', async (tx) => {
      await logAccess(tx, { atMs, kind, orderHash, outcome: 'granted', rides, windows });
      await addCount(tx, day, kind, 1);
      await addCount(tx, day, 'orders', isNewOrder ? 1 : 0);
      await addCount(tx, day, 'records', rides);
    });
    log.event(events.traceGranted, { kind, rides, windows });
    return reply;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { windows, orderHash } = asked;
    await db.tx('access', async (tx) => {
      await logAccess(tx, { atMs, kind, orderHash, outcome: error.code, rides: 0, windows });
      await addCount(tx, day, 'refused', 1);
    });
    log.event(events.traceRefused, { kind, reason: error.code });
    throw error;
  }
}

/** Days with a request, oldest first. */
export async function accessCounts({ db, clock, zone }: Platform): Promise<AccessCounts> {
  const rows = await dailyCounts(db, dayOf(clock.now(), zone) - shownDays);
  const days = Map.groupBy(rows, ({ day }) => day);
  return {
    days: [...days].map(([day, counts]) => {
      const of = (kind: string): number => counts.find((count) => count.kind === kind)?.n ?? 0;
      return {
        date: dayText(day),
        orders: of('orders'),
        match: of('match'),
        fetch: of('fetch'),
        refused: of('refused'),
        records: of('records'),
      };
    }),
  };
}
