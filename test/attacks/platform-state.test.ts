// Somebody takes everything the operator's platform has stored after 1,000 scans of 50 people: its database as rows, as
// binary copies, as files on the disk with the whole write-ahead log, its key slots, its configuration, its log, its
// metrics. Nobody may be found in it, and no two rides may be told to belong to one person.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, copyOut } from '@tongche/postgres';
import { uuidText } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import { openSlots, silentLog } from '@tongche/runtime';
import { openPhone } from '@tongche/simulator';
import type { Phone } from '@tongche/simulator';
import { assistDesk } from '../kit/assist.ts';
import { at } from '../kit/at.ts';
import { coarseClock, START_MS, startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { fieldTests, guessPairs } from '../kit/linkage.ts';
import type { LabelledRow } from '../kit/linkage.ts';
import { needlesOf } from '../kit/needles.ts';
import type { NamedKey } from '../kit/needles.ts';
import { makePeople, seededInts } from '../kit/people.ts';
import type { Person } from '../kit/people.ts';
import { filesBelow, search } from '../kit/search.ts';
import type { Hit, Needle } from '../kit/search.ts';

const PEOPLE = 50;
/** The last of them have no phone: staff register them with a document. */
const ASSISTED = 6;
/** Some travel on another's wallet now and then. */
const COMPANIONS = 4;
const SCANS = 1_000;
const SEED = 'platform-state';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Production's: an hour to twelve. */
const relay = { minDelayMs: hourMs, maxDelayMs: 12 * hourMs, tickMs: hourMs };
const databases = ['tongche_platform', 'tongche_registrar', 'tongche_vault', 'tongche_casework', 'tongche_notifier'];

interface Done {
  /** Person of each ride, by the tag's text. */
  readonly personOf: Map<string, number>;
  /** Tags in the order in which the platform answered. */
  readonly order: string[];
  readonly erased: Set<string>;
  notes: number;
}

/** The rides: who and where is drawn at random, so that vehicle and time say nothing about the person. */
async function rideAround(city: City, people: readonly Person[]): Promise<Done> {
  const draw = seededInts(`${SEED}|rides`);
  const units = city.units.filter(({ kind }) => kind !== 'taxi').map(({ unitId }) => unitId);
  const assistedUnit = units[3] ?? '';
  const desk = await assistDesk(city, assistedUnit);
  const phones = people
    .slice(0, PEOPLE - ASSISTED)
    .map(({ digits, name, address }, index) =>
      openPhone(city.world, { digits, address, ...(index % 2 === 0 ? { name } : {}) }),
    );
  for (const phone of phones) await phone.enrol();
  const done: Done = { personOf: new Map(), order: [], erased: new Set(), notes: 0 };

  async function afterwards(phone: Phone, ride: MadeRide): Promise<void> {
    const kind = draw(20);
    if (kind < 12) {
      const minute = ride.minute + 10;
      const stops = { boardLo: 1, boardHi: 1, alightLo: 2 + draw(6), alightHi: 9, minuteLo: minute, minuteHi: minute };
      await phone.note(ride, { basis: 'off-tap', ...stops });
      done.notes += 1;
    } else if (kind < 14) {
      if (kind === 12) await phone.erase(ride);
      else await phone.undo(ride);
      done.erased.add(uuidText(ride.tag));
    }
  }

  async function oneScan(): Promise<void> {
    const person = draw(PEOPLE);
    const { digits, name, idNumber, passport, address } = at(people, person);
    const phone = phones[person];
    const companionOf = phones[draw(phones.length)];
    let ride: MadeRide;
    if (phone === undefined) {
      const byId = draw(2) === 0;
      const reach = draw(3) === 0 ? '' : digits;
      const subject = byId
        ? ({ kind: 'cn-id', value: idNumber } as const)
        : ({ kind: 'passport', value: passport } as const);
      ({ ride } = await desk.register({ ...subject, reach, name }));
    } else {
      const code = city.codeOf(units[draw(units.length)] ?? '');
      const asCompanion = person < COMPANIONS && companionOf !== undefined && companionOf !== phone;
      const scan = { code, boardedMs: city.clock.now(), party: draw(8) < 6 ? 0 : 1 };
      ({ ride } = asCompanion
        ? await companionOf.scan({ ...scan, companion: { digits, name } })
        : await phone.scan({ ...scan, ...(address === '' ? { queued: true } : {}) }));
      await afterwards(asCompanion ? companionOf : phone, ride);
    }
    done.personOf.set(uuidText(ride.tag), person);
    done.order.push(uuidText(ride.tag));
  }

  for (let scan = 0; scan < SCANS; scan += 1) {
    // Two days of sixteen hours, with the night between.
    const gapMs = scan === SCANS / 2 ? 8 * hourMs : (1 + draw(3)) * minuteMs * 0.96;
    await city.clock.advance(Math.round(gapMs));
    await oneScan();
  }
  // Everything that waits in the relay is released, and so is what is released hours later.
  await city.clock.advance(14 * hourMs);
  return done;
}

function platformKeys(city: City): readonly NamedKey[] {
  const { config, secrets } = city.installation.files.platform;
  const { slotsFolder, authority } = config as { slotsFolder: string; authority: { signEd25519: string } };
  const { unsealKey, databaseUrl } = secrets;
  const unseal = new Uint8Array(Buffer.from(unsealKey, 'base64url'));
  const slots = openSlots(slotsFolder, unseal);
  const inSlots = slots.names().flatMap((name): readonly NamedKey[] => {
    const bytes = slots.get(name) ?? new Uint8Array();
    const whole = { name, key: bytes };
    // A pair: the private half, then the public one.
    return bytes.length > 32
      ? [
          { name: `${name} (private)`, key: bytes.subarray(0, 32) },
          { name: `${name} (public)`, key: bytes.subarray(32) },
        ]
      : [whole];
  });
  return [
    ...inSlots,
    { name: 'the unseal key', key: unseal },
    { name: 'the unseal key as written', key: Buffer.from(unsealKey) },
    {
      name: 'the database password',
      key: Buffer.from(decodeURIComponent(new URL(databaseUrl.replace('@/', '@x/')).password)),
    },
    { name: 'the authority’s public key', key: Buffer.from(authority.signEd25519, 'base64url') },
    { name: 'an empty key', key: new Uint8Array() },
  ];
}

/** Rows as text, of every table there is, the system's own too. */
async function textDump(city: City, database: string): Promise<string> {
  const db = connect({ url: city.engine.adminUrl(database), max: 1, name: 'dump', log: silentLog });
  try {
    const tables = await db.query<{ name: string }>(
      `select quote_ident(nspname) || '.' || quote_ident(relname) as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where relkind in ('r', 'm') and nspname <> 'pg_toast' order by 1`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await db.query<{ row: string }>(`select t::text as row from ${name} t`);
      texts.push(`${name}\n${rows.map(({ row }) => row).join('\n')}`);
    }
    return texts.join('\n');
  } finally {
    await db.end();
  }
}

async function metricsOf(city: City): Promise<string> {
  const { Pool } = await import('undici');
  const pool = new Pool('http://internal', { socketPath: city.sockets.platform });
  const { body } = await pool.request({ method: 'GET', path: '/metrics' });
  const text = await body.text();
  await pool.close();
  return text;
}

/** One person nobody rides as: every form of theirs is put everywhere, so that a search that finds nothing means something. */
async function plant(city: City, needles: readonly Needle[]): Promise<void> {
  const db = connect({ url: city.engine.adminUrl('tongche_platform'), max: 1, name: 'plant', log: silentLog });
  await db.query('create table planted (raw bytea not null, words text not null)');
  // Twice: a page's header in the middle of one splits it in the write-ahead log.
  for (const half of [needles, [...needles].reverse()]) {
    await db.query('insert into planted select * from unnest($1::bytea[], $2::text[])', [
      half.map(({ bytes }) => bytes),
      half.map(({ bytes }) => (isText(bytes) ? bytes.toString('utf8') : '')),
    ]);
  }
  await db.end();
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes) && !bytes.includes(0);
}

