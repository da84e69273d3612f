// Twenty-eight days later: what was sealed on a day whose keys are destroyed opens with nothing that is left, not even from
// a backup made while the day lived; a day that still lives opens from the same backup.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, removeData, startEngine } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import {
  bundleInfo,
  dayOf,
  dayStartMs,
  dayText,
  equalBytes,
  openNote,
  openRecord,
  parseBundle,
  unpackWindow,
  unwrap,
  uuidFromText,
  uuidText,
} from '@tongche/protocol';
import type { Bytes, Contact, DayBundle, MadeRide } from '@tongche/protocol';
import { contactTagSync, hmacKey, nodeSuite, unpackSealedSync } from '@tongche/protocol/node';
import { openSlots, silentLog } from '@tongche/runtime';
import { allContacts, openPhone, traceCase } from '@tongche/simulator';
import type { Phone } from '@tongche/simulator';
import { layoutOf } from '@tongche/tongche';
import { at } from '../kit/at.ts';
import { coarseClock, START_MS, startCity, ZONE } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import { notePlaceOf } from '../kit/notes.ts';
import { makePeople } from '../kit/people.ts';
import { filesBelow, search } from '../kit/search.ts';
import type { Hit, Needle } from '../kit/search.ts';

const hourMs = 3_600_000;
const RETENTION_DAYS = 28;
const RIDE_DAYS = 3;
const owners = ['platform', 'registrar', 'vault'] as const;
const main = join(import.meta.dirname, '../../packages/tongche/src/main.ts');

/** Every way in which a key of 32 bytes could be written down. */
function needlesOf(owner: string, key: Uint8Array): readonly Needle[] {
  const raw = Buffer.from(key);
  const hex = raw.toString('hex');
  const base64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), raw])
      .toString('base64')
      .slice(offset + 1, 40);
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    { owner, form: 'bytes', bytes: raw },
    { owner, form: 'the first half', bytes: raw.subarray(0, 16) },
    { owner, form: 'the second half', bytes: raw.subarray(16) },
    { owner, form: 'hexadecimal', bytes: Buffer.from(hex) },
    { owner, form: 'upper hexadecimal', bytes: Buffer.from(hex.toUpperCase()) },
    ...base64.map((text, index) => ({ owner, form: `base64 ${index}`, bytes: Buffer.from(text) })),
  ];
}

interface StoredRide {
  readonly code8: Buffer;
  readonly tag: string;
  readonly erase: string;
  readonly w2: number;
  readonly iss: number;
  readonly suite: number;
  readonly sealed: Buffer;
}

/** Rides of a day's partition; none where it is not there. */
async function ridesOf(db: Database, day: number): Promise<readonly StoredRide[]> {
  const found = await db.one<{ found: string | null }>('select to_regclass($1)::text as found', [`ride_d${day}`]);
  if (found?.found === null || found === undefined) return [];
  return db.query<StoredRide>(
    `select c.code8, r.tag::text, r.erase_c::text as erase, r.w2::int, r.iss::int, r.suite::int, r.enc || r.ct as sealed
     from ride_d${day} r join code c using (code_id)`,
  );
}

/** The contact in a ride, when any of the keys opens it. */
async function openWith(keys: readonly Bytes[], bundle: DayBundle, ride: StoredRide) {
  const { enc, ct } = unwrap(unpackSealedSync(new Uint8Array(ride.sealed)));
  const w = unwrap(unpackWindow(ride.w2));
  const record = {
    version: 1,
    suite: 1,
    code: new Uint8Array(ride.code8),
    iss: ride.iss,
    day: bundle.day,
    w,
    tag: unwrap(uuidFromText(ride.tag)),
    eraseC: unwrap(uuidFromText(ride.erase)),
    enc,
    ct,
  } as const;
  for (const sk of keys) {
    try {
      const opened = await openRecord(nodeSuite, { sk, info: bundleInfo(bundle), record });
      if (opened.ok) return opened.value;
    } catch {
      // Not every 32 bytes are a private key.
    }
  }
  return undefined;
}

function tongche(...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, ...args], (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`tongche ${args[0] ?? ''}: ${stderr}`));
    });
  });
}

