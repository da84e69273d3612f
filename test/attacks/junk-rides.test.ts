// Somebody with the operator's admission key mints rides of people who do not exist, five hundred on one bus in one minute;
// somebody else scans the code of a bus that stands in its depot. Nothing is refused; a case's list stays what it was, the
// junk is shown apart with its reasons, and whoever was truly aboard is one decision away.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CaseView, ContactPage, ContactView, NewCase, TraceView, WalletReply } from '@tongche/contract';
import { positionsCsv } from '@tongche/network/import';
import { dayText, fromBase64Url, makeRide, maskPhone, toBase64Url, unwrap, verifyBundle } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { admTagSync, hmacKey, nodeSuite } from '@tongche/protocol/node';
import { openSlots } from '@tongche/runtime';
import { allContacts, openPhone, traceCase } from '@tongche/simulator';
import type { Phone } from '@tongche/simulator';
import { layoutOf } from '@tongche/tongche';
import { at } from '../kit/at.ts';
import { startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import type { ConsoleDesk } from '../kit/console-desk.ts';
import { makePeople } from '../kit/people.ts';
import type { Person } from '../kit/people.ts';

const minuteMs = 60_000;
const JUNK = 500;
/** Sent side by side. */
const AT_ONCE = 50;

describe('rides nobody made', () => {
  const people = makePeople(6, 'junk');
  const [sick, near, inCrowd, stranded, remote, scout] = people as [Person, Person, Person, Person, Person, Person];
  let city: City;
  let tracer: ConsoleDesk;
  let approver: ConsoleDesk;
  let junkOf: (unitId: string) => Promise<void>;
  let unitId = '';
  let depotUnitId = '';
  let one: CaseView;
  let contacts: readonly ContactView[];
  let cookie = '';

  const masked = ({ digits }: Person): string => maskPhone(BigInt(digits));
  const shown = (list: readonly ContactView[]): string[] => list.map((contact) => contact.masked).sort();
  const phones = new Map<Person, Promise<Phone>>();
  async function enrolled(person: Person): Promise<Phone> {
    const phone = openPhone(city.world, person);
    await phone.enrol();
    return phone;
  }
  async function scan(person: Person, on: string) {
    const phone = phones.get(person) ?? enrolled(person);
    phones.set(person, phone);
    return (await (await phone).scan({ code: city.codeOf(on), boardedMs: city.clock.now() })).receipt;
  }
  function newCase(caseNo: string): NewCase {
    const date = dayText(city.world.dayOf(city.clock.now()));
    const subjects = [{ kind: 'phone' as const, value: `+${sick.digits}` }];
    return { caseNo, status: 'confirmed', purpose: 'trace', subjects, from: date, to: date };
  }
  async function aside(caseId: string): Promise<readonly ContactView[]> {
    const found: ContactView[] = [];
    for (let next: number | null = 0; next !== null;) {
      const page: ContactPage = await tracer.console.get(
        `/cases/${caseId}/contacts?limit=500&aside=true${next > 0 ? `&after=${next}` : ''}`,
      );
      found.push(...page.contacts);
      next = page.next;
    }
    return found;
  }

  /** Mints rides with the platform's own admission key: each passes for a ride of somebody. */
  async function forger(): Promise<(on: string) => Promise<void>> {
    const day = city.world.dayOf(city.clock.now());
    const answer = await city.world.registrar.call('GET', '/bundles');
    const { bundles } = answer.body as Pick<WalletReply, 'bundles'>;
    const p256 = unwrap(fromBase64Url(city.vault.publicKeys.p256));
    const bundle = unwrap(
      await verifyBundle(
        nodeSuite,
        bundles.find((each) => each.day === day),
        { p256 },
      ),
    );
    const unseal = new Uint8Array(Buffer.from(city.installation.keys.unseal.platform, 'base64url'));
    const kAdm = openSlots(layoutOf(city.dataDir).slot('platform'), unseal).get(`adm-${day}`);
    assert.ok(kAdm);
    const key = hmacKey(new Uint8Array(kAdm));
    const { iss } = bundle.authority;
    async function mint(code: Bytes, n: number): Promise<void> {
      const tag = nodeSuite.randomBytes(16);
      const pass = { slot: n % 256, tag, adm: admTagSync(key, { day, iss, tag }) };
      const contact = {
        flags: { companion: false, assisted: false },
        kind: 'phone',
        subject: 8_613_000_000_000n + BigInt(n),
        reach: 0n,
        name: '',
        openid: '',
      } as const;
      const made = await makeRide(nodeSuite, {
        bundle,
        pass,
        code,
        boardedMs: city.clock.now(),
        queued: false,
        party: 0,
        contact,
      });
      const posted = await city.world.platform.call('POST', '/v1/rides', { text: toBase64Url(made.record) });
      assert.equal(posted.status, 200, 'flagged, never refused');
    }
    let made = 0;
    return async (on) => {
      const code = city.codeOf(on);
      for (let n = 0; n < JUNK; n += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => mint(code, (made += 1))));
      }
    };
  }

  /** The bus is seen thirty kilometres off its line for some minutes. */
  async function seenFarAway(unit: string): Promise<void> {
    const { plate } = at(
      city.units.filter((each) => each.unitId === unit),
      0,
    );
    const answer = await fetch(`${city.urls.platform}/staff/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: 'admin', password: 'demo-admin' }),
    });
    cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const rows = [2, 1, 0].map((ago) => ({
      vehicleId: plate ?? '',
      atMs: city.clock.now() - ago * minuteMs,
      lat: 22.9,
      lon: 114.5,
    }));
    const sent = await fetch(`${city.urls.platform}/operator/api/positions`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', cookie },
      body: positionsCsv(rows),
    });
    assert.equal(sent.status, 200, await sent.text());
  }

  before(async () => {
    city = await startCity();
    const buses = city.units.filter(({ kind }) => kind === 'bus');
    for (const unit of buses) {
      const { run } = await scan(scout, unit.unitId);
      if (run === null || run.boardSeq > 3 || run.stops.length < 12) continue;
      if (unitId === '') unitId = unit.unitId;
      else {
        depotUnitId = unit.unitId;
        break;
      }
    }
    assert.notEqual(depotUnitId, '', 'no two buses have just begun their runs');
    junkOf = await forger();
    await city.clock.advance(minuteMs);
    await scan(near, unitId);
    await city.clock.advance(minuteMs);
    await junkOf(unitId);
    await scan(inCrowd, unitId);
    await city.clock.advance(minuteMs);
    await scan(sick, unitId);
    await seenFarAway(depotUnitId);
    await scan(remote, depotUnitId);
    tracer = await consoleDesk(city, 'tracer');
    approver = await consoleDesk(city, 'approver');
    ({ one, contacts } = await traceCase(tracer, approver, newCase('HJ-J1')));
  });
  after(async () => {
    await tracer?.console.close();
    await approver?.console.close();
    await city?.remove();
  });

  test('the list holds who was aboard and none of the five hundred', async () => {
    // The scout looked at every bus.
    assert.deepEqual(shown(contacts), [masked(near), masked(scout)].sort());
    const set = await aside(one.caseId);
    assert.equal(set.length, JUNK + 1);
    for (const { legs, message } of set) {
      assert.deepEqual(
        legs.map(({ doubts }) => doubts),
        [['crowded-minute', 'over-capacity']],
      );
      assert.equal(message, 'none');
    }
    assert.deepEqual(shown(set.filter(({ verified }) => verified)), [masked(inCrowd)], 'minted rides do not verify');
    assert.deepEqual([one.counts.contacts, one.counts.contactsAside, one.counts.ridesAside], [2, JUNK + 1, 0]);
  });

  test('whoever was truly aboard in that minute joins the list by one decision', async () => {
    const wanted = at(
      (await aside(one.caseId)).filter(({ verified }) => verified),
      0,
    );
    const reason = 'called, was aboard';
    await tracer.console.post(`/cases/${one.caseId}/contacts/include`, {
      contactIds: [wanted.contactId],
      included: true,
      reason,
    });
    await city.vault.idle();
    const list = await allContacts(tracer.console, one.caseId);
    assert.deepEqual(shown(list), [masked(near), masked(scout), masked(inCrowd)].sort());
    assert.equal((await aside(one.caseId)).length, JUNK);
  });

  test('a case whose code was scanned while its bus stood in the depot seeks nobody there until somebody includes it', async () => {
    await city.clock.advance(minuteMs);
    await scan(stranded, depotUnitId);
    await scan(sick, depotUnitId);
    const second = await traceCase(tracer, approver, newCase('HJ-J2'));
    const trace = await tracer.console.get<TraceView>(`/cases/${second.one.caseId}/trace`);
    assert.deepEqual(
      trace.rides.map(({ doubts }) => doubts),
      [[], ['far-away']],
    );
    assert.equal(second.one.counts.ridesAside, 1);
    assert.ok(!shown(second.contacts).includes(masked(remote)));
    const { rideId } = at(trace.rides, 1);
    await tracer.console.post(`/cases/${second.one.caseId}/rides/${rideId}/include`, {
      included: true,
      reason: 'says so, has a ticket',
    });
    await city.vault.idle();
    const { rides, history } = await tracer.console.get<TraceView>(`/cases/${second.one.caseId}/trace`);
    assert.equal(at(rides, 1).included?.by, 'tracer');
    assert.equal(at(history, 0).kind, 'included');
    // Those who scanned there too are as doubtful as the case's ride was: shown apart, not listed.
    const list = await allContacts(tracer.console, second.one.caseId);
    assert.ok(!shown(list).includes(masked(remote)));
    const set = (await aside(second.one.caseId)).filter(({ legs }) =>
      legs.some(({ doubts }) => doubts.includes('far-away')),
    );
    assert.deepEqual(shown(set), [masked(remote), masked(stranded)].sort());
  });
});
