// What a driver's screen begins with: heads by minute and the latest rides of the shift's codes (primary key).
import { CREW } from '../rides/flags.ts';
import { boardedColumn, idBounds } from './rides.ts';
import type { CodeSpan } from './rides.ts';
import type { Sql } from './sql.ts';

/** Heads of a boarding minute within the n-th span. */
export interface SpanHeads {
  readonly n: number;
  readonly boardedMs: number;
  readonly heads: number;
}
export interface SpanRide {
  readonly n: number;
  readonly codeId: number;
  /** As uuid text, as is `tag`. */
  readonly rideId: string;
  readonly tag: string;
  readonly receivedS: number;
  readonly w2: number;
  readonly flags: number;
}

export const spanTable = 'unnest($1::int[], $2::uuid[], $3::uuid[]) with ordinality w(code_id, lo, hi, n)';

export function spanArrays(spans: readonly CodeSpan[]): [number[], string[], string[]] {
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  return [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi)];
}

/** Passengers only, each span by itself; `n` counts from 0. */
export async function headsOfSpans(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly SpanHeads[]> {
  return sql.query<SpanHeads>(
    `select (w.n - 1)::int as n, r.boarded_ms as "boardedMs", sum(r.heads)::int as heads
       from ${spanTable}
      cross join lateral (
        select ${boardedColumn} as boarded_ms, 1 + ((w2 >> 11) & 7) as heads from ride
         where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi and flags & ${CREW} = 0
      ) r
      group by 1, 2`,
    spanArrays(spans),
  );
}

/** The passengers who boarded last, at most `limit` of each span. */
export async function latestRides(sql: Sql, spans: readonly CodeSpan[], limit: number): Promise<readonly SpanRide[]> {
  return sql.query<SpanRide>(
    `-- plain only
     select (w.n - 1)::int as n, r.*
       from ${spanTable}
      cross join lateral (
        select code_id as "codeId", ride_id as "rideId", tag, received_s as "receivedS", w2, flags from ride
         where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi and flags & ${CREW} = 0
         order by ride_id desc limit $4
      ) r`,
    [...spanArrays(spans), limit],
  );
}
