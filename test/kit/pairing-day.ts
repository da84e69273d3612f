// A day of a thousand phones in a whole city, and everything the operator and the registrar have of it afterwards: tables with
// the marks PostgreSQL leaves on rows, what lay in the relay's queue every half hour, and both logs.
import type { CityData } from '@tongche/network';
import { cityOf } from '@tongche/network/import';
import { connect } from '@tongche/postgres';
import { dayOf, dayStartMs, unwrap, uuidText, decodeCode } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import type { NotePlace } from '@tongche/platform';
import { silentLog } from '@tongche/runtime';
import { makeDemoCity, noteBefore, openPhone, planDay } from '@tongche/simulator';
import type { DayPlan, Phone, PlannedRide, Scan } from '@tongche/simulator';
import { at } from './at.ts';
import { CITY_SEED, coarseClock, startCity, ZONE } from './city.ts';
import type { City, CityOptions } from './city.ts';
import { notePlaceOf } from './notes.ts';
import { makePeople, seededInts } from './people.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Friday 20 November 2026, 04:00 in Shanghai: nobody is under way. */
const startMs = Date.UTC(2026, 10, 19, 20);
const enrolAtOnce = 24;
const enrolGapMs = 50;
const lookEveryMs = 30 * minuteMs;
/** From the answer to a scan until the page has told the ride before. */
const followMs = [150, 900] as const;

export interface StoredRideRow {
  readonly tag: string;
  readonly receivedS: number;
  readonly runKey: string | null;
  readonly boardSeq: number;
  readonly w2: number;
}
export interface StoredNoteRow {
  readonly place: string;
  /** Transaction that wrote the row, and where in the table it lies. */
  readonly xmin: number;
  readonly block: number;
  readonly item: number;
}
export interface QueuedBlob {
  readonly blob: string;
  readonly releaseMs: number;
  readonly xmin: number;
  readonly block: number;
  readonly item: number;
}
export type LogLine = Readonly<Record<string, unknown>>;

export interface DayRecord {
  readonly rides: readonly StoredRideRow[];
  readonly notes: readonly StoredNoteRow[];
  /** The queue as it was every half hour. */
  readonly queue: readonly { readonly atMs: number; readonly blobs: readonly QueuedBlob[] }[];
  readonly logs: Readonly<Record<'platform' | 'registrar', readonly LogLine[]>>;
  /** The public timetable. */
  readonly city: CityData;
  readonly day: number;
  /** Known to the test only: whose ride it is, when messages went to the relay, with a note or empty, and the platform's key. */
  readonly personOf: ReadonlyMap<string, number>;
  readonly sent: readonly { readonly atMs: number; readonly isNote: boolean }[];
  readonly notePlace: NotePlace;
  readonly tagBytes: ReadonlyMap<string, Uint8Array>;
}

export interface DayOptions {
  readonly phones: number;
  readonly seed: number;
  readonly relay: { readonly minDelayMs: number; readonly maxDelayMs: number; readonly tickMs: number };
}

interface Rider {
  readonly phone: Phone;
  readonly person: number;
}

/** Riders of a planned day with two to four rides, each with a phone that is always scanned with. */
function ridersOf(plan: DayPlan, count: number): ReadonlyMap<number, readonly PlannedRide[]> {
  const byRider = Map.groupBy(
    plan.rides.filter(({ registration }) => registration.kind === 'scan'),
    ({ riderId }) => riderId,
  );
  const fitting = [...byRider].filter(([riderId, rides]) => riderId > 0 && rides.length >= 2 && rides.length <= 4);
  if (fitting.length < count) throw new Error(`only ${fitting.length} riders have two to four rides`);
  return new Map(fitting.slice(0, count));
}

type Event = { readonly atMs: number; readonly ride: PlannedRide; readonly kind: 'scan' | 'tap' };

function eventsOf(riders: ReadonlyMap<number, readonly PlannedRide[]>): readonly Event[] {
  return [...riders.values()]
    .flat()
    .flatMap((ride): Event[] => {
      const isTold = ride.registration.kind === 'scan' && ride.registration.leaving === 'off-tap';
      const scan: Event = { atMs: ride.scanMs, ride, kind: 'scan' };
      return isTold ? [scan, { atMs: Math.max(ride.alightMs, ride.scanMs + 5_000), ride, kind: 'tap' }] : [scan];
    })
    .toSorted((a, b) => a.atMs - b.atMs);
}

async function enrolAll(phones: readonly Phone[], city: City): Promise<void> {
  const waiting = phones.values();
  async function desk(): Promise<void> {
    for (const phone of waiting) {
      await phone.enrol();
      await city.clock.advance(enrolGapMs);
    }
  }
  await Promise.all(Array.from({ length: enrolAtOnce }, desk));
}

interface Last {
  readonly ride: PlannedRide;
  readonly scan: Scan;
}

