import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { CaseView, ContactPage, ContactView, LogView, TraceView } from '@tongche/contract';
import {
  canonicalJson,
  dayOf,
  dayText,
  fromBase64Url,
  listValue,
  nobleSha256,
  parsePhone,
  toBase64Url,
  unwrap,
  utf8,
} from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { testEngine } from '@tongche/postgres/test-kit';
import { openSlots } from '@tongche/runtime';
import { askOrder, contactsOf, enterCase, loggedKinds, signOrder, today, traceCase } from './casework.ts';
import { codeOf, dayMs, get, hourMs, minuteMs, post, signed, somePhone, startMs, startWorld, zone } from './kit.ts';
import type { Person, World } from './kit.ts';
import { tagsIn } from './neighbours.ts';
import { addRide, addRun, boarded } from './rides.ts';

function newCase(world: World, phone: string, changes: object = {}): Promise<CaseView> {
  return enterCase(world, [phone], { caseNo: `C-${phone.slice(-4)}`, ...changes });
}

async function traced(world: World, phone: string, changes: object = {}): Promise<CaseView> {
  const one = await newCase(world, phone, changes);
  await traceCase(world, one);
  return one;
}

describe('a trace', () => {
  it('finds who was on the bus, knows who certainly was, masks everybody', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, near, maybe, gone, later] = [somePhone(), somePhone(), somePhone(), somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded + 8 * minuteMs, boardSeq: 2, alight: 5 });
    await addRide(world, {
      phone: near,
      boardedMs: boarded + 12 * minuteMs,
      boardSeq: 3,
      alight: 6,
      contact: { name: '张小三' },
    });
    await addRide(world, { phone: maybe, boardedMs: boarded, boardSeq: 0 });
    await addRide(world, { phone: gone, boardedMs: boarded, boardSeq: 0, alight: 2 });
    await addRide(world, { phone: later, boardedMs: boarded + 20 * minuteMs, boardSeq: 5, alight: 7 });
    await addRide(world, { phone: somePhone(), boardedMs: boarded, unitId: 'bus2', runKey: 'r2' });
    const one = await traced(world, sick);
    const view = await get<CaseView>(world, world.people.lin, `/cases/${one.caseId}`);
    assert.equal(view.order?.state, 'done');
    assert.deepEqual([view.counts.rides, view.counts.contacts, view.counts.close, view.counts.verified], [1, 2, 2, 5]);
    const contacts = await contactsOf(world, one);
    assert.deepEqual(
      contacts.map(({ tier, verified, rank, band, hop, followUpUntil }) => [
        tier,
        verified,
        rank,
        band,
        hop,
        followUpUntil !== null,
      ]),
      [
        ['close', true, 1, 'C', 1, true],
        ['close', true, 2, 'C', 1, true],
      ],
    );
    // Who boarded first, and got off nobody knows where, was likely with the case for longer than who is known to have been.
    const known = contacts.find(({ masked }) => masked === `${near.slice(0, 3)}****${near.slice(-4)}`);
    const guessed = contacts.find(({ masked }) => masked === `${maybe.slice(0, 3)}****${maybe.slice(-4)}`);
    assert.equal(known?.name, '张*三');
    assert.ok((known?.probability ?? 0) > (guessed?.probability ?? 1) && (guessed?.probability ?? 0) > 0.3);
    assert.ok(known !== undefined && known.minutes > 6 && known.minutes <= 8, `${known?.minutes}`);
    assert.deepEqual(
      [known.legs[0]?.basis, known.legs[0]?.caseBasis, known.legs[0]?.zone],
      ['observed', 'observed', 'same-space'],
    );
    assert.ok(
      known.reasons.length >= 3 &&
        known.reasons.every(({ code, text }) => code !== '' && text.zh !== '' && text.en !== ''),
    );
    const trace = await get<TraceView>(world, world.people.lin, `/cases/${one.caseId}/trace`);
    assert.deepEqual(
      trace.steps.map(({ step }) => step),
      ['log', 'match', 'windows', 'fetch', 'open', 'rank'],
    );
    assert.deepEqual([trace.rides[0]?.boardStop?.zh, trace.rides[0]?.alightStop?.zh], ['站2', '站5']);
    assert.equal(trace.rides[0]?.contacts, 2);
    // The case got off at stop 5: nothing after that was asked for.
    assert.ok((world.platform.fetches[0]?.windows[0]?.toMs ?? 0) <= boarded + 26 * minuteMs);
  });

  it('asks for 256 tags of a phone and 64 of an assisted one, and for 64 of a document', async () => {
    const world = await startWorld();
    await traced(world, somePhone(), {
      subjects: [
        { kind: 'phone', value: somePhone() },
        { kind: 'passport', value: 'E12345678' },
      ],
    });
    const packed = world.platform.matches[0]?.tags[0]?.tags ?? '';
    assert.equal(unwrap(fromBase64Url(packed)).length, (256 + 64 + 64) * 16);
    assert.equal(tagsIn(packed).size, 384);
  });

  it('labels assisted riders, companions and forged records, and never merges the forged into the real', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, own, helped, holder, friend, victim] = Array.from({ length: 6 }, somePhone) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const at = { boardedMs: boarded, boardSeq: 0, alight: 4 };
    await addRide(world, { ...at, phone: sick });
    await addRide(world, { ...at, phone: own });
    await addRide(world, { ...at, phone: own, assisted: true });
    await addRide(world, { ...at, phone: helped, assisted: true });
    const companion = { flags: { companion: true, assisted: false }, holder: unwrap(parsePhone(holder)) };
    await addRide(world, { ...at, phone: holder, claims: friend, contact: companion });
    await addRide(world, { ...at, phone: somePhone(), claims: victim });
    await addRide(world, { ...at, phone: victim, boardSeq: 3, alight: 5 });
    const one = await traced(world, sick);
    const contacts = await contactsOf(world, one);
    const of = (phone: string): readonly ContactView[] =>
      contacts.filter(({ masked }) => masked === `${phone.slice(0, 3)}****${phone.slice(-4)}`);
    assert.deepEqual(
      of(own).map(({ verified, assisted }) => [verified, assisted]),
      [[true, false]],
    );
    assert.deepEqual(
      of(helped).map(({ verified, assisted }) => [verified, assisted]),
      [[false, true]],
    );
    assert.deepEqual(
      of(friend).map(({ verified, namedBy }) => [verified, namedBy]),
      [[false, `${holder.slice(0, 3)}****${holder.slice(-4)}`]],
    );
    assert.deepEqual(
      of(victim)
        .map(({ verified, legs }) => `${verified} ${legs.length}`)
        .toSorted((a, b) => a.localeCompare(b)),
      ['false 1', 'true 1'],
    );
    const view = await get<CaseView>(world, world.people.lin, `/cases/${one.caseId}`);
    assert.equal(view.counts.records - view.counts.verified, 1);
  });

  it('opens no window for an itinerary only', async () => {
    const world = await startWorld();
    addRun(world);
    const sick = somePhone();
    await addRide(world, { phone: sick, boardedMs: boarded });
    await addRide(world, { phone: somePhone(), boardedMs: boarded });
    const one = await traced(world, sick, { purpose: 'itinerary' });
    assert.equal(world.platform.fetches.length, 0);
    assert.equal((await get<TraceView>(world, world.people.lin, `/cases/${one.caseId}/trace`)).rides.length, 1);
  });

  it('adds late rides while the order is watched and keeps what staff wrote', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, first, late] = [somePhone(), somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded, alight: 5 });
    await addRide(world, { phone: first, boardedMs: boarded, alight: 3 });
    const one = await traced(world, sick);
    const [contact] = await contactsOf(world, one);
    const path = `/cases/${one.caseId}/contacts/${contact?.contactId}/outcome`;
    await post(world, world.people.lin, path, { outcome: 'reached', detail: 'called' });
    await addRide(world, { phone: late, boardedMs: boarded, alight: 5 });
    await world.clock.advance(world.config.limits.watchEveryMs);
    const contacts = await contactsOf(world, one);
    assert.equal(contacts.length, 2);
    assert.equal(contacts.find(({ contactId }) => contactId === contact?.contactId)?.outcome, 'reached: called');
    await world.clock.advance(world.config.limits.watchHours * hourMs);
    await addRide(world, { phone: somePhone(), boardedMs: boarded, alight: 5 });
    await world.clock.advance(dayMs);
    assert.equal((await contactsOf(world, one)).length, 2, 'nothing is fetched after watch_until');
  });

  it('fails with the operator’s refusal, waits for its silence', async () => {
    const world = await startWorld();
    addRun(world);
    const sick = somePhone();
    await addRide(world, { phone: sick, boardedMs: boarded });
    world.platform.refusal = 'order-limit';
    const refused = await traced(world, sick);
    const view = await get<CaseView>(world, world.people.lin, `/cases/${refused.caseId}`);
    assert.deepEqual([view.order?.state, view.order?.failure], ['failed', 'order-limit']);
    world.platform.refusal = undefined;
    world.platform.isDown = true;
    const waiting = await traced(world, sick);
    const state = (await get<CaseView>(world, world.people.lin, `/cases/${waiting.caseId}`)).order?.state ?? '';
    assert.ok(['signed', 'running'].includes(state), state);
    await world.vault.idle();
    world.platform.isDown = false;
    // A slow machine may still be in the failed attempt when the first retry comes due; the next one takes it up.
    let last = '';
    for (let retries = 0; retries < 3 && last !== 'done'; retries += 1) {
      await world.clock.advance(world.config.retryMs);
      await world.vault.idle();
      last = (await get<CaseView>(world, world.people.lin, `/cases/${waiting.caseId}`)).order?.state ?? '';
    }
    assert.equal(last, 'done');
  });

  it('is carried out whatever others are at once, and by an operator that has forgotten what it was shown', async () => {
    const world = await startWorld();
    const stateOf = async ({ caseId }: { readonly caseId: string }) =>
      (await get<CaseView>(world, world.people.lin, `/cases/${caseId}`)).order?.state;
    const atOnce = await Promise.all(Array.from({ length: 6 }, () => traced(world, somePhone())));
    await world.vault.idle();
    assert.deepEqual(
      await Promise.all(atOnce.map(stateOf)),
      atOnce.map(() => 'done'),
    );
    world.platform.heads.length = 0;
    const next = await traced(world, somePhone());
    await world.vault.idle();
    assert.equal(await stateOf(next), 'done');
    assert.equal(world.platform.matches.length, atOnce.length + 1);
  });

  it('is taken up again after a restart', async () => {
    const world = await startWorld();
    world.platform.isDown = true;
    const one = await traced(world, somePhone());
    await world.vault.close();
    world.platform.isDown = false;
    await world.restart();
    await world.vault.idle();
    assert.equal((await get<CaseView>(world, world.people.lin, `/cases/${one.caseId}`)).order?.state, 'done');
  });
});

