// For tests on a server without Citus: the few names of Citus that this system calls, as SQL. It spreads nothing; it
// refuses what Citus refuses at that point (citus/src/backend/distributed: a unique key without the column, references
// and triggers), keeps a catalogue, and answers sizes for the table itself.
import type { Queryable } from './database.ts';
import { askOffer } from './offer.ts';

const text = `
create table citus_stand_in (table_name regclass primary key, distribution_column text, shard_count int);
create view citus_tables as
  select table_name, 'distributed' as citus_table_type, distribution_column, shard_count::bigint from citus_stand_in;

create function citus_get_active_worker_nodes(out node_name text, out node_port bigint) returns setof record
language sql as $$ values ('one', 5432::bigint), ('two', 5432) $$;

create function create_distributed_table(
  table_name regclass, distribution_column text, distribution_type text default 'hash',
  colocate_with text default 'default', shard_count int default null
) returns void language plpgsql as $$
declare
  col smallint;
begin
  select attnum into strict col from pg_attribute where attrelid = table_name and attname = distribution_column;
  if exists (select from pg_index where indrelid = table_name and indisunique and not col = any (indkey::int2[])) then
    raise exception 'cannot create constraint on "%"', table_name
      using errcode = '42P16', detail = 'Distributed relations cannot have UNIQUE constraints without the column.';
  end if;
  if exists (select from pg_constraint where contype = 'f' and table_name in (conrelid, confrelid)) then
    raise exception 'cannot create foreign key constraint' using errcode = '42830';
  end if;
  if exists (select from pg_trigger where tgrelid = table_name and not tgisinternal) then
    raise exception 'triggers are not supported on distributed tables' using errcode = '0A000';
  end if;
  insert into citus_stand_in values (table_name, distribution_column, shard_count);
end $$;

create function citus_total_relation_size(logicalrelid regclass, fail_on_error boolean default true) returns bigint
language sql as $$ select pg_total_relation_size(logicalrelid) $$;

create function run_command_on_shards(
  table_name regclass, command text, parallel boolean default true,
  out shardid bigint, out success boolean, out result text
) returns setof record language plpgsql as $$
begin
  shardid := 102008;
  success := true;
  execute format(command, table_name) into result;
  return next;
end $$;
`;

/** Makes the names in the session's schema; nothing on a server that has Citus. */
export async function standInForCitus(db: Queryable): Promise<void> {
  if ((await askOffer(db)).citus !== 'on') await db.query(text);
}
