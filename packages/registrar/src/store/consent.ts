// Every version of the text people agreed to.
import type { Database } from '@tongche/postgres';

export interface ConsentText {
  readonly version: number;
  readonly sha256: Uint8Array;
  readonly zh: string;
  readonly en: string;
}

export interface ConsentStore {
  /** Keeps a version. Returns the one kept, which is the first text of that version. */
  keep(text: ConsentText): Promise<ConsentText>;
}

export function consentStore(db: Database): ConsentStore {
  return {
    async keep({ version, sha256, zh, en }) {
      await db.query(
        `insert into consent_text (version, sha256, zh, en) values ($1, $2, $3, $4) on conflict (version) do nothing`,
        [version, sha256, zh, en],
      );
      const row = await db.one<{ version: number; sha256: Buffer; zh: string; en: string }>(
        `select version, sha256, zh, en from consent_text where version = $1`,
        [version],
      );
      if (row === undefined) throw new Error('the consent text just kept is not there');
      return row;
    },
  };
}