describe('an order', () => {
  it('refuses the same person, the same role, the same key, another hash, a stranger', async () => {
    const world = await startWorld();
    const { lin, chen, wang, linToo } = world.people;
    const order = await askOrder(world, await newCase(world, somePhone()));
    assert.equal((await signOrder(world, order, lin)).state, 'awaiting-signatures');
    assert.equal(await codeOf(signOrder(world, order, lin)), 'same-signer');
    assert.equal(await codeOf(signOrder(world, order, linToo)), 'same-signer');
    assert.equal(await codeOf(signOrder(world, order, wang)), 'same-signer');
    const other = toBase64Url(nobleSha256(utf8('another')));
    assert.equal(await codeOf(signOrder(world, order, chen, other)), 'signature-invalid');
    const assertion = { ...(await signed(chen, order.orderHash)), keyId: 'c3RyYW5nZXI' };
    assert.equal(
      await codeOf(post(world, chen, `/orders/${order.orderHash}/signatures`, { assertion })),
      'signature-invalid',
    );
    assert.equal((await signOrder(world, order, chen)).state, 'signed');
    assert.equal(await codeOf(signOrder(world, order, chen)), 'conflict');
    assert.equal(await codeOf(signOrder(world, { ...order, orderHash: other }, chen)), 'not-found');
    await world.vault.idle();
  });

  it('expires after a day', async () => {
    const world = await startWorld();
    const one = await newCase(world, somePhone());
    const order = await askOrder(world, one);
    await signOrder(world, order, world.people.lin);
    await world.clock.advance(dayMs);
    assert.equal(await codeOf(signOrder(world, order, world.people.chen)), 'order-expired');
    assert.equal((await get<CaseView>(world, world.people.lin, `/cases/${one.caseId}`)).order?.state, 'expired');
    assert.equal((await askOrder(world, one)).state, 'awaiting-signatures');
  });

  it('is one at a time, and stays within span, retention and the present', async () => {
    const world = await startWorld({ retryMs: 12 * hourMs });
    const phone = somePhone();
    const one = await newCase(world, phone);
    await askOrder(world, one);
    assert.equal(await codeOf(askOrder(world, one)), 'conflict');
    const d = dayOf(startMs, zone);
    const from = (n: number): object => ({ from: dayText(d - n) });
    assert.equal(await codeOf(newCase(world, phone, from(15))), 'span-too-long');
    assert.equal((await newCase(world, phone, from(14))).from, dayText(d - 14));
    assert.equal(
      await codeOf(newCase(world, phone, { from: dayText(d - 28), to: dayText(d - 28) })),
      'outside-retention',
    );
    assert.equal(await codeOf(newCase(world, phone, { to: dayText(d + 1) })), 'bad-case');
    assert.equal(await codeOf(newCase(world, phone, { from: '2026-02-30' })), 'bad-case');
    assert.equal(await codeOf(newCase(world, '12345')), 'bad-phone');
    const bad = { subjects: [{ kind: 'cn-id', value: '110101199002301234' }] };
    assert.equal(await codeOf(newCase(world, phone, bad)), 'bad-document');
    const old = await newCase(world, phone, { from: dayText(d - 26), to: dayText(d - 26) });
    const order = await askOrder(world, old);
    await signOrder(world, order, world.people.lin);
    await world.clock.advanceTo(startMs + 19 * hourMs);
    assert.equal(
      (await get<CaseView>(world, world.people.lin, `/cases/${old.caseId}`)).order?.state,
      'awaiting-signatures',
    );
    const older = await newCase(world, phone, { from: dayText(d - 26), to: dayText(d - 26) });
    await world.clock.advanceTo(startMs + 43 * hourMs);
    assert.equal(await codeOf(askOrder(world, older)), 'outside-retention');
  });

  it('stands in the public log before anything is asked of the operator, without a word about the case', async () => {
    const world = await startWorld();
    const phone = somePhone();
    await traced(world, phone, { caseNo: 'HJ-2026-0042' });
    await world.vault.deliver();
    const log = world.registrar.log.join('\n');
    assert.deepEqual(
      loggedKinds(world).filter((kind) => kind === 'order' || kind === 'opened'),
      ['order', 'opened'],
    );
    for (const secret of [phone, 'HJ-2026-0042', 'confirmed', 'lin', 'chen']) {
      assert.equal(log.includes(`"${secret}"`) || log.includes(phone), false, secret);
    }
    assert.equal(world.platform.matches[0]?.logEntry.includes(world.platform.matches[0].order.orderId), false);
  });
});