/** What the phones of a day send: a scan and, a moment later, one message; a tap when somebody tells where they get off. */
async function play(city: City, options: DayOptions, plan: DayPlan, look: () => Promise<void>) {
  const riders = ridersOf(plan, options.phones);
  const people = makePeople(options.phones, `pairing|${options.seed}`);
  const draw = seededInts(`pairing|${options.seed}|follow`);
  const ofRider = new Map<number, Rider>(
    [...riders.keys()].map((riderId, person) => {
      const { digits, address } = at(people, person);
      return [riderId, { phone: openPhone(city.world, { digits, address }), person }];
    }),
  );
  await enrolAll(
    [...ofRider.values()].map(({ phone }) => phone),
    city,
  );
  const dayMs = dayStartMs(plan.day, ZONE);
  const last = new Map<number, Last>();
  const personOf = new Map<string, number>();
  const tagBytes = new Map<string, Uint8Array>();
  const sent: { readonly atMs: number; readonly isNote: boolean }[] = [];
  let nextLookMs = Math.ceil(city.clock.now() / lookEveryMs) * lookEveryMs;

  async function follow({ phone }: Rider, before: Last | undefined, ride: PlannedRide, scan: Scan): Promise<void> {
    await city.clock.advance(followMs[0] + draw(followMs[1] - followMs[0]));
    const note =
      before === undefined
        ? undefined
        : noteBefore(before.scan.receipt, { boardedMs: ride.scanMs, receipt: scan.receipt }, dayMs);
    sent.push({ atMs: city.clock.now(), isNote: before !== undefined && note !== undefined });
    if (before === undefined || note === undefined) return phone.nothing(ride.scanMs);
    await phone.note(before.scan.ride, note);
  }
  async function tap({ phone }: Rider, { riderId }: PlannedRide): Promise<void> {
    const told = last.get(riderId);
    if (told === undefined) return;
    const { boardSeq, alightSeq } = told.ride;
    const minute = Math.floor((city.clock.now() - dayMs) / minuteMs);
    const stops = { boardLo: boardSeq, boardHi: boardSeq, alightLo: alightSeq, alightHi: alightSeq };
    sent.push({ atMs: city.clock.now(), isNote: true });
    await phone.note(told.scan.ride, { basis: 'off-tap', ...stops, minuteLo: minute, minuteHi: minute });
    last.delete(riderId);
  }
  function keep(ride: MadeRide, person: number): void {
    personOf.set(uuidText(ride.tag), person);
    tagBytes.set(uuidText(ride.tag), ride.tag);
  }

  for (const { atMs, ride, kind } of eventsOf(riders)) {
    for (; nextLookMs <= atMs; nextLookMs += lookEveryMs) {
      // A moment before the whole hour, when the relay empties.
      await city.clock.advanceTo(Math.max(city.clock.now(), nextLookMs - 1));
      await look();
    }
    await city.clock.advanceTo(Math.max(city.clock.now(), atMs));
    const rider = ofRider.get(ride.riderId);
    if (rider === undefined) continue;
    if (kind === 'tap') {
      await tap(rider, ride);
      continue;
    }
    const code = unwrap(decodeCode(plan.units.get(ride.unitId)?.code8 ?? ''));
    const scan = await rider.phone.scan({ code, boardedMs: city.clock.now() });
    keep(scan.ride, rider.person);
    await follow(rider, last.get(ride.riderId), ride, scan);
    last.set(ride.riderId, { ride, scan });
  }
  // Everything that waits in the relay is released.
  for (let hour = 0; hour < 14; hour += 1) {
    await city.clock.advance(hourMs);
    await look();
  }
  return { personOf, tagBytes, sent };
}

const parsed = (city: City, process: string): readonly LogLine[] =>
  (city.lines.get(process) ?? []).map((line) => JSON.parse(line) as LogLine);

const marks = `xmin::text::bigint as xmin, split_part(trim(both '()' from ctid::text), ',', 1)::int as block,
  split_part(trim(both '()' from ctid::text), ',', 2)::int as item`;

/** Plays the day and takes everything along; the city is gone afterwards. */
export async function recordDay(options: DayOptions): Promise<DayRecord> {
  const adjust: NonNullable<CityOptions['adjust']> = {
    registrar: (config) => ({ ...config, relay: options.relay }),
  };
  const city = await startCity({ clock: coarseClock(startMs), proxies: true, adjust });
  const open = (name: string) => connect({ url: city.engine.adminUrl(name), max: 1, name: 'look', log: silentLog });
  const [registrar, platform] = [open('tongche_registrar'), open('tongche_platform')];
  try {
    const data = cityOf(makeDemoCity({ seed: CITY_SEED }).parts);
    const plan = planDay(data, dayOf(startMs, ZONE), {
      seed: options.seed,
      riders: options.phones * 3,
      phonelessShare: 0,
      scanShare: 1,
      deadUnitShare: 0,
      offlineShare: 0,
      wrongVehicleShare: 0,
      companionShare: 0,
      firstTimeShare: 0,
      signedInShare: 0,
      offTapShare: 0.25,
      rescanShare: 0,
      chainedShare: 0.75,
    });
    const queue: { readonly atMs: number; readonly blobs: readonly QueuedBlob[] }[] = [];
    const look = async (): Promise<void> => {
      const blobs = await registrar.query<QueuedBlob>(
        `select encode(blob, 'hex') as blob, (extract(epoch from release_at) * 1000)::bigint as "releaseMs", ${marks} from relay_blob`,
      );
      queue.push({ atMs: city.clock.now(), blobs });
    };
    const played = await play(city, options, plan, look);
    return {
      ...played,
      queue,
      rides: await platform.query<StoredRideRow>(
        `select tag::text, received_s as "receivedS", run_key as "runKey", board_seq as "boardSeq", w2
           from ride left join run on run.run_id = ride.run`,
      ),
      notes: await platform.query<StoredNoteRow>(`select place::text, ${marks} from ride_note`),
      logs: { platform: parsed(city, 'platform'), registrar: parsed(city, 'registrar') },
      city: data,
      day: plan.day,
      notePlace: notePlaceOf(city),
    };
  } finally {
    await Promise.all([registrar.end(), platform.end()]);
    await city.remove();
  }
}
