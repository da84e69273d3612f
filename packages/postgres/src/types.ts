// How PostgreSQL's values arrive here: whole numbers as numbers, bytes as Buffers, dates as the text PostgreSQL
// writes, since a JavaScript Date would silently bring the machine's time zone in.
import { types } from 'pg';
import type { CustomTypesConfig } from 'pg';

const oids = { int8: 20, int8Array: 1016, date: 1082, time: 1083, timestamp: 1114, timestamptz: 1184 } as const;
const dateArrays = [1182, 1115, 1185];

/** Throws beyond 2^53: a rounded number would be a wrong one. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer of the database exceeds 2^53');
  return value;
}

function parseInt8Array(text: string): (number | null)[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map((item) => (item === 'NULL' ? null : parseInt8(item)));
}

function asText(text: string): string {
  return text;
}

const ours = new Map<number, (text: string) => unknown>([
  [oids.int8, parseInt8],
  [oids.int8Array, parseInt8Array],
  [oids.date, asText],
  [oids.time, asText],
  [oids.timestamp, asText],
  [oids.timestamptz, asText],
  ...dateArrays.map((oid): [number, (text: string) => unknown] => [oid, asText]),
]);

/** For pg's `types`. */
export const typeParsers: CustomTypesConfig = {
  getTypeParser(oid, format) {
    const parser = format === 'binary' ? undefined : ours.get(oid);
    return parser ?? (types.getTypeParser(oid, format) as (text: string) => unknown);
  },
};
