// The notifier's side of the outbox. Every change names the states it may start from, so that a late or repeated one
// changes nothing.
import type { Queryable } from '@tongche/postgres';

import type { Channel, Route, Wording } from '@tongche/messages';

import type { ClaimedMessage } from './message.ts';
import type { Step } from './next-step.ts';

interface ClaimRow {
  readonly message_id: string;
  readonly routes: readonly Route[];
  readonly route: number;
  readonly wording: Wording;
  readonly attempts: number;
  readonly rounds: number;
  readonly may_retry: boolean;
  readonly tried: readonly string[];
}

export interface ClaimOptions {
  readonly limit: number;
  readonly nowMs: number;
  /** In quiet hours only urgent messages go. */
  readonly urgentOnly: boolean;
  readonly channel: Channel;
  /** Who is going to be asked. */
  readonly provider: string;
  /** All providers of the channel that can be reached now, in order; `provider` is one of them. */
  readonly reachable: readonly string[];
}

/**
 * Locks what may go next to this provider, urgent first, oldest first (index message_waiting): what those before it
 * have refused and it has not; the first provider also takes what all have been asked about. Call in a transaction
 * with markSending.
 */
export async function claim(tx: Queryable, options: ClaimOptions): Promise<readonly ClaimedMessage[]> {
  const { provider, reachable } = options;
  const before = reachable.slice(0, reachable.indexOf(provider));
  const { rows } = await tx.query<ClaimRow>(
    `select message_id, routes, route, wording, attempts, rounds, may_retry, tried
       from outbox.message
      where state = 'queued' and not_before_ms <= $1 and (urgent or not $2) and channel = $4 and routes is not null
        and ((not $5 = any(tried) and tried @> $6::text[]) or ($7 and tried @> $8::text[]))
      order by urgent desc, queued_ms, message_id
      limit $3
        for update skip locked`,
    [
      options.nowMs,
      options.urgentOnly,
      options.limit,
      options.channel,
      provider,
      before,
      before.length === 0,
      reachable,
    ],
  );
  return rows.map(claimedOf);
}

function claimedOf(row: ClaimRow): ClaimedMessage {
  const current = row.routes[row.route];
  if (current === undefined) throw new Error(`message ${row.message_id} has no route ${row.route}`);
  return {
    messageId: row.message_id,
    channel: current.channel,
    address: current.address,
    wording: row.wording,
    attempts: row.attempts,
    rounds: row.rounds,
    mayRetry: row.may_retry,
    tried: row.tried,
    hasNextRoute: row.route + 1 < row.routes.length,
  };
}

/** Must be committed before the gateway is called. */
export async function markSending(
  tx: Queryable,
  messageIds: readonly string[],
  provider: string,
  nowMs: number,
): Promise<void> {
  await tx.query(
    `update outbox.message
        set state = 'sending', attempts = attempts + 1, sending_ms = $2, reason = null, provider = $3,
            gateway_ids = '{}', delivered_ids = '{}'
      where message_id = any($1::uuid[]) and state = 'queued'`,
    [messageIds, nowMs, provider],
  );
}

/** Queued by a way for which this installation has no provider: the next way that has one, or failed. Returns how many. */
export async function skipChannels(db: Queryable, channels: readonly Channel[], nowMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message m
        set route = coalesce(next.at, m.route),
            channel = coalesce(next.channel, m.channel),
            tried = '{}', may_retry = false, rounds = 0,
            state = case when next.at is null then 'failed' else m.state end,
            reason = case when next.at is null then 'no-provider' end,
            settled_ms = case when next.at is null then $2::bigint end,
            history = outbox.with_attempt(m.history, $2, m.channel, null, 'refused', 'no-provider')
       from outbox.message s
       left join lateral (
              select (r.ordinality - 1)::smallint as at, r.value ->> 'channel' as channel
                from jsonb_array_elements(s.routes) with ordinality r
               where r.ordinality - 1 > s.route and r.value ->> 'channel' = any($1::text[])
               order by r.ordinality
               limit 1) next on true
      where m.message_id = s.message_id and m.state = 'queued' and m.channel <> all($1::text[])`,
    [channels, nowMs],
  );
  return rowCount;
}

/** At the start of a notifier: its list of providers may be another one now. */
export async function forgetTried(db: Queryable): Promise<void> {
  await db.query(`update outbox.message set tried = '{}', may_retry = false where state = 'queued' and tried <> '{}'`);
}

/** Also from `uncertain`: a sweep may have been faster than the gateway's answer, and the answer is the better word. */
export async function markAccepted(
  db: Queryable,
  messageId: string,
  gatewayIds: readonly string[],
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update outbox.message
        set state = 'accepted', gateway_ids = $2, delivered_ids = '{}', reason = null,
            history = outbox.with_attempt(history, $3, channel, provider, 'accepted', null)
      where message_id = $1 and state in ('sending', 'uncertain')`,
    [messageId, gatewayIds, nowMs],
  );
  return rowCount === 1;
}

