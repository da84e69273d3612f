// What notes, batches, the relay's queue and the logs add to a guess, in every way somebody who reads databases and logs could
// try to put them to use. Which ride a note belongs to is itself a guess, unless the platform's key is at hand.
import type { CityData, Run } from '@tongche/network';
import { binOf } from './pairing.ts';
import type { Clue, SeenRide } from './pairing.ts';
import type { DayRecord, LogLine, QueuedBlob, StoredNoteRow, StoredRideRow } from './pairing-day.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
/** As far as one walks within the slack of a transfer. */
const nearDegrees = 0.004;

/** Rows in order of time, with what the timetable knows of their runs. */
export function seenRides({ rides, city, day, personOf }: DayRecord): {
  readonly rows: readonly StoredRideRow[];
  readonly seen: readonly SeenRide[];
} {
  const runs = new Map<string, Run>([day - 1, day].flatMap((one) => city.runs(one)).map((run) => [run.runKey, run]));
  const near = nearStops(city);
  const numberOf = new Map(city.stops.map(({ id }, index) => [id, index]));
  const rows = rides.toSorted((a, b) => a.receivedS - b.receivedS || a.tag.localeCompare(b.tag));
  const seen = rows.map(({ tag, receivedS, runKey, boardSeq, w2 }): SeenRide => {
    const run = runs.get(runKey ?? '');
    const reach = new Map<number, number>();
    for (const { seq, stopId, arrMs } of run?.stops ?? []) {
      if (seq <= boardSeq) continue;
      for (const stop of near[numberOf.get(stopId) ?? -1] ?? []) if (!reach.has(stop)) reach.set(stop, arrMs);
    }
    return {
      person: personOf.get(tag) ?? -1,
      atMs: receivedS * secondMs,
      party: (w2 >> 11) & 7,
      way: `${run?.lineId} ${run?.dir}`,
      back: `${run?.lineId} ${1 - (run?.dir ?? 0)}`,
      stop: numberOf.get(run?.stops.find(({ seq }) => seq === boardSeq)?.stopId ?? '') ?? -1,
      reach,
    };
  });
  return { rows, seen };
}

/** By stop: itself and those beside it. */
function nearStops({ stops }: CityData): readonly (readonly number[])[] {
  return stops.map((one) =>
    stops.flatMap((other, index) =>
      Math.abs(one.lat - other.lat) < nearDegrees && Math.abs(one.lon - other.lon) < nearDegrees ? [index] : [],
    ),
  );
}

type Mark = Pick<StoredNoteRow, 'xmin' | 'block' | 'item'>;
const byMark = (a: Mark, b: Mark): number => a.xmin - b.xmin || a.block - b.block || a.item - b.item;

const timeOf = (line: LogLine): number => Number(line['time']);

interface Arrival {
  readonly blob: QueuedBlob;
  readonly atMs: number;
}

/**
 * When messages came to the relay: the queue's rows are in their order, and lie between one look and the next; one follows
 * every scan, so that the order tells the time about. (The registrar's log says nothing.)
 */
export function arrivals({ queue, rides, logs }: Pick<DayRecord, 'queue' | 'rides' | 'logs'>): readonly Arrival[] {
  if (logs.registrar.some(({ route }) => route === '/relay')) throw new Error('the log tells when messages came');
  const scans = rides.map(({ receivedS }) => receivedS * secondMs).toSorted((a, b) => a - b);
  const known = new Set<string>();
  let fromMs = -Infinity;
  return queue.flatMap(({ atMs: toMs, blobs }) => {
    const fresh = blobs.filter(({ blob }) => !known.has(blob)).toSorted(byMark);
    for (const { blob } of fresh) known.add(blob);
    const near = scans.filter((ms) => fromMs < ms && ms <= toMs);
    fromMs = toMs;
    return fresh.map((blob, rank) => ({ blob, atMs: near[Math.floor((rank * near.length) / fresh.length)] ?? toMs }));
  });
}

/** A note's place in the table, with the time of the batch it came with and when its message may have reached the relay. */
interface Dated {
  readonly note: StoredNoteRow;
  readonly batchMs: number;
  readonly arrivedMs: number;
}

/** In the order they were written: batches are transactions, and the platform's log says when each was taken in. */
export function datedNotes(record: DayRecord): readonly Dated[] {
  const notes = record.notes.toSorted(byMark);
  const batches = record.logs.platform
    .filter(({ event, notes: count }) => event === 'platform.relayed' && Number(count) > 0)
    .map(timeOf);
  const transactions = [...new Set(notes.map(({ xmin }) => xmin))];
  if (transactions.length !== batches.length) throw new Error('a batch is not a transaction');
  const arrivals = arrivalsByRelease(record);
  return [...Map.groupBy(notes, ({ xmin }) => xmin).values()].flatMap((batch, n) => {
    const batchMs = batches[n] ?? NaN;
    const arrived = arrivals.get(batchMs) ?? [];
    // Were nothing mixed, the first of a batch had come first.
    return batch.map((note, rank) => ({
      note,
      batchMs,
      arrivedMs: arrived[Math.floor((rank * arrived.length) / batch.length)] ?? batchMs,
    }));
  });
}