const FLAG_REUSE = 2;
const FLAG_ASSISTED = 16;
/** Standard deviations; a leak is off by dozens. */
const limit = 5;
/**
 * The same for single fields: there are hundreds of them, the deviation is estimated from 120 shuffles, and among the few
 * assisted riders a truly random byte has stood at 5.7.
 */
const fieldLimit = 8;

function isAssisted(row: StoredRow): boolean {
  return (Number(row['flags']) & FLAG_ASSISTED) !== 0;
}

interface StoredRow {
  readonly tag: string;
  readonly erase: string;
  readonly id: string;
  readonly sealed: Buffer;
  readonly [column: string]: unknown;
}

/** Bytes of a value as fields of their own: a part that repeats would show. */
function byteFields(name: string, hex: string): Record<string, string> {
  return Object.fromEntries((hex.match(/../g) ?? []).map((byte, index) => [`${name}[${index}]`, byte]));
}

function labelled(done: Done, rows: readonly StoredRow[], requests: readonly Record<string, unknown>[]): LabelledRow[] {
  const requestOf = new Map(done.order.map((tag, index) => [tag, requests[index] ?? {}]));
  return rows.map((row) => {
    const { tag, erase, id, sealed, ...columns } = row;
    const w2 = Number(columns['w2']);
    const { time: _time, id: requestId, ...logged } = requestOf.get(tag) ?? {};
    const plain = Object.fromEntries(
      Object.entries({ ...columns, ...logged }).map(([name, value]) => [
        name,
        typeof value === 'number' ? value : String(value),
      ]),
    );
    return {
      person: done.personOf.get(tag) ?? -1,
      fields: {
        ...plain,
        party: (w2 >> 11) & 7,
        tag,
        erase,
        requestId: String(requestId),
        receivedMinute: Math.floor(Number(columns['received_s']) / 60),
        receivedSecond: Number(columns['received_s']) % 60,
        ...byteFields('tag', tag.replaceAll('-', '')),
        ...byteFields('erase', erase.replaceAll('-', '')),
        ...byteFields('id', id.replaceAll('-', '').slice(12)),
        ...byteFields('sealed', sealed.toString('hex')),
        ...byteFields('request', Buffer.from(String(requestId), 'base64url').toString('hex')),
      },
    };
  });
}

