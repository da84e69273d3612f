// Rows as INSERT ... VALUES of many rows, the form Citus sends on to its shards row by row; the form with unnest it would
// first gather as a query's result. One text for each of a few sizes, so that texts are prepared and stay few.
import type { Queryable, Statement } from './database.ts';

/** A value as pg sends it: bytes in PostgreSQL's binary format of the column's type, all else as text. */
export type InsertValue = number | string | null | Uint8Array;

export interface InsertColumn<Row> {
  readonly name: string;
  readonly valueOf: (row: Row) => InsertValue;
}

export interface ValuesInsert<Row> {
  readonly table: string;
  readonly columns: readonly InsertColumn<Row>[];
  /** What follows the rows: `on conflict do nothing returning ...`. */
  readonly ending: string;
}

/** The protocol counts a statement's parameters in 16 bits. */
const maxParameters = 65_535;

/** Most rows of one statement: the largest power of two whose parameters fit. */
export function rowsOfStatement(columns: number): number {
  return 2 ** Math.floor(Math.log2(maxParameters / columns));
}

/** The size of statement that takes so many rows: a power of two, or three quarters of one. At most a third is filling. */
export function statementSize(rows: number): number {
  const power = 2 ** Math.ceil(Math.log2(rows));
  const between = (power * 3) / 4;
  return Number.isInteger(between) && rows <= between ? between : power;
}

/** The statement for this many rows. */
export function valuesText({ table, columns, ending }: ValuesInsert<never>, rows: number): string {
  let parameter = 0;
  const row = (): string => `(${columns.map(() => `$${(parameter += 1)}`).join(',')})`;
  const values = Array.from({ length: rows }, row).join(',');
  return `insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values ${values} ${ending}`;
}

function parameters<Row>(columns: readonly InsertColumn<Row>[], rows: readonly Row[], size: number): InsertValue[] {
  const values = rows.flatMap((row) => columns.map(({ valueOf }) => valueOf(row)));
  // The last row again and again up to the statement's size: a row that is there already changes nothing.
  const last = values.slice(-columns.length);
  while (values.length < size * columns.length) values.push(...last);
  return values;
}

/**
 * Inserts the rows, in as few statements as their parameters allow, and returns what `ending` returns. The ending must
 * let a repeated row pass (`on conflict do nothing`). More than rowsOfStatement() rows need a transaction around them.
 */
export function valuesInserter<Row>(
  insert: ValuesInsert<Row>,
): <Result>(sql: Queryable, rows: readonly Row[]) => Promise<readonly Result[]> {
  const { table, columns } = insert;
  const most = rowsOfStatement(columns.length);
  const statements = new Map<number, Statement>();

  function statementOf(size: number): Statement {
    let statement = statements.get(size);
    if (statement === undefined) {
      statement = { name: `insert-${table}-${size}`, text: valuesText(insert, size) };
      statements.set(size, statement);
    }
    return statement;
  }

  return async <Result>(sql: Queryable, rows: readonly Row[]) => {
    const results: Result[] = [];
    for (let at = 0; at < rows.length; at += most) {
      const some = rows.slice(at, at + most);
      const size = statementSize(some.length);
      results.push(...(await sql.query<Result>(statementOf(size), parameters(columns, some, size))));
    }
    return results;
  };
}
