// Rosters as signed, and passkeys waiting for the next one.
import type { PendingKey, Roster } from '@tongche/contract';
import type { Queryable } from '@tongche/postgres';
import type { Static } from 'typebox';

type Pending = Static<typeof PendingKey>;

export async function latestRoster(db: Queryable): Promise<Roster | undefined> {
  const row = await db.one<{ readonly body: string }>('select body from roster order by version desc limit 1');
  return row === undefined ? undefined : (JSON.parse(row.body) as Roster);
}

export async function addRoster(db: Queryable, roster: Roster, atMs: number): Promise<void> {
  await db.query('insert into roster (version, body, installed_ms) values ($1, $2, $3)', [
    roster.version,
    JSON.stringify(roster),
    atMs,
  ]);
  await db.query('delete from pending_key where key_id = any($1::text[])', [roster.keys.map(({ keyId }) => keyId)]);
}

export async function pendingKeys(db: Queryable): Promise<readonly Pending[]> {
  const rows = await db.query<{
    readonly key_id: string;
    readonly role: Pending['role'];
    readonly person: string;
    readonly public_key: string;
  }>('select key_id, role, person, public_key from pending_key order by asked_ms, key_id');
  return rows.map(({ key_id, role, person, public_key }) => ({ keyId: key_id, role, person, publicKey: public_key }));
}

export async function addPending(db: Queryable, key: Pending, atMs: number): Promise<void> {
  await db.query(
    `insert into pending_key (key_id, role, person, public_key, asked_ms) values ($1, $2, $3, $4, $5)
     on conflict (key_id) do nothing`,
    [key.keyId, key.role, key.person, key.publicKey, atMs],
  );
}
