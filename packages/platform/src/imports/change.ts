// What an import changes: the same comparison for the report of the dry run and for the writing.
import type { ImportReport } from '@tongche/contract';

export type Change = ImportReport['changes'][number];

export interface Comparison<T> {
  readonly change: Change;
  /** New or changed things, in the order of the file. */
  readonly put: readonly T[];
  /** Keys of things that are there and not in the file. */
  readonly gone: readonly string[];
}

export interface Sides<T> {
  readonly what: string;
  /** What is there: key → form. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: readonly T[];
  readonly keyOf: (thing: T) => string;
  /** A text that is equal for equal things. */
  readonly formOf: (thing: T) => string;
  /** Whether things the file does not name are gone; else they are left alone and not counted. */
  readonly complete?: boolean;
}

export function compare<T>({ what, before, after, keyOf, formOf, complete = false }: Sides<T>): Comparison<T> {
  const named = new Set<string>();
  const put: T[] = [];
  let added = 0;
  for (const thing of after) {
    const key = keyOf(thing);
    const known = before.get(key);
    named.add(key);
    if (known === formOf(thing)) continue;
    if (known === undefined) added += 1;
    put.push(thing);
  }
  const gone = complete ? [...before.keys()].filter((key) => !named.has(key)) : [];
  const changed = put.length - added;
  return { change: { what, added, changed, same: named.size - put.length, gone: gone.length }, put, gone };
}

/** The forms of what is there, by key. */
export function formsOf<T>(
  things: readonly T[],
  keyOf: (thing: T) => string,
  formOf: (thing: T) => string,
): ReadonlyMap<string, string> {
  return new Map(things.map((thing) => [keyOf(thing), formOf(thing)]));
}

export function changesNothing(changes: readonly Change[]): boolean {
  return changes.every(({ added, changed, gone }) => added + changed + gone === 0);
}