/**
 * The gateway certainly did not take it; `step` is what follows (nextStep). What was erased meanwhile fails. From
 * `uncertain` (a sweep was faster) it can only fail: from there nothing is sent again but by a person.
 */
export async function markRefused(
  db: Queryable,
  messageId: string,
  refusal: { readonly reason: string; readonly retry: boolean },
  step: Step,
  nowMs: number,
): Promise<void> {
  await db.query(
    `update outbox.message
        set state = case when $4 = 'failed' or routes is null then 'failed' else 'queued' end,
            settled_ms = case when $4 = 'failed' or routes is null then $3::bigint end,
            reason = case when routes is null then 'erased' else left($2, 80) end,
            tried = case when $4 = 'next-provider' then array_append(array_remove(tried, provider), provider) else '{}' end,
            may_retry = $4 = 'next-provider' and (may_retry or $5),
            rounds = case $4 when 'again' then rounds + 1 when 'next-route' then 0 else rounds end,
            channel = case when $4 = 'next-route' and routes is not null then routes -> (route + 1) ->> 'channel' else channel end,
            route = case when $4 = 'next-route' and routes is not null then route + 1 else route end,
            not_before_ms = $3 + $6,
            history = outbox.with_attempt(history, $3, channel, provider, 'refused', $2)
      where message_id = $1 and (state = 'sending' or (state = 'uncertain' and $4 = 'failed'))`,
    [messageId, refusal.reason, nowMs, step.kind, refusal.retry, step.kind === 'again' ? step.inMs : 0],
  );
}

/** It was not given to the gateway: our own rates say later. Costs no attempt. What was erased meanwhile fails. */
export async function markPostponed(
  db: Queryable,
  messageId: string,
  reason: string,
  notBeforeMs: number,
): Promise<void> {
  await db.query(
    `update outbox.message
        set state = case when routes is null then 'failed' else 'queued' end,
            settled_ms = case when routes is null then $3::bigint end,
            reason = case when routes is null then 'erased' else left($2, 80) end,
            attempts = attempts - 1,
            not_before_ms = $3
      where message_id = $1 and state = 'sending'`,
    [messageId, reason, notBeforeMs],
  );
}

/** It may have been sent. Nothing but a person's decision, or a late receipt, gets it out of this state. */
export async function markUncertain(db: Queryable, messageId: string, reason: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `update outbox.message
        set state = 'uncertain', reason = left($2, 80),
            history = outbox.with_attempt(history, $3, channel, provider, 'unknown', $2)
      where message_id = $1 and state = 'sending'`,
    [messageId, reason, nowMs],
  );
  return rowCount === 1;
}

/** At the start of a notifier: whatever was being sent when the last one died may have been sent. Returns how many. */
export async function markInterrupted(db: Queryable, nowMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message
        set state = 'uncertain', reason = 'interrupted',
            history = outbox.with_attempt(history, $1, channel, provider, 'unknown', 'interrupted')
      where state = 'sending'`,
    [nowMs],
  );
  return rowCount;
}

/** Accepted before `beforeMs` and no receipt of all its parts since: nobody knows. Returns how many. */
export async function markReceiptless(db: Queryable, beforeMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message set state = 'uncertain', reason = 'no-receipt'
      where state = 'accepted' and sending_ms < $1`,
    [beforeMs],
  );
  return rowCount;
}

/** Destroys routes and wording of messages settled before `settledBeforeMs`. Returns how many. */
export async function blankSettled(db: Queryable, settledBeforeMs: number, nowMs: number): Promise<number> {
  const { rows } = await db.query<{ readonly blanked: number }>('select outbox.blank_settled($1, $2) as blanked', [
    settledBeforeMs,
    nowMs,
  ]);
  return rows[0]?.blanked ?? 0;
}

/** How many messages stand in each state, for health and metrics. */
export async function countByState(db: Queryable): Promise<Readonly<Record<string, number>>> {
  const { rows } = await db.query<{ readonly state: string; readonly count: number }>(
    'select state, count(*) as count from outbox.message group by state',
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}
