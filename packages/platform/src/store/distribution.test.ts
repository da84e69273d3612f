// What Citus would refuse: read from every statement of this package that touches rides or notes, and from the schema as
// the migrations make it (a stand-in of Citus refuses there what Citus refuses).
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { distribute } from '@tongche/postgres';
import { standInForCitus, testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { DISTRIBUTED, rowForm } from './distribution.ts';

const source = resolve(import.meta.dirname, '..');
const spread = new Set(DISTRIBUTED.map(({ table }) => table));

/** Statements that run only where nothing is spread; docs/citus.md says what runs there instead. */
const plainOnly = [/-- plain only/];

interface Found {
  readonly file: string;
  readonly text: string;
}

/** Every string of the package's code that names one of the spread tables as a table. */
function statements(): readonly Found[] {
  const names = new RegExp(`\\b(?:from|join|into|update)\\s+(?:${[...spread].join('|')})\\b`);
  return globSync('**/*.ts', { cwd: source })
    .filter((file) => !/\.test\.ts$|test-kit|-kit\.ts$/.test(file))
    .flatMap((file) => {
      const code = readFileSync(join(source, file), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
      const strings = code.match(/`(?:\\.|[^`])*`|'(?:\\.|[^'\\\n])*'/g) ?? [];
      return strings.filter((text) => names.test(text)).map((text) => ({ file, text: text.slice(1, -1) }));
    });
}

/** The end of what begins with the bracket at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')' && (depth -= 1) === 0) return at;
  }
  throw new Error(`unbalanced: ${text}`);
}

interface Blocks {
  /** Names that stand for the result of another part: to Citus rows that are there already. */
  readonly results: ReadonlySet<string>;
  readonly blocks: readonly string[];
}

/** A statement and its materialized parts, which Citus plans one by one. */
function blocksOf(statement: string): Blocks {
  const results = new Set<string>();
  const blocks: string[] = [];
  let rest = statement;
  for (
    let match = /(\w+) as materialized \(/.exec(rest);
    match !== null;
    match = /(\w+) as materialized \(/.exec(rest)
  ) {
    const open = match.index + match[0].length - 1;
    const end = closing(rest, open);
    results.add(match[1] ?? '');
    blocks.push(rest.slice(open + 1, end));
    rest = rest.slice(0, match.index) + rest.slice(end + 1);
  }
  // The others are put into the query they stand in.
  for (const [, name = ''] of rest.matchAll(/(\w+) as \(/g)) results.add(name);
  return { results, blocks: [...blocks, rest] };
}

function tablesOf(block: string): readonly string[] {
  const named = block.matchAll(/\b(?:from|join|into|update)\s+(\w+)\b(?!\s*\()/g);
  return [...named].map(([, name = '']) => name).filter((name) => !/^\d/.test(name));
}

/** What needs all rows of a table together: not allowed in what is done again for every row of something else. */
const merging = /\b(?:limit|group by|order by|distinct|count|sum|max|min)\b/;

function faultsOf({ results, blocks }: Blocks): readonly string[] {
  return blocks.flatMap((block) => {
    const tables = tablesOf(block);
    const ours = tables.filter((table) => spread.has(table));
    if (ours.length === 0) return [];
    const others = tables.filter((table) => !spread.has(table) && !results.has(table));
    const faults = others.map((table) => `joins ${ours[0]} with ${table}`);
    if (new Set(ours).size > 1) faults.push('joins two spread tables');
    if (/\bfor (?:no key )?(?:update|share)\b/.test(block)) faults.push('locks rows');
    for (const match of block.matchAll(/lateral\s*\(/g)) {
      const open = match.index + match[0].length - 1;
      if (merging.test(block.slice(open, closing(block, open)))) faults.push('merges within a lateral part');
    }
    return faults;
  });
}

test('no statement on rides or notes asks Citus for what it refuses', () => {
  const found = statements();
  assert.ok(found.length >= 12, `${found.length} statements`);
  const faults = found
    .filter(({ text }) => !plainOnly.some((mark) => mark.test(text)))
    .flatMap(({ file, text }) => faultsOf(blocksOf(text)).map((fault) => `${file}: ${fault}: ${text.slice(0, 120)}`));
  assert.deepEqual(faults, []);
});

test('the reading of statements finds what is planted', () => {
  for (const [text, fault] of [
    ['select * from ride join unit u on u.unit_id = ride.code_id', /with unit/],
    ['with a as (select code_id from code) select * from a join ride using (code_id)', /with code/],
    ['select * from ride where code_id = 1 for update', /locks/],
    ['select * from ride_note n join ride r on r.tag = n.tag', /two spread/],
    ['select * from unnest($1::int[]) w cross join lateral (select * from ride limit 1) r', /merges/],
  ] as const) {
    assert.match(faultsOf(blocksOf(text)).join(), fault, text);
  }
  for (const text of [
    'with a as materialized (select code_id from code) select * from a join ride using (code_id)',
    'with r as materialized (select run, count(*) from ride group by 1) select * from r left join run using (run)',
    'select * from unnest($1::int[]) w(c) cross join lateral (select tag from ride where code_id = w.c) r limit 5',
  ]) {
    assert.deepEqual(faultsOf(blocksOf(text)), [], text);
  }
});

test('the schema can be spread: every unique key holds the column, nothing refers to the tables', async () => {
  const { db } = await testDatabase(await testEngine(), new URL('../../migrations', import.meta.url));
  await standInForCitus(db);
  await distribute(db, DISTRIBUTED);
  const tables = await db.query(
    `select table_name::text as table, distribution_column as column from citus_tables
      where table_name in ('ride'::regclass, 'ride_note'::regclass) order by 1`,
  );
  assert.deepEqual(tables, DISTRIBUTED);
});

test('rows go as VALUES where Citus is, as arrays elsewhere, unless the configuration says otherwise', () => {
  const offer = { major: 17, version: '17.6' } as const;
  assert.equal(rowForm('auto', { ...offer, citus: 'on' }), 'values');
  assert.equal(rowForm('auto', { ...offer, citus: 'available' }), 'arrays');
  assert.equal(rowForm('auto', { ...offer, citus: 'none' }), 'arrays');
  assert.equal(rowForm('values', { ...offer, citus: 'none' }), 'values');
});
