// The daily lists phones compare themselves with: digests of single-use tags, without repetition, padded so that their
// number says little, sorted so that their order says nothing. Made once a day at the roll.
import { dayText, toBase64Url } from '@tongche/protocol';
import { bytesArray, prepared } from '@tongche/postgres';
import type { Queryable } from '@tongche/postgres';
import type { RegistrarClient } from '../clients/registrar.ts';
import type { Common } from '../cases/common.ts';
import { events } from '../events.ts';
import { offered } from '../keys/push.ts';

const KINDS = ['expo1', 'notice1'] as const;
type Kind = (typeof KINDS)[number];
const VALUE_BYTES = 8;
/** The length of a list is a multiple of this. */
const PAD_TO = 1_000;
/** Longest list (contract: ListPush holds 1 MB); what is above waits for the next day. */
const MAX_VALUES = 125_000;
/** Lists offered in one go. */
const MAX_PUSHES = 60;

export interface ListDesk {
  /** Keeps values for the next lists, in the caller's transaction. */
  add(tx: Queryable, values: Readonly<Record<Kind, readonly Buffer[]>>): Promise<void>;
  /** Makes today's lists unless they are made. */
  make(): Promise<void>;
  /** Offers what the registrar does not have yet; false when it did not take it. */
  push(): Promise<boolean>;
}

interface ListParts extends Common {
  readonly registrar: RegistrarClient;
  readonly today: () => number;
}

/** Sorted, distinct and padded with random values. */
export function paddedList(values: readonly Buffer[], random: (n: number) => Uint8Array): Buffer {
  const byHex = new Map(values.map((value) => [value.toString('hex'), value]));
  const wanted = Math.max(Math.ceil(byHex.size / PAD_TO), 1) * PAD_TO;
  while (byHex.size < wanted) {
    const filler = Buffer.from(random(VALUE_BYTES));
    byHex.set(filler.toString('hex'), filler);
  }
  return Buffer.concat([...byHex.values()].sort((a, b) => a.compare(b)));
}

export function openLists(parts: ListParts): ListDesk {
  const { db, clock, log, random, transparency, registrar, onLog, today } = parts;

  async function makeOne(kind: Kind, day: number): Promise<void> {
    await db.tx('make-list', async (tx) => {
      const begun = await tx.query('insert into daily_list (kind, day) values ($1, $2) on conflict do nothing', [
        kind,
        day,
      ]);
      if (begun.rowCount === 0) return;
      const rows = await tx.query<{ readonly value: Buffer }>(
        `delete from list_value where (kind, value) in
           (select kind, value from list_value where kind = $1 order by value limit $2)
         returning value`,
        [kind, MAX_VALUES],
      );
      const body = paddedList(
        rows.map(({ value }) => value),
        random,
      );
      await tx.query('update daily_list set body = $3 where kind = $1 and day = $2', [kind, day, body]);
      const detail = { list: kind, day, values: body.length / VALUE_BYTES };
      await transparency.append(tx, clock.now(), [{ kind: 'list', detail }]);
    });
  }

  return {
    async add(tx, values) {
      await tx.query(
        prepared(`insert into list_value (kind, value)
         select 'expo1', v from unnest($1::bytea[]) as v union select 'notice1', v from unnest($2::bytea[]) as v
         on conflict do nothing`),
        [bytesArray(values.expo1), bytesArray(values.notice1)],
      );
    },
    async make() {
      for (const kind of KINDS) await makeOne(kind, today());
      onLog();
    },
    async push() {
      const rows = await db.query<{ readonly kind: Kind; readonly day: number; readonly body: Buffer }>(
        'select kind, day, body from daily_list where pushed_ms is null and body is not null order by day, kind limit $1',
        [MAX_PUSHES],
      );
      for (const { kind, day, body } of rows) {
        const taken = await offered(log, 'list', () =>
          registrar.list({ kind, date: dayText(day), values: toBase64Url(body) }),
        );
        if (!taken) return false;
        await db.query('update daily_list set pushed_ms = $3, body = null where kind = $1 and day = $2', [
          kind,
          day,
          clock.now(),
        ]);
        log.event(events.listPublished, { kind, day, values: body.length / VALUE_BYTES });
      }
      return true;
    },
  };
}
