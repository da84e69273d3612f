// What the platform's processes tell one another through the database, and how it stands in a notification: who says it, in
// which transaction, and either rides or one of a few facts that tell the others to read again.
import { BOARDING_BYTES, BOARDING_CHARS, readBoarding, writeBoarding } from './boarding.ts';
import type { Boarding } from './boarding.ts';

/** A ride that was taken back. */
export interface Erased {
  readonly codeId: number;
  /** As uuid text. */
  readonly rideId: string;
  readonly w2: number;
  readonly flags: number;
}

export type News =
  /** Codes, units, lines or names. */
  | { readonly kind: 'city' }
  /** Runs of whole days were made or replaced. */
  | { readonly kind: 'timetable' }
  /** These shifts began, ended, or their trips did. */
  | { readonly kind: 'shifts'; readonly ids: readonly number[] }
  /** Runs of these vehicles are known otherwise. */
  | { readonly kind: 'runs'; readonly vehicleIds: readonly string[] }
  /** Positions told more of the same of these vehicles, from an instant on. */
  | { readonly kind: 'measured'; readonly vehicles: readonly (readonly [vehicleId: string, fromMs: number])[] }
  /** These vehicles were seen where none of their runs leads: rides on them may be doubtful. */
  | { readonly kind: 'seen'; readonly vehicleIds: readonly string[] }
  | { readonly kind: 'erased'; readonly rides: readonly Erased[] }
  /** Partitions were made and dropped. */
  | { readonly kind: 'rolled' };

export interface Heard {
  /** The process that says it. */
  readonly origin: string;
  readonly xid: number;
  readonly what:
    | { readonly kind: 'rides'; readonly rides: readonly Boarding[] }
    | { readonly kind: 'news'; readonly news: News };
}

/** Of this database only: PostgreSQL's channels are the database's own. */
export const CHANNEL = 'tongche_platform';
/** PostgreSQL takes payloads below 8,000 bytes; the rest is for who and when. */
const maxBodyBytes = 7_800;
/** Rides of one notification. */
export const RIDES_PER_PART = Math.floor(maxBodyBytes / BOARDING_CHARS);
const idPattern = /^([rn])([A-Za-z0-9_-]{8})\.(\d{1,16})\./;

/** What stands before the transaction's number. */
export function ridesHead(origin: string): string {
  return `r${origin}.`;
}

export function newsHead(origin: string): string {
  return `n${origin}.`;
}

/** Bodies of notifications for these rides, each a whole number of rides. */
export function rideParts(rides: readonly Boarding[]): readonly string[] {
  const parts: string[] = [];
  for (let from = 0; from < rides.length; from += RIDES_PER_PART) {
    const some = rides.slice(from, from + RIDES_PER_PART);
    const bytes = Buffer.allocUnsafe(some.length * BOARDING_BYTES);
    some.forEach((ride, n) => writeBoarding(ride, bytes, n * BOARDING_BYTES));
    parts.push(bytes.toString('base64'));
  }
  return parts;
}

function listKeyOf(news: News): 'ids' | 'vehicleIds' | 'vehicles' | 'rides' | undefined {
  switch (news.kind) {
    case 'shifts':
      return 'ids';
    case 'runs':
    case 'seen':
      return 'vehicleIds';
    case 'measured':
      return 'vehicles';
    case 'erased':
      return 'rides';
    case 'city':
    case 'timetable':
    case 'rolled':
      return undefined;
    default:
      throw new Error(`unknown news ${String(news satisfies never)}`);
  }
}

/** Bodies of notifications: one, or as many as a long list needs. */
export function newsParts(news: News): readonly string[] {
  const text = JSON.stringify(news);
  const key = listKeyOf(news);
  if (key === undefined || Buffer.byteLength(text) <= maxBodyBytes) return [text];
  const list = (news as unknown as Readonly<Record<string, readonly unknown[]>>)[key] ?? [];
  if (list.length < 2) throw new RangeError('one fact is too long for a notification');
  const half = list.length >> 1;
  return [list.slice(0, half), list.slice(half)].flatMap((part) => newsParts({ ...news, [key]: part }));
}

/** Undefined for what no process of this program says: another version's words are not guessed at. */
export function parseMessage(payload: string): Heard | undefined {
  const match = idPattern.exec(payload);
  if (match === null) return undefined;
  const [head, letter, origin = '', xid] = match;
  const from = { origin, xid: Number(xid) };
  if (letter === 'n') return newsOf(from, payload.slice(head.length));
  const bytes = Buffer.from(payload.slice(head.length), 'base64');
  if (bytes.length % BOARDING_BYTES !== 0) return undefined;
  const rides = Array.from({ length: bytes.length / BOARDING_BYTES }, (_, n) =>
    readBoarding(bytes, n * BOARDING_BYTES),
  );
  return { ...from, what: { kind: 'rides', rides } };
}

function newsOf(from: Pick<Heard, 'origin' | 'xid'>, text: string): Heard | undefined {
  try {
    // Written by newsParts of this or another process of the same installation.
    return { ...from, what: { kind: 'news', news: JSON.parse(text) as News } };
  } catch {
    return undefined;
  }
}
