// Every column says what it holds; every personal one has its line in docs/privacy.md, and every line there its column.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
/** Names that speak of people: a column called so must be marked or must say why it is not personal. */
const suspicious = /phone|person|reach|address|passenger|holder|contact|subject|openid|identity|^name|sealed|tag$|^ip$/;

/** Tables about places, vehicles and settings: their names are not people's. */
const notPeople = /^(platform\.(line|stop|direction|unit|platform_state)|vault\.setting)\./;

interface Column {
  readonly id: string;
  readonly file: string;
  readonly comment: string | undefined;
}

/** Columns of `create table` statements with their comments. Partitions inherit and are not listed. */
export function columnsOf(sql: string, file: string): readonly Column[] {
  const process = /packages\/([a-z]+)\//.exec(file)?.[1] ?? '';
  const clean = sql.replaceAll(/--.*$/gm, '');
  const comments = new Map<string, string>();
  for (const [, name = '', text = ''] of clean.matchAll(
    /comment\s+on\s+column\s+([\w."]+)\s+is\s+((?:'(?:[^']|'')*'\s*)+);/gi,
  )) {
    comments.set(
      name.replaceAll('"', ''),
      text
        .replaceAll(/'\s*\n\s*'/g, '')
        .trim()
        .slice(1, -1),
    );
  }
  const columns: Column[] = [];
  for (const [, table = '', body = ''] of clean.matchAll(
    /create\s+table\s+(?:if\s+not\s+exists\s+)?([\w."]+)\s*\(([^;]*?)\)\s*(?:partition\s+by[^;]*)?;/gis,
  )) {
    let depth = 0;
    let item = '';
    const items: string[] = [];
    for (const letter of body) {
      if (letter === '(') depth += 1;
      if (letter === ')') depth -= 1;
      if (letter === ',' && depth === 0) {
        items.push(item);
        item = '';
      } else item += letter;
    }
    for (const text of [...items, item]) {
      const name = /^\s*"?(\w+)"?\s+\w/.exec(text)?.[1];
      if (name === undefined || /^(primary|unique|check|foreign|constraint|exclude|like)$/i.test(name)) continue;
      const id = `${table.replaceAll('"', '')}.${name}`;
      columns.push({ id: `${process}.${id}`, file, comment: comments.get(id) });
    }
  }
  return columns;
}

/** Column ids named in the first cell of the table rows of docs/privacy.md, as `process.table.column`. */
function documented(): ReadonlySet<string> {
  const text = readFileSync(join(root, 'docs/privacy.md'), 'utf8');
  return new Set([...text.matchAll(/`([a-z]+(?:\.\w+){2,3})`/g)].map(([, id = '']) => id));
}

const columns = globSync('packages/*/migrations*/*.sql', { cwd: root }).flatMap((file) =>
  columnsOf(readFileSync(join(root, file), 'utf8'), file),
);

test('every column of every table says what it holds', () => {
  assert.ok(columns.length > 50, `only ${columns.length} columns were found`);
  assert.deepEqual(
    columns.filter((column) => column.comment === undefined).map((column) => `${column.file}: ${column.id}`),
    [],
  );
});

test('every personal column has its line in docs/privacy.md, and the reverse', () => {
  const marked = columns.filter((column) => column.comment?.startsWith('PERSONAL:')).map((column) => column.id);
  assert.ok(marked.length > 0);
  const known = documented();
  assert.deepEqual(
    marked.filter((id) => !known.has(id)),
    [],
    'personal columns without a line in docs/privacy.md',
  );
  const all = new Set(columns.map((column) => column.id));
  assert.deepEqual(
    [...known].filter((id) => !all.has(id)),
    [],
    'lines in docs/privacy.md without a column',
  );
});

test('a column whose name speaks of people is marked or says why it is not personal', () => {
  const unmarked = columns.filter(
    (column) =>
      !notPeople.test(column.id) &&
      suspicious.test(column.id.split('.').at(-1) ?? '') &&
      !/^PERSONAL:|not personal/i.test(column.comment ?? ''),
  );
  assert.deepEqual(
    unmarked.map((column) => `${column.file}: ${column.id}`),
    [],
  );
});

test('a new personal column without its line is found', () => {
  const planted = columnsOf(
    "create table x (a int, phone text not null);\ncomment on column x.phone is 'PERSONAL: planted';",
    'packages/platform/migrations/9.sql',
  );
  assert.deepEqual(
    planted.map((column) => [column.id, column.comment]),
    [
      ['platform.x.a', undefined],
      ['platform.x.phone', 'PERSONAL: planted'],
    ],
  );
});