describe('looks', () => {
  it('are logged once a minute a person, reveals each time', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, near] = [somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded });
    await addRide(world, { phone: near, boardedMs: boarded, contact: { name: 'Anna Smith' } });
    const one = await traced(world, sick);
    const [contact] = await contactsOf(world, one);
    await contactsOf(world, one);
    await get(world, world.people.chen, '/cases');
    const { lin, chen } = world.people;
    const reason = 'call about symptoms';
    const hash = toBase64Url(
      nobleSha256(utf8(`reveal/1${canonicalJson({ contactId: contact?.contactId ?? '', reason })}`)),
    );
    const path = `/cases/${one.caseId}/contacts/${contact?.contactId}/reveal`;
    const reveal = async (who: Person, as: Person = who): Promise<{ value: string; name: string }> =>
      post(world, as, path, { reason, assertion: await signed(who, hash) });
    const clear = await reveal(lin);
    assert.equal(clear.value, `+86${near}`);
    assert.equal(clear.name, 'Anna Smith');
    assert.equal(await codeOf(reveal(lin, chen)), 'signature-invalid');
    const wrong = { reason: 'another reason', assertion: await signed(lin, hash) };
    assert.equal(await codeOf(post(world, lin, path, wrong)), 'signature-invalid');
    await reveal(lin);
    await world.vault.deliver();
    const entries = world.registrar.log.map(
      (line) => JSON.parse(line) as { kind: string; what?: string; role?: string },
    );
    assert.equal(entries.filter(({ kind }) => kind === 'reveal').length, 2);
    assert.equal(entries.filter(({ kind, what }) => kind === 'read' && what === 'contacts').length, 1);
    assert.deepEqual(
      entries.filter(({ kind, what }) => kind === 'read' && what === 'list').map(({ role }) => role),
      ['approver'],
    );
    assert.equal(world.registrar.log.join().includes(near), false);
  });

  it('have a limit an hour', async () => {
    const world = await startWorld();
    addRun(world);
    await world.restart({ limits: { ...world.config.limits, revealsAnHour: 2 } });
    const sick = somePhone();
    await addRide(world, { phone: sick, boardedMs: boarded });
    await addRide(world, { phone: somePhone(), boardedMs: boarded });
    const one = await traced(world, sick);
    const contactId = (await contactsOf(world, one))[0]?.contactId ?? '';
    const reason = 'call';
    const hash = toBase64Url(nobleSha256(utf8(`reveal/1${canonicalJson({ contactId, reason })}`)));
    const reveal = async (): Promise<unknown> =>
      post(world, world.people.lin, `/cases/${one.caseId}/contacts/${contactId}/reveal`, {
        reason,
        assertion: await signed(world.people.lin, hash),
      });
    await reveal();
    await reveal();
    assert.equal(await codeOf(reveal()), 'reveal-limit');
    await world.clock.advance(hourMs + 1);
    assert.equal(await codeOf(reveal()), 'ok');
  });

  it('never show a full number, and search only what is shown', async () => {
    const world = await startWorld();
    addRun(world);
    const sick = somePhone();
    const others = Array.from({ length: 12 }, somePhone);
    await addRide(world, { phone: sick, boardedMs: boarded });
    for (const phone of others) await addRide(world, { phone, boardedMs: boarded });
    const one = await traced(world, sick);
    const { lin } = world.people;
    const paths = [
      '/cases',
      `/cases/${one.caseId}`,
      `/cases/${one.caseId}/trace`,
      `/cases/${one.caseId}/contacts?limit=500`,
    ];
    const shown = (await Promise.all(paths.map((path) => get(world, lin, path))))
      .map((reply) => JSON.stringify(reply))
      .join();
    for (const phone of [sick, ...others]) assert.equal(shown.includes(phone), false);
    assert.equal((await contactsOf(world, one, `&q=${others[0]}`)).length, 0);
    assert.ok((await contactsOf(world, one, `&q=${others[0]?.slice(-4)}`)).length >= 1);
    const first = await get<ContactPage>(world, lin, `/cases/${one.caseId}/contacts?limit=5`);
    assert.deepEqual([first.total, first.contacts.length, first.next], [12, 5, 5]);
    const last = await get<ContactPage>(world, lin, `/cases/${one.caseId}/contacts?limit=5&after=10`);
    assert.deepEqual([last.contacts.length, last.next], [2, null]);
  });

  it('are for tracers and approvers', async () => {
    const world = await startWorld();
    const officer: Person = { ...world.people.lin, role: 'officer' };
    assert.equal(await codeOf(get(world, officer, '/cases')), 'forbidden');
    assert.equal(await codeOf(get(world, officer, '/keys')), 'ok');
    assert.equal(await codeOf(world.client.get('/cases')), 'not-signed-in');
  });
});

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