describe('everything the platform stores after 1,000 scans of 50 people', () => {
  const people = makePeople(PEOPLE + 1, SEED);
  const control = at(people, PEOPLE);
  const hits: Hit[] = [];
  let city: City;
  let done: Done;
  let rows: readonly StoredRow[];
  let notes: readonly { readonly place: string; readonly ct: string }[];
  let requests: readonly Record<string, unknown>[];
  let controlNeedles: readonly Needle[];
  let searched = 0;

  before(async () => {
    city = await startCity({
      clock: coarseClock(START_MS),
      proxies: true,
      engineSettings: { shared_buffers: '32MB', wal_keep_size: '1GB' },
      adjust: { registrar: (config) => ({ ...config, relay }) },
    });
    done = await rideAround(city, people.slice(0, PEOPLE));
    requests = (city.lines.get('platform') ?? [])
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ route, status }) => route === '/v1/rides' && status === 200);

    const db = connect({ url: city.engine.adminUrl('tongche_platform'), max: 1, name: 'rows', log: silentLog });
    rows = await db.query<StoredRow>(
      `select tag::text, erase_c::text as erase, ride_id::text as id, enc || ct as sealed, code_id, received_s, run, no, board_seq, w2, iss,
              suite::int, flags, split_part(trim(both '()' from ctid::text), ',', 1)::int as block
       from ride order by random()`,
    );
    notes = await db.query(`select place::text, encode(ct, 'hex') as ct from ride_note`);
    await db.end();

    const keys = platformKeys(city);
    controlNeedles = needlesOf('control', control, keys);
    await plant(city, controlNeedles);
    const looked = search([
      ...people.slice(0, PEOPLE).flatMap((person, index) => needlesOf(`person ${index}`, person, keys)),
      ...controlNeedles,
    ]);
    const look = (place: string, data: Uint8Array | string): void => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      searched += bytes.length;
      hits.push(...looked.in(place, bytes));
    };
    for (const database of databases) look(`${database} as text`, await textDump(city, database));
    const copies = mkdtempSync(join(tmpdir(), 'tongche-copies-'));
    const platformDb = connect({ url: city.engine.adminUrl('tongche_platform'), max: 1, name: 'copy', log: silentLog });
    await copyOut(platformDb, join(copies, 'platform'));
    await platformDb.end();
    for (const { path, bytes } of filesBelow(copies)) look(`copy ${path}`, bytes);
    rmSync(copies, { recursive: true });
    look('metrics', await metricsOf(city));
    await city.stop();
    for (const [process, lines] of city.lines) look(`log of ${process}`, lines.join(''));
    for (const { path, bytes } of filesBelow(city.dataDir)) look(`file ${path}`, bytes);
  });
  after(async () => {
    await city?.remove();
  });

  /**
   * Whether staff registered a ride is stored, so assisted riders are told from others, in a group of their own. Rows of
   * a tag drawn twice are looked at in a test of theirs.
   */
  function groups(): { readonly phones: readonly LabelledRow[]; readonly assisted: readonly LabelledRow[] } {
    const tags = rows.map(({ tag }) => tag);
    const once = rows.filter(({ tag }) => tags.indexOf(tag) === tags.lastIndexOf(tag));
    return {
      phones: labelled(
        done,
        once.filter((row) => !isAssisted(row)),
        requests,
      ),
      assisted: labelled(done, once.filter(isAssisted), requests),
    };
  }

  test('the rides are there: stored, noted, erased', () => {
    assert.equal(done.order.length, SCANS);
    assert.equal(requests.length, SCANS);
    assert.ok(done.erased.size > 40, `only ${done.erased.size} erased`);
    assert.deepEqual(new Set(rows.map(({ tag }) => tag)), new Set(done.order.filter((tag) => !done.erased.has(tag))));
    assert.equal(notes.length, done.notes);
    assert.ok(notes.length > 400, `only ${notes.length} notes`);
    assert.ok(new Set(done.personOf.values()).size === PEOPLE);
  });

  test('a person written into the store in any form is found, in every place', () => {
    const formsIn = (pattern: RegExp): ReadonlySet<string> =>
      new Set(hits.filter(({ owner, place }) => owner === 'control' && pattern.test(place)).map(({ form }) => form));
    const all = new Set(controlNeedles.map(({ form }) => form));
    assert.ok(all.size > 1_000, `${all.size} forms`);
    for (const place of [/^copy /, /^file postgres\/.*base\//, /^file postgres\/.*pg_wal\//]) {
      const found = formsIn(place);
      assert.deepEqual(
        [...all].filter((form) => !found.has(form)),
        [],
        `not found in ${place}`,
      );
    }
    const written = controlNeedles.filter(({ bytes }) => isText(bytes) && !/[\\"]/.test(bytes.toString()));
    const inText = formsIn(/^tongche_platform as text/);
    assert.deepEqual(
      written.filter(({ form }) => !inText.has(form)),
      [],
    );
  });

  test('nobody who rode is in it, in any form', () => {
    assert.ok(searched > 50_000_000, `only ${searched} bytes were searched`);
    assert.deepEqual(
      hits.filter(({ owner }) => owner !== 'control'),
      [],
    );
  });

  test('tags, erase commitments, envelopes, notes and request ids never repeat', () => {
    const ofPhones = rows.filter((row) => !isAssisted(row));
    const columns: Readonly<Record<string, readonly string[]>> = {
      tag: ofPhones.map(({ tag }) => tag),
      erase: rows.map(({ erase }) => erase),
      rideId: ofPhones.map(({ id }) => id.slice(15)),
      sealed: rows.map(({ sealed }) => sealed.toString('hex')),
      encapsulation: rows.map(({ sealed }) => sealed.subarray(1, 33).toString('hex')),
      ciphertext: rows.map(({ sealed }) => sealed.subarray(33).toString('hex')),
      anyBlock: rows.flatMap(({ sealed }) =>
        [33, 49, 65, 81, 97].map((at) => sealed.subarray(at, at + 16).toString('hex')),
      ),
      note: notes.map(({ ct }) => ct),
      noteHalf: notes.flatMap(({ ct }) => [ct.slice(0, 32), ct.slice(32)]),
      request: requests.map(({ id }) => String(id)),
    };
    for (const [name, values] of Object.entries(columns)) {
      assert.equal(new Set(values).size, values.length, `${name} repeats`);
    }
  });

  test('a tag repeats by chance only: an assisted rider’s, drawn from 64 a day, and then the row says so', () => {
    const seen = new Set<string>();
    const repeated = [...rows]
      .sort((a, b) => Number(a['received_s']) - Number(b['received_s']))
      .filter(({ tag }) => {
        const isRepeated = seen.has(tag);
        seen.add(tag);
        return isRepeated;
      });
    assert.ok(repeated.length < 12, `${repeated.length} tags repeat`);
    for (const row of repeated) assert.ok(isAssisted(row) && (Number(row['flags']) & FLAG_REUSE) !== 0);
  });

  test('no field is equal more often within a person than between strangers', () => {
    const { phones, assisted } = groups();
    for (const group of [phones, assisted]) {
      const tests = fieldTests(group, SEED);
      assert.ok(tests.length > 180, `${tests.length} fields`);
      const telling = tests.filter(({ z }) => z > fieldLimit);
      assert.deepEqual(telling, []);
    }
    const marked = phones.map(({ person, fields }) => ({ person, fields: { ...fields, planted: person % 8 } }));
    const found = fieldTests(marked, SEED).filter(({ z }) => z > fieldLimit);
    assert.deepEqual(
      found.map(({ field }) => field),
      ['planted'],
    );
  });

  test('a classifier trained on half of the people pairs the other half no better than chance', () => {
    const data = groups().phones;
    const guess = guessPairs(data, SEED);
    assert.ok(guess.rows > 350, `${guess.rows} rows`);
    assert.ok(guess.hits < guess.expected + limit * guess.deviation, JSON.stringify(guess));
    const marked = data.map(({ person, fields }) => ({ person, fields: { ...fields, planted: person % 16 } }));
    const easy = guessPairs(marked, SEED);
    assert.ok(
      easy.hits > easy.expected + 3 * limit * easy.deviation,
      `a planted mark goes unnoticed: ${JSON.stringify(easy)}`,
    );
  });
});
