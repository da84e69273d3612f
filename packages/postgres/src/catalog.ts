// What a database holds, read from PostgreSQL's catalogue, for copies.
import type { Queryable } from './database.ts';
import { LEAF } from './partitions.ts';

export interface TableInfo {
  readonly schema: string;
  readonly name: string;
  /** Columns that are stored, in order; computed ones are left out. */
  readonly columns: readonly string[];
  /** For a partition: its table and bound as SQL. */
  readonly partition: Partition | undefined;
}

export interface Partition {
  readonly parent: string;
  readonly bound: string;
  readonly options: string;
  /** Where the parent is a partition itself: of which table, and how it is partitioned. */
  readonly under?: { readonly parent: string; readonly bound: string; readonly key: string };
}

export interface SequenceInfo {
  readonly schema: string;
  readonly name: string;
}

/** Extensions' own tables belong to them, and the migration table describes the schema, not the content. */
const ownTables = `
  n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')`;

export const migrationTable = 'schema_migration';

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteTable({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/**
 * All tables with rows of their own, those others refer to first; without copies of a day that are being made. Throws when
 * references go in a circle.
 */
export async function listTables(db: Queryable): Promise<readonly TableInfo[]> {
  const tables = await db.query<{
    schema: string;
    name: string;
    parent: string | null;
    bound: string | null;
    options: string | null;
    columns: string[];
    under: { parent: string; bound: string; key: string } | null;
  }>(
    `select n.nspname as schema, c.relname as name, i.inhparent::regclass::text as parent,
            pg_get_expr(c.relpartbound, c.oid) as bound, array_to_string(c.reloptions, ', ') as options,
            (select json_build_object('parent', u.inhparent::regclass::text, 'bound', pg_get_expr(p.relpartbound, p.oid),
                                      'key', pg_get_partkeydef(p.oid))
               from pg_class p join pg_inherits u on u.inhrelid = p.oid
              where p.oid = i.inhparent and p.relispartition) as under,
            array(select a.attname::text from pg_attribute a
                  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                  order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_inherits i on i.inhrelid = c.oid
     where c.relkind = 'r' and not coalesce(i.inhdetachpending, false)
       and not (c.relname = $1 and not c.relispartition)
       and not (c.relname ~ $2 and not c.relispartition) and ${ownTables}
     order by 1, 2`,
    [migrationTable, `_d[0-9]+${LEAF.copy}$`],
  );
  const references = await db.query<{ child: string; target: string }>(
    `select distinct quote_ident(n.nspname) || '.' || quote_ident(c.relname) as child,
            quote_ident(tn.nspname) || '.' || quote_ident(t.relname) as target
     from pg_constraint k
     join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
     where k.contype = 'f' and k.conrelid <> k.confrelid`,
  );
  const parents = await db.query<{ child: string; parent: string }>(
    `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as child,
            quote_ident(pn.nspname) || '.' || quote_ident(p.relname) as parent
     from pg_inherits i
     join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
     where c.relispartition`,
  );
  const infos = tables.map(({ schema, name, columns, parent, bound, options, under }): TableInfo => ({
    schema,
    name,
    columns,
    partition:
      parent === null || bound === null
        ? undefined
        : { parent, bound, options: options ?? '', ...(under === null ? {} : { under }) },
  }));
  return inReferenceOrder(db, infos, references, parents);
}

async function inReferenceOrder(
  db: Queryable,
  infos: readonly TableInfo[],
  references: readonly { readonly child: string; readonly target: string }[],
  parents: readonly { readonly child: string; readonly parent: string }[],
): Promise<readonly TableInfo[]> {
  const quoted = await db.query<{ key: string }>(
    `select quote_ident(s) || '.' || quote_ident(t) as key from unnest($1::text[], $2::text[]) as x(s, t)`,
    [infos.map(({ schema }) => schema), infos.map(({ name }) => name)],
  );
  const keys = quoted.map(({ key }) => key);
  // A reference to a partitioned table is one to all of its partitions.
  const partitionsOf = Map.groupBy(parents, ({ parent }) => parent);
  const targets = new Map<string, Set<string>>();
  for (const { child, target } of references) {
    const leaves = partitionsOf.get(target)?.map((entry) => entry.child) ?? [target];
    for (const leaf of leaves) targets.set(child, (targets.get(child) ?? new Set<string>()).add(leaf));
  }
  const ordered: TableInfo[] = [];
  const state = new Map<string, 'open' | 'done'>();
  function visit(key: string): void {
    const info = infos[keys.indexOf(key)];
    if (info === undefined || state.get(key) === 'done') return;
    if (state.get(key) === 'open') throw new Error(`the references of ${key} go in a circle`);
    state.set(key, 'open');
    for (const target of targets.get(key) ?? []) visit(target);
    state.set(key, 'done');
    ordered.push(info);
  }
  for (const key of keys) visit(key);
  return ordered;
}

/** All sequences that do not belong to an extension. */
export async function listSequences(db: Queryable): Promise<readonly SequenceInfo[]> {
  return [
    ...(await db.query<SequenceInfo>(
      `select n.nspname as schema, c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'S' and ${ownTables} order by 1, 2`,
    )),
  ];
}

/** Landed migrations, or none where the table is absent. */
export async function listMigrations(
  db: Queryable,
): Promise<readonly { readonly app: string; readonly number: number; readonly sha256: string }[]> {
  const there = await db.one<{ there: boolean }>(`select to_regclass($1) is not null as there`, [migrationTable]);
  if (there?.there !== true) return [];
  return [
    ...(await db.query<{ app: string; number: number; sha256: string }>(
      `select app, number, sha256 from schema_migration order by app, number`,
    )),
  ];
}