describe('the end of a case', () => {
  it('leaves neither key nor subject in any file, table, write-ahead log or log line', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, near] = [somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded });
    await addRide(world, { phone: near, boardedMs: boarded, contact: { name: '欧阳明月' } });
    const one = await traced(world, sick, { caseNo: 'HJ-SECRET-77', note: 'remarkable-note' });
    assert.equal((await contactsOf(world, one)).length, 1);
    const unseal = Buffer.from(world.secrets.unsealKey, 'base64url');
    const key = openSlots(world.config.slotsFolder, unseal).get(`case-${one.caseId}`);
    assert.equal(key?.length, 64);
    const closed = await post<CaseView>(world, world.people.chen, `/cases/${one.caseId}/close`, {});
    assert.equal(closed.closedMs, world.clock.now());
    assert.equal(await codeOf(get(world, world.people.lin, `/cases/${one.caseId}`)), 'case-closed');
    assert.equal(await codeOf(contactsOf(world, one)), 'case-closed');
    assert.deepEqual(await get(world, world.people.lin, '/cases'), []);
    assert.equal(openSlots(world.config.slotsFolder, unseal).get(`case-${one.caseId}`), undefined);
    const { db } = world.database;
    const engine = await testEngine();
    await engine.admin.query('checkpoint');
    const row = await engine.admin.one<{ dir: string }>("select current_setting('data_directory') as dir");
    assert.ok(row !== undefined);
    const files = [...filesUnder(world.config.slotsFolder), ...filesUnder(row.dir)];
    const secrets: [string, Buffer][] = [
      ['K_case', Buffer.from(key.subarray(0, 32))],
      ['commitment key', Buffer.from(key.subarray(32))],
      ['subject', Buffer.from(sick)],
      ['contact', Buffer.from(near)],
      ['name', Buffer.from('欧阳明月')],
      ['case number', Buffer.from('HJ-SECRET-77')],
      ['note', Buffer.from('remarkable-note')],
    ];
    let sawLog = false;
    for (const file of files) {
      let content: Buffer;
      try {
        content = readFileSync(file);
      } catch {
        // Renamed or removed by the engine meanwhile.
        continue;
      }
      sawLog ||= content.includes('"kind":"opened"');
      for (const [what, secret] of secrets) assert.equal(content.includes(secret), false, `${what} in ${file}`);
    }
    assert.ok(sawLog, 'the search reaches the files of the database');
    const tables = [
      'case_file',
      'trace_order',
      'contact',
      'notice',
      'log_entry',
      'outbox.message',
      'daily_list',
      'list_value',
    ];
    for (const table of tables) {
      const text = JSON.stringify(await db.query(`select t::text as row from ${table} t`));
      for (const [what, secret] of secrets) {
        assert.equal(
          text.includes(secret.toString('utf8')) || text.includes(secret.toString('hex')),
          false,
          `${what} in ${table}`,
        );
      }
    }
    const logged = JSON.stringify(world.log.lines);
    for (const secret of [sick, near, '欧阳明月', 'HJ-SECRET-77']) assert.equal(logged.includes(secret), false);
    await world.vault.deliver();
    assert.equal(loggedKinds(world).at(-1), 'case-close');
  });

  it('comes by itself after 14 days, and is finished after a crash in between', async () => {
    const world = await startWorld({ retryMs: 12 * hourMs });
    const one = await newCase(world, somePhone());
    const torn = await newCase(world, somePhone());
    await world.vault.close();
    openSlots(world.config.slotsFolder, Buffer.from(world.secrets.unsealKey, 'base64url')).destroy(
      `case-${torn.caseId}`,
    );
    await world.restart();
    assert.equal(await codeOf(get(world, world.people.lin, `/cases/${torn.caseId}`)), 'case-closed');
    await world.clock.advanceTo(one.destroyByMs - 1);
    assert.equal(await codeOf(get(world, world.people.lin, `/cases/${one.caseId}`)), 'ok');
    await world.clock.advance(dayMs);
    assert.equal(await codeOf(get(world, world.people.lin, `/cases/${one.caseId}`)), 'case-closed');
  });
});

