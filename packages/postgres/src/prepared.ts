// Statements that each connection plans once instead of every time.
import { hash } from 'node:crypto';
import type { Statement } from './database.ts';

/** Enough of a digest that two texts never share a name; PostgreSQL cuts names at 63 bytes. */
const nameChars = 32;
const known = new Map<string, Statement>();

/**
 * The text as a statement prepared once per connection, under a name of its own. For texts that stand in the source and are asked
 * often: each stays known for good, here and on the server. Not where the plan has to fit the values, as where they say which
 * days' partitions are left alone.
 */
export function prepared(text: string): Statement {
  let statement = known.get(text);
  if (statement === undefined) {
    statement = { name: `p-${hash('sha256', text).slice(0, nameChars)}`, text };
    known.set(text, statement);
  }
  return statement;
}
