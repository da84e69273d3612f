// What the server behind a connection string offers: asked once at the start of a process, before its migrations.
import { ConfigError } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import type { Queryable } from './database.ts';
import { events } from './events.ts';

export interface ServerOffer {
  /** 15 to 18. */
  readonly major: number;
  /** As the server writes it, e.g. `18.4`. */
  readonly version: string;
  /** `on`: the extension is in this database; `available`: it could be made; `none`: the server has no Citus. */
  readonly citus: 'on' | 'available' | 'none';
}

/** MERGE and the rest of what the schemas use are there from 15 on; beyond 18 nobody has tried them. */
const oldestMajor = 15;
const newestMajor = 18;

const query = `
select current_setting('server_version_num')::int / 10000 as major,
       split_part(current_setting('server_version'), ' ', 1) as version,
       pg_is_in_recovery() as standby,
       case when exists (select from pg_extension where extname = 'citus') then 'on'
            when exists (select from pg_available_extensions where name = 'citus') then 'available'
            else 'none' end as citus`;

export async function askOffer(db: Queryable): Promise<ServerOffer & { readonly standby: boolean }> {
  const row = await db.one<ServerOffer & { readonly standby: boolean }>(query);
  if (row === undefined) throw new Error('the server says nothing of itself');
  return row;
}

/** Throws ConfigError with one line for a server this system cannot use. */
export function checkOffer({ major, version, standby }: ServerOffer & { readonly standby: boolean }): void {
  if (major < oldestMajor || major > newestMajor) {
    throw new ConfigError(
      `the database is PostgreSQL ${version}; versions ${oldestMajor} to ${newestMajor} are supported`,
    );
  }
  if (standby) throw new ConfigError('the database is a standby, which takes no writes; name its primary as well');
}

/** Asks, checks and says it in the log. */
export async function serverOffer(db: Queryable, app: string, log: Log | undefined): Promise<ServerOffer> {
  const offer = await askOffer(db);
  checkOffer(offer);
  const { major, version, citus } = offer;
  log?.event(events.serverOffers, { app, version, citus });
  return { major, version, citus };
}