describe('a day whose keys are destroyed', () => {
  const people = makePeople(4, 'destruction');
  const folder = mkdtempSync(join(tmpdir(), 'tongche-destroyed-'));
  const backup = join(folder, 'backup');
  const later = join(folder, 'later');
  const restored = join(folder, 'restored');
  const firstDay = dayOf(START_MS, ZONE);
  /** Every secret seen in a slot, by `owner/name`. */
  const captured = new Map<string, Uint8Array>();
  const made: { readonly day: number; readonly person: number; readonly ride: MadeRide }[] = [];
  let city: City;
  let caseId = '';
  let contactsOfCase = 0;
  let left: readonly Bytes[] = [];
  let bundles: ReadonlyMap<number, DayBundle>;
  let restoredDb: Database;
  let restoredVault = '';
  let stopRestored: () => Promise<void>;

  function slotsOf(owner: (typeof owners)[number], dataDir = city.dataDir) {
    const key = new Uint8Array(Buffer.from(city.installation.keys.unseal[owner], 'base64url'));
    return openSlots(layoutOf(dataDir).slot(owner), key);
  }

  /** Secrets of 32 bytes as they lie in the slots now. */
  function secretsNow(): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const owner of owners) {
      const slots = slotsOf(owner);
      for (const name of slots.names()) {
        const bytes = Buffer.from(slots.get(name) ?? []);
        if (bytes[0] === 0x7b && bytes.includes('kAdm')) {
          const { kAdm } = JSON.parse(bytes.toString()) as { readonly kAdm: string };
          found.set(`${owner}/${name}`, Buffer.from(kAdm, 'base64url'));
        } else {
          found.set(`${owner}/${name}`, bytes.subarray(0, 32));
          if (name.startsWith('case-')) found.set(`${owner}/${name} commitments`, bytes.subarray(32, 64));
        }
      }
    }
    return found;
  }
  function capture(): void {
    for (const [name, bytes] of secretsNow()) captured.set(name, new Uint8Array(bytes));
  }

  async function rideOn(day: number, phones: readonly Phone[]): Promise<void> {
    const bus = at(city.units, 0).unitId;
    await city.clock.advanceTo(dayStartMs(day, ZONE) + 10 * hourMs);
    for (const [person, phone] of phones.entries()) {
      const { ride } = await phone.scan({ code: city.codeOf(bus), boardedMs: city.clock.now() });
      const minute = ride.minute + 12;
      const stops = { boardLo: 0, boardHi: 0, alightLo: 5, alightHi: 5, minuteLo: minute, minuteHi: minute };
      await phone.note(ride, { basis: 'off-tap', ...stops });
      made.push({ day, person, ride });
      capture();
    }
  }

  async function tracedCase(): Promise<void> {
    const [tracer, approver] = [await consoleDesk(city, 'tracer'), await consoleDesk(city, 'approver')];
    const { one, contacts } = await traceCase(tracer, approver, {
      caseNo: 'HJ-2026-0001',
      status: 'confirmed',
      purpose: 'trace',
      subjects: [{ kind: 'phone', value: `+${at(people, 0).digits}` }],
      from: dayText(firstDay),
      to: dayText(firstDay + RIDE_DAYS - 1),
    });
    caseId = one.caseId;
    contactsOfCase = contacts.length;
    assert.equal((await allContacts(tracer.console, caseId)).length, contactsOfCase);
    capture();
    await tongche('backup', '--data', city.dataDir, '--to', backup);
    await tracer.console.post(`/cases/${caseId}/close`, {});
    await tracer.console.close();
    await approver.console.close();
  }

  before(async () => {
    city = await startCity({
      clock: coarseClock(START_MS, 12 * hourMs),
      adjust: {
        registrar: (config) => ({ ...config, relay: { minDelayMs: hourMs, maxDelayMs: 2 * hourMs, tickMs: hourMs } }),
      },
    });
    capture();
    const phones = people.map(({ digits, name }) => openPhone(city.world, { digits, name }));
    for (let day = firstDay; day < firstDay + RIDE_DAYS; day += 1) await rideOn(day, phones);
    await city.clock.advance(4 * hourMs);
    await tracedCase();
    // Past the roll of the first day's twenty-eighth day, at 03:00.
    for (let day = firstDay + RIDE_DAYS; day <= firstDay + RETENTION_DAYS; day += 1) {
      await city.clock.advanceTo(dayStartMs(day, ZONE) + 4 * hourMs);
      capture();
    }
    left = [...secretsNow().values()].map((bytes) => new Uint8Array(bytes));
    await tongche('backup', '--data', city.dataDir, '--to', later);
    await tongche('restore', '--from', backup, '--data', restored);
    const engine = await startEngine({ dataDir: layoutOf(restored).postgres, log: silentLog });
    restoredDb = connect({ url: engine.adminUrl('tongche_platform'), max: 2, name: 'restored', log: silentLog });
    restoredVault = engine.adminUrl('tongche_vault');
    const vaultDb = connect({ url: restoredVault, max: 1, name: 'restored', log: silentLog });
    const rows = await vaultDb.query<{ bundle: string }>('select bundle from day_key');
    bundles = new Map(rows.map(({ bundle }) => unwrap(parseBundle(JSON.parse(bundle)))).map((one) => [one.day, one]));
    await vaultDb.end();
    let stopping: Promise<void> | undefined;
    stopRestored = () => (stopping ??= restoredDb.end().then(() => engine.stop()));
  });
  after(async () => {
    await stopRestored?.();
    await city?.remove();
    removeData(layoutOf(restored).postgres);
    rmSync(folder, { recursive: true, force: true });
  });

  const bundleOf = (day: number): DayBundle => {
    const bundle = bundles.get(day);
    assert.ok(bundle);
    return bundle;
  };

  test('the slots of the first day are gone, those of the next day live', () => {
    const names = slotsOf('vault').names();
    for (const kind of ['env', 'tag']) {
      assert.ok(!names.includes(`${kind}-${firstDay}`), `${kind}-${firstDay}`);
      assert.ok(names.includes(`${kind}-${firstDay + 1}`), `${kind}-${firstDay + 1}`);
    }
    assert.ok(captured.has(`vault/env-${firstDay}`) && captured.has(`vault/tag-${firstDay}`), 'both were there once');
    const early = slotsOf('registrar')
      .names()
      .filter((name) => name.endsWith(`-${firstDay}`));
    assert.deepEqual(early, [], 'the registrar has forgotten that day long ago');
    assert.ok(!slotsOf('platform').names().includes(`adm-${firstDay}`));
    assert.ok(readdirSync(layoutOf(city.dataDir).slot('vault')).includes('.nobackup'));
  });

  test('the partitions of the first day are gone, the rides of the next are there', async () => {
    const db = connect({ url: city.engine.adminUrl('tongche_platform'), max: 1, name: 'rows', log: silentLog });
    const gone = await db.query(`select relname from pg_class where relname ~ '^ride(_note)?_d${firstDay}(\\D|$)'`);
    assert.deepEqual([...gone], []);
    assert.equal((await ridesOf(db, firstDay + 1)).length, people.length);
    const tags = made.filter(({ day }) => day === firstDay).map(({ ride }) => uuidText(ride.tag));
    assert.equal((await db.query('select 1 from ride where tag = any($1::uuid[])', [tags])).length, 0);
    const notePlace = notePlaceOf(city);
    const places = made.flatMap(({ ride }) => (ride.day === firstDay ? [notePlace(ride.day, ride.tag, 0)] : []));
    assert.ok(places.length > 0);
    assert.equal((await db.query('select 1 from ride_note where place = any($1::uuid[])', [places])).length, 0);
    await db.end();
  });

  test('restored elsewhere, the first day’s rides open with nothing that is left', async () => {
    const rides = await ridesOf(restoredDb, firstDay);
    assert.equal(rides.length, people.length, 'the backup was made while the day lived');
    assert.ok(left.length > 60, `${left.length} keys are left`);
    for (const ride of rides) assert.equal(await openWith(left, bundleOf(firstDay), ride), undefined);
    // Only the destroyed key itself would.
    const destroyed = captured.get(`vault/env-${firstDay}`);
    assert.ok(destroyed);
    assert.ok(await openWith([new Uint8Array(destroyed)], bundleOf(firstDay), at(rides, 0)));
  });

  test('a living day’s rides and notes from the same backup open with the live slots', async () => {
    const day = firstDay + 1;
    const kTag = hmacKey(new Uint8Array(slotsOf('vault').get(`tag-${day}`) ?? []));
    const seen = new Set<string>();
    for (const ride of await ridesOf(restoredDb, day)) {
      const opened = await openWith(left, bundleOf(day), ride);
      assert.ok(opened);
      const contact: Contact = opened.contact;
      const tag = unwrap(uuidFromText(ride.tag));
      assert.ok(equalBytes(contactTagSync(kTag, { iss: 1, contact }), tag));
      const note = await restoredDb.one<{ ct: Buffer }>('select ct from ride_note where place = $1', [
        notePlaceOf(city)(day, tag, 0),
      ]);
      const read = await openNote(nodeSuite, opened.noteKey, { day, tag, idx: 0 }, new Uint8Array(note?.ct ?? []));
      assert.deepEqual([unwrap(read).basis, unwrap(read).alightHi], ['off-tap', 5]);
      seen.add(String(contact.subject));
    }
    assert.deepEqual(seen, new Set(people.map(({ digits }) => digits)));
  });

  test('a closed case does not open either', async () => {
    assert.ok(contactsOfCase >= people.length - 1);
    assert.ok(captured.has(`vault/case-${caseId}`));
    assert.ok(!slotsOf('vault').names().includes(`case-${caseId}`));
    const db = connect({ url: restoredVault, max: 1, name: 'restored', log: silentLog });
    const sealed = [
      ...(await db.query<{ sealed: Buffer }>('select sealed from case_file where sealed is not null')),
      ...(await db.query<{ sealed: Buffer }>('select sealed from contact')),
    ].map((row) => row.sealed);
    await db.end();
    assert.ok(sealed.length > contactsOfCase, 'the backup holds the open case');
    const opens = (key: Uint8Array, bytes: Buffer, place: string): boolean => {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(-16));
      try {
        decipher.update(bytes.subarray(12, -16));
        decipher.final();
        return true;
      } catch {
        return false;
      }
    };
    const place = `case_file|${caseId}|sealed`;
    for (const key of left) for (const bytes of sealed) assert.ok(!opens(key, bytes, place));
    const destroyed = captured.get(`vault/case-${caseId}`);
    assert.ok(destroyed && opens(destroyed, at(sealed, 0), place), 'only the destroyed key would');
    const live = connect({ url: city.engine.adminUrl('tongche_vault'), max: 1, name: 'rows', log: silentLog });
    assert.equal((await live.query('select 1 from case_file where sealed is not null')).length, 0);
    assert.equal((await live.query('select 1 from contact')).length, 0);
    await live.end();
  });

  test('no key was ever written to a database, its log, a log file or a backup', async () => {
    assert.ok(captured.size > 100, `${captured.size} keys`);
    const fresh = nodeSuite.randomBytes(32);
    const looked = search(
      [...captured].flatMap(([name, key]) => needlesOf(name, key)).concat(needlesOf('control', fresh)),
    );
    writeFileSync(
      join(folder, 'planted'),
      Buffer.concat([Buffer.alloc(100), fresh, Buffer.from(Buffer.from(fresh).toString('hex'))]),
    );
    // Both servers: a running one replaces files of its own at any moment.
    await city.stop();
    await stopRestored();
    const hits: Hit[] = [];
    let files = 0;
    // Secrets (unseal keys, signing keys of the demonstration) lie in their own folder; slots are ciphertext.
    for (const root of [city.dataDir, folder]) {
      for (const { path, bytes } of filesBelow(root)) {
        files += 1;
        if (!path.startsWith('secrets/')) hits.push(...looked.in(path, bytes));
      }
    }
    for (const [process, lines] of city.lines)
      hits.push(...looked.in(`log of ${process}`, Buffer.from(lines.join(''))));
    assert.ok(files > 500, `${files} files`);
    const planted = hits.filter(({ owner }) => owner === 'control');
    assert.deepEqual(new Set(planted.map(({ place }) => place)), new Set(['planted']));
    assert.ok(planted.length >= 4);
    assert.deepEqual(
      hits.filter(({ owner }) => owner !== 'control'),
      [],
    );
  });
});
