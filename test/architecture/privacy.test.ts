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

interface Found {
  readonly columns: readonly Column[];
  /** Tables this file makes, as `process.table`. */
  readonly made: readonly string[];
  /** Tables this file takes away and does not make anew. */
  readonly ended: readonly string[];
  /** Ids of columns this file takes away. */
  readonly dropped: readonly string[];
}

/** Cuts at the commas outside of brackets. */
function itemsOf(body: string): readonly string[] {
  const items: string[] = [];
  let depth = 0;
  let item = '';
  for (const letter of body) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === ',' && depth === 0) {
      items.push(item);
      item = '';
    } else item += letter;
  }
  return [...items, item];
}

function commentsIn(sql: string): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  const pattern = /comment\s+on\s+column\s+([\w."]+)\s+is\s+((?:'(?:[^']|'')*'\s*)+);/gi;
  for (const [, name = '', text = ''] of sql.matchAll(pattern)) {
    const joined = text.replaceAll(/'\s*\n\s*'/g, '').trim();
    comments.set(name.replaceAll('"', ''), joined.slice(1, -1));
  }
  return comments;
}

/** Columns of `create table` and `add column`, with their comments. Partitions inherit and are not listed. */
export function columnsOf(sql: string, file: string): Found {
  const process = /packages\/([a-z]+)\//.exec(file)?.[1] ?? '';
  const clean = sql.replaceAll(/--.*$/gm, '');
  const comments = commentsIn(clean);
  const columns: Column[] = [];
  const made: string[] = [];
  const dropped: string[] = [];
  function add(table: string, name: string): void {
    const id = `${table.replaceAll('"', '')}.${name}`;
    columns.push({ id: `${process}.${id}`, file, comment: comments.get(id) });
  }
  for (const [, table = '', body = ''] of clean.matchAll(
    /create\s+table\s+(?:if\s+not\s+exists\s+)?([\w."]+)\s*\(([^;]*?)\)\s*(?:partition\s+by[^;]*)?;/gis,
  )) {
    made.push(`${process}.${table.replaceAll('"', '')}`);
    for (const text of itemsOf(body)) {
      const name = /^\s*"?(\w+)"?\s+\w/.exec(text)?.[1];
      if (name === undefined || /^(primary|unique|check|foreign|constraint|exclude|like)$/i.test(name)) continue;
      add(table, name);
    }
  }
  for (const [, table = '', body = ''] of clean.matchAll(/alter\s+table\s+(?:only\s+)?([\w."]+)\s+([^;]*);/gis)) {
    for (const text of itemsOf(body)) {
      const [, verb = '', name = ''] =
        /^\s*(add|drop)\s+column\s+(?:if\s+(?:not\s+)?exists\s+)?"?(\w+)"?/i.exec(text) ?? [];
      if (verb.toLowerCase() === 'add') add(table, name);
      else if (name !== '') dropped.push(`${process}.${table.replaceAll('"', '')}.${name}`);
    }
  }
  const ended = [...clean.matchAll(/drop\s+table\s+(?:if\s+exists\s+)?([\w."]+)/gi)]
    .map(([, table = '']) => `${process}.${table.replaceAll('"', '')}`)
    .filter((table) => !made.includes(table));
  return { columns, made, ended, dropped };
}

/** Column ids named in the first cell of the table rows of docs/privacy.md, as `process.table.column`. */
function documented(): ReadonlySet<string> {
  const text = readFileSync(join(root, 'docs/privacy.md'), 'utf8');
  return new Set([...text.matchAll(/`([a-z]+(?:\.\w+){2,3})`/g)].map(([, id = '']) => id));
}

/** What is there after all of the files, in their order: a table made anew has only the columns it was last made with. */
function lasting(found: readonly Found[]): readonly Column[] {
  const gone = new Set(found.flatMap(({ dropped }) => dropped));
  const last = new Map<string, number>();
  for (const [n, { made, ended }] of found.entries()) {
    for (const table of made) last.set(table, n);
    for (const table of ended) last.set(table, Infinity);
  }
  return found.flatMap(({ columns: ofFile }, n) =>
    ofFile.filter(({ id }) => !gone.has(id) && n >= (last.get(id.slice(0, id.lastIndexOf('.'))) ?? 0)),
  );
}

const files = globSync('packages/*/migrations*/*.sql', { cwd: root }).sort();
const columns = lasting(files.map((file) => columnsOf(readFileSync(join(root, file), 'utf8'), file)));

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
    "create table x (a int, phone text not null);\ncomment on column x.phone is 'PERSONAL: planted';\n" +
      "alter table x add column mail text check (length(mail) < 9), drop column a;\ncomment on column x.mail is 'PERSONAL: too';",
    'packages/platform/migrations/9.sql',
  );
  assert.deepEqual(
    planted.columns.map((column) => [column.id, column.comment]),
    [
      ['platform.x.a', undefined],
      ['platform.x.phone', 'PERSONAL: planted'],
      ['platform.x.mail', 'PERSONAL: too'],
    ],
  );
  assert.deepEqual(planted.dropped, ['platform.x.a']);
  const anew = columnsOf('alter table x rename to y;\ncreate table x (b int);', 'packages/platform/migrations/10.sql');
  assert.deepEqual(
    lasting([planted, anew]).map(({ id }) => id),
    ['platform.x.b'],
  );
});
