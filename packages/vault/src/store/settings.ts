// Small facts to find again after a restart.
import type { Queryable } from '@tongche/postgres';

export async function readSetting(db: Queryable, name: string): Promise<string | undefined> {
  const row = await db.one<{ readonly value: string }>('select value from setting where name = $1', [name]);
  return row?.value;
}

export async function writeSetting(db: Queryable, name: string, value: string): Promise<void> {
  await db.query(
    'insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [name, value],
  );
}