describe('daily lists', () => {
  it('hold the digests of what was opened, padded, sorted, once', async () => {
    const world = await startWorld();
    addRun(world);
    const sick = somePhone();
    const own = await addRide(world, { phone: sick, boardedMs: boarded + 12 * minuteMs, boardSeq: 3 });
    const near = await addRide(world, { phone: somePhone(), boardedMs: boarded + 12 * minuteMs, boardSeq: 3 });
    const apart = await addRide(world, { phone: somePhone(), boardedMs: boarded, alight: 2 });
    await traced(world, sick);
    await world.clock.advance(dayMs);
    const lists = world.registrar.lists.filter(({ date }) => date !== today);
    const holds = async (kind: 'expo1' | 'notice1', tag: string): Promise<boolean> => {
      const list = lists.find((one) => one.kind === kind);
      const values = Buffer.from(list?.values ?? '', 'base64url');
      assert.equal(values.length % 8_000, 0);
      assert.ok(values.length > 0);
      const value = Buffer.from(await listValue(nodeSuite, kind, new Uint8Array(Buffer.from(tag, 'base64url'))));
      for (let at = 0; at < values.length; at += 8) if (values.subarray(at, at + 8).equals(value)) return true;
      return false;
    };
    assert.deepEqual(await Promise.all([own, near, apart].map(({ tag }) => holds('notice1', tag))), [true, true, true]);
    assert.deepEqual(await Promise.all([own, near, apart].map(({ tag }) => holds('expo1', tag))), [false, true, false]);
    const days = world.registrar.lists.map(({ kind, date }) => `${kind} ${date}`);
    assert.equal(new Set(days).size, days.length);
    const view = await get<LogView>(world, world.people.lin, '/log?limit=1000');
    assert.ok(view.entries.some(({ kind }) => kind === 'list'));
  });
});
