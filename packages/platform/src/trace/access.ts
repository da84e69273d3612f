// Our own evidence: every request for rides is written down, granted or refused, and counted for the public.
import { Refusal } from '@tongche/contract';
import type { AccessCounts } from '@tongche/contract';
import { dayOf, dayText } from '@tongche/protocol';
import type { RequestEnvelope } from '@tongche/protocol';
import { events } from '../events.ts';
import type { Platform } from '../platform.ts';
import type { Sql } from '../store/sql.ts';
import { addCounts, dailyCounts, logAccess, useNonce } from '../store/trace.ts';
import { signedNonce, useOnce } from './requests.ts';

/** An answer and what is to be written down of it. */
export interface Answered<Reply> {
  readonly reply: Reply;
  readonly orderHash: Uint8Array;
  readonly isNewOrder: boolean;
  readonly rides: number;
  readonly windows: number;
}

export interface Asked {
  readonly kind: 'match' | 'fetch';
  readonly orderHash?: Uint8Array;
  readonly windows: number;
}

/** Days shown to the public: rather more than a year. */
const shownDays = 399;

async function writeGranted(tx: Sql, { kind }: Asked, atMs: number, day: number, answered: Answered<unknown>) {
  const { orderHash, rides, windows, isNewOrder } = answered;
  await logAccess(tx, { atMs, kind, orderHash, outcome: 'granted', rides, windows });
  await addCounts(tx, day, { [kind]: 1, orders: isNewOrder ? 1 : 0, records: rides });
}

/**
 * Runs a request that the vault signed. One transaction holds the use of its nonce, what is looked up and kept for it, and its
 * place in the access log: the answer leaves only when all of that stands.
 */
export async function withAccessLog<Reply>(
  platform: Platform,
  asked: Asked,
  request: RequestEnvelope,
  work: (tx: Sql) => Promise<Answered<Reply>>,
): Promise<Reply> {
  const { db, clock, log, zone } = platform;
  const atMs = clock.now();
  const day = dayOf(atMs, zone);
  const { kind } = asked;
  /** Once the request's signature was found good: used, whether it is granted or refused. */
  let nonce: Uint8Array | undefined;
  try {
    const signed = await signedNonce(platform, request);
    nonce = signed;
    const { reply, rides, windows } = await db.tx(kind, async (tx) => {
      await useOnce(tx, signed, atMs);
      const answered = await work(tx);
      await writeGranted(tx, asked, atMs, day, answered);
      return answered;
    });
    log.event(events.traceGranted, { kind, rides, windows });
    return reply;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await db.tx('refused', async (tx) => {
      if (nonce !== undefined) await useNonce(tx, nonce, atMs);
      const { orderHash, windows } = asked;
      await logAccess(tx, { atMs, kind, orderHash, outcome: error.code, rides: 0, windows });
      await addCounts(tx, day, { refused: 1 });
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