/** When each message came that left at a time, as far as it was seen in the queue. */
function arrivalsByRelease(record: DayRecord): ReadonlyMap<number, readonly number[]> {
  const byRelease = Map.groupBy(arrivals(record), ({ blob }) => blob.releaseMs);
  return new Map([...byRelease].map(([releaseMs, list]) => [releaseMs, list.map(({ atMs }) => atMs)]));
}

/** Which note an attacker takes for a ride's, by the number of the ride in `rows`. */
export type Join = (record: DayRecord, rows: readonly StoredRideRow[]) => readonly (Dated | undefined)[];

export const joins = {
  /** The same sixteen bytes anywhere in both. */
  'equal identifiers': (record, rows) => {
    const byPlace = new Map(datedNotes(record).map((one) => [one.note.place, one]));
    return rows.map(({ tag }) => byPlace.get(tag));
  },
  /** Both tables in the order they were written. */
  'insertion order': (record, rows) => byRank(datedNotes(record), rows.length),
  /** Both in the order of their identifiers. */
  'order of identifiers': (record, rows) => {
    const notes = datedNotes(record).toSorted((a, b) => a.note.place.localeCompare(b.note.place));
    const order = [...rows.keys()].toSorted((a, b) => (rows[a]?.tag ?? '').localeCompare(rows[b]?.tag ?? ''));
    const sorted = byRank(notes, rows.length);
    const joined: (Dated | undefined)[] = [];
    for (const [rank, index] of order.entries()) joined[index] = sorted[rank];
    return joined;
  },
  /** With the platform's key, which is in no database and no log. */
  'the platform’s key': (record, rows) => {
    const byPlace = new Map(datedNotes(record).map((one) => [one.note.place, one]));
    return rows.map(({ tag }) => {
      const bytes = record.tagBytes.get(tag) ?? new Uint8Array();
      const found = [0, 1, 2].map((idx) => byPlace.get(record.notePlace(record.day, bytes, idx)));
      return found.find((one) => one !== undefined);
    });
  },
} satisfies Readonly<Record<string, Join>>;

function byRank(notes: readonly Dated[], count: number): readonly (Dated | undefined)[] {
  return Array.from({ length: count }, (_, rank) => notes[Math.floor((rank * notes.length) / count)]);
}

const afterBounds = [0, 2 * secondMs, minuteMs, ...Array.from({ length: 15 }, (_, hour) => (hour + 1) * hourMs)];
const aroundBounds = [-hourMs, -10 * minuteMs, 0, 5 * secondMs, minuteMs, 10 * minuteMs, hourMs];

/** Batch of the earlier ride's note against the later ride; its arrival at the relay, guessed from ranks; both in one batch. */
export function noteClues(seen: readonly SeenRide[], joined: readonly (Dated | undefined)[]): readonly Clue[] {
  const atMs = (index: number): number => seen[index]?.atMs ?? 0;
  return [
    {
      codes: afterBounds.length + 2,
      of: (a, b) => {
        const note = joined[a];
        return note === undefined ? 0 : 1 + binOf(note.batchMs - atMs(b), afterBounds);
      },
    },
    {
      codes: aroundBounds.length + 2,
      of: (a, b) => {
        const note = joined[a];
        return note === undefined ? 0 : 1 + binOf(note.arrivedMs - atMs(b), aroundBounds);
      },
    },
    {
      codes: 3,
      of: (a, b) => {
        const [one, other] = [joined[a]?.batchMs, joined[b]?.batchMs];
        return one === undefined || other === undefined ? 0 : one === other ? 2 : 1;
      },
    },
  ];
}

/** A page has told its ride before within this; a tap is far from any scan. */
const followWithinMs = 2 * secondMs;
const tapWithinMs = minuteMs;

function countIn(times: readonly number[], fromMs: number, toMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < fromMs) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < times.length && (times[end] ?? 0) <= toMs) end += 1;
  return end - low;
}

/** Whether a message followed the later ride; whether one came by itself when the earlier run was where the later began. */
export function logClues(seen: readonly SeenRide[], posts: readonly number[]): readonly Clue[] {
  // Rows hold whole seconds.
  const follows = seen.map(({ atMs }) => Math.min(2, countIn(posts, atMs, atMs + followWithinMs)));
  const alone = posts.filter((ms) => !seen.some(({ atMs }) => atMs <= ms && ms <= atMs + followWithinMs));
  const tapNear = new Map<number, number>();
  return [
    { codes: 3, of: (_a, b) => follows[b] ?? 0 },
    {
      codes: 3,
      of: (a, b) => {
        const reachedMs = seen[a]?.reach.get(seen[b]?.stop ?? -1);
        if (reachedMs === undefined) return 0;
        const known = tapNear.get(reachedMs);
        const found = known ?? (countIn(alone, reachedMs - tapWithinMs, reachedMs + tapWithinMs) > 0 ? 2 : 1);
        tapNear.set(reachedMs, found);
        return found;
      },
    },
  ];
}
