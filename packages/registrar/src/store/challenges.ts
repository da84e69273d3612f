// Tries of one-time codes. One statement takes a try, so that concurrent requests share the five.
import type { Database } from '@tongche/postgres';

export interface ChallengeTry {
  readonly limit: number;
  readonly isRight: boolean;
  /** End of the challenge. */
  readonly expiresMs: number;
}

export interface ChallengeStore {
  /**
   * Takes a try and, where its code is right, uses the challenge up. The number of the try (1..limit), or undefined when the
   * challenge was used or worn out before: then a right code is worth nothing.
   */
  takeTry(id: Uint8Array, attempt: ChallengeTry): Promise<number | undefined>;
  /** Deletes what ended before; returns how many. */
  expire(nowMs: number): Promise<number>;
}

export function challengeStore(db: Database): ChallengeStore {
  return {
    async takeTry(id, { limit, isRight, expiresMs }) {
      // Index: primary key.
      const row = await db.one<{ tries: number }>(
        {
          name: 'take-try',
          text: `insert into otp_challenge (challenge_id, tries, used, expires_at)
         values ($1, 1, $4, to_timestamp($3 / 1000.0))
         on conflict (challenge_id) do update set tries = otp_challenge.tries + 1, used = excluded.used
           where not otp_challenge.used and otp_challenge.tries < $2
         returning tries`,
        },
        [id, limit, expiresMs, isRight],
      );
      return row?.tries;
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
