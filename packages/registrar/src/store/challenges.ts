// Tries of one-time codes. One statement takes a try, so that concurrent requests share the five.
import type { Database } from '@tongche/postgres';

export interface ChallengeStore {
  /** The number of the try taken (1..limit), or undefined when the challenge is used or worn out. */
  takeTry(id: Uint8Array, limit: number, expiresMs: number): Promise<number | undefined>;
  /** Marks the challenge as used; false when it already was. */
  use(id: Uint8Array): Promise<boolean>;
  /** Deletes what ended before; returns how many. */
  expire(nowMs: number): Promise<number>;
}

export function challengeStore(db: Database): ChallengeStore {
  return {
    async takeTry(id, limit, expiresMs) {
      // Index: primary key.
      const row = await db.one<{ tries: number }>(
        `insert into otp_challenge (challenge_id, tries, used, expires_at)
         values ($1, 1, false, to_timestamp($3 / 1000.0))
         on conflict (challenge_id) do update set tries = otp_challenge.tries + 1
           where not otp_challenge.used and otp_challenge.tries < $2
         returning tries`,
        [id, limit, expiresMs],
      );
      return row?.tries;
    },
    async use(id) {
      const row = await db.one<{ tries: number }>(
        `update otp_challenge set used = true where challenge_id = $1 and not used returning tries`,
        [id],
      );
      return row !== undefined;
    },
    async expire(nowMs) {
      // Index: otp_challenge_expiry.
      const rows = await db.query(
        `delete from otp_challenge where expires_at <= to_timestamp($1 / 1000.0) returning 1`,
        [nowMs],
      );
      return rows.length;
    },
  };
}
