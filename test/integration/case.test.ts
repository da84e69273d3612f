// One case from the first scan to the last receipt, across all processes: fellow riders are found and told, strangers are
// not; nobody gets rides without two signatures and the log; nothing is read unseen and nothing is sent twice.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type {
  CaseView,
  ContactView,
  LogHead,
  MatchRequest,
  NewCase,
  OrderView,
  TraceView,
  WalletReply,
} from '@tongche/contract';
import { internalClient } from '@tongche/http';
import type { InternalClient } from '@tongche/http';
import {
  canonicalJson,
  dayText,
  decodeWallet,
  fromBase64Url,
  makeRide,
  maskPhone,
  signRequest,
  toBase64Url,
  unwrap,
  utf8,
  verifyBundle,
} from '@tongche/protocol';
import type { Bytes, MadeRide } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { openSlots } from '@tongche/runtime';
import { allContacts, openPhone, sendMessages, traceCase } from '@tongche/simulator';
import { encodeLogKey, layoutOf } from '@tongche/tongche';
import { at } from '../kit/at.ts';
import { coarseClock, START_MS, startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import type { ConsoleDesk } from '../kit/console-desk.ts';
import { makePeople } from '../kit/people.ts';
import type { Person } from '../kit/people.ts';
import { openTap } from '../kit/tap.ts';
import type { Tap } from '../kit/tap.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Enough messages that a notifier can be killed in the midst of them. */
const CROWD = 40;
const KILLS = 3;
const MESSAGES_PER_S = 8;
const main = join(import.meta.dirname, '../../packages/tongche/src/main.ts');

function tongche(folder: string, ...args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

async function until(what: string, done: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await done())) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

describe('a case', () => {
  const people = makePeople(CROWD + 6, 'case');
  const [index, forger, victim, stranger, early, late] = people.slice(CROWD) as [
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
  ];
  const crowd = people.slice(0, CROWD);
  const folder = mkdtempSync(join(tmpdir(), 'tongche-case-'));
  let city: City;
  let tap: Tap;
  let tracer: ConsoleDesk;
  let approver: ConsoleDesk;
  let one: CaseView;
  let contacts: readonly ContactView[];
  let platform: InternalClient;
  let day = 0;

  const phoneOf = ({ digits, name, address }: Person) => openPhone(city.world, { digits, name, address });

  async function scanAt(person: Person, unitId: string, ms: number) {
    const phone = phoneOf(person);
    await phone.enrol();
    const { ride, receipt } = await phone.scan({ code: city.codeOf(unitId), boardedMs: ms });
    return { phone, ride, receipt };
  }

  async function noted(scan: Awaited<ReturnType<typeof scanAt>>, board: number, alight: number): Promise<void> {
    const minuteLo = scan.ride.minute + 5;
    const stops = { boardLo: board, boardHi: board, alightLo: alight, alightHi: alight };
    await scan.phone.note(scan.ride, { basis: 'off-tap', ...stops, minuteLo, minuteHi: minuteLo });
  }

  /** Somebody with a wallet of their own who seals another's number into it. */
  async function forgedRide(unitId: string): Promise<MadeRide> {
    const { registrar } = city.world;
    const options = { address: forger.address };
    let challenge = '';
    const otp = await city.world.otpFor(forger.digits, async () => {
      const answer = await registrar.call('POST', '/otp', {
        json: { phone: `+${forger.digits}`, consentVersion: 1 },
        ...options,
      });
      ({ challenge } = answer.body as { challenge: string });
    });
    const device = toBase64Url(await nodeSuite.sha256(new Uint8Array(16)));
    const verified = await registrar.call('POST', '/otp/verify', { json: { challenge, otp, device }, ...options });
    const reply = verified.body as WalletReply;
    const signP256 = unwrap(fromBase64Url(city.vault.publicKeys.p256));
    const today = reply.bundles.find((bundle) => bundle.day === day);
    const bundle = unwrap(await verifyBundle(nodeSuite, today, { p256: signP256 }));
    const wallet = unwrap(decodeWallet({ walletNo: reply.walletNo, days: reply.days }));
    const walletDay = wallet.days.find((each) => each.day === day);
    assert.ok(walletDay);
    const ride = await makeRide(nodeSuite, {
      bundle,
      walletDay,
      slotIndex: 3,
      code: city.codeOf(unitId),
      boardedMs: city.clock.now(),
      queued: false,
      party: 0,
      contact: {
        flags: { companion: false, assisted: false },
        kind: 'phone',
        subject: BigInt(victim.digits),
        reach: 0n,
        name: '',
        openid: '',
      },
    });
    const posted = await city.world.platform.call('POST', '/v1/rides', { text: toBase64Url(ride.record) });
    assert.equal(posted.status, 200, 'the platform cannot tell');
    return ride;
  }

  /** The unit and stops of a run that has just begun. */
  async function runUnderWay(): Promise<{ unitId: string; stops: readonly { seq: number; depMs: number }[] }> {
    const { units, clock } = city;
    for (const unit of units.filter(({ kind }) => kind === 'bus')) {
      const { receipt } = await scanAt(early, unit.unitId, clock.now());
      const { run } = receipt;
      if (run !== null && run.boardSeq <= 3 && run.stops.length >= 12) {
        return {
          unitId: unit.unitId,
          stops: run.stops.map(({ seq, dep }) => ({ seq, depMs: dep * minuteMs })),
        };
      }
    }
    throw new Error('no bus has just begun its run');
  }

  before(async () => {
    city = await startCity({
      clock: coarseClock(START_MS, 12 * hourMs),
      proxies: true,
      adjust: {
        registrar: (config) => ({ ...config, relay: { minDelayMs: 0, maxDelayMs: minuteMs, tickMs: minuteMs } }),
        vault(config) {
          const { platformInternal } = config;
          assert.ok('socket' in platformInternal);
          tap = openTap(platformInternal.socket);
          return { ...config, platformInternal: { socket: tap.socket } };
        },
      },
    });
    day = city.world.dayOf(START_MS);
    platform = internalClient({ socket: city.sockets.platform });
    const { unitId } = await runUnderWay();
    const other = at(
      city.units.filter((unit) => unit.kind === 'bus' && unit.unitId !== unitId),
      5,
    ).unitId;
    await city.clock.advance(minuteMs);
    const first = await scanAt(index, unitId, city.clock.now());
    const { run } = first.receipt;
    assert.ok(run);
    const board = run.boardSeq;
    for (const person of crowd) await noted(await scanAt(person, unitId, city.clock.now()), board, board + 4);
    await scanAt(stranger, other, city.clock.now());
    await forgedRide(unitId);
    await noted(first, board, board + 3);
    // Boards the same bus after the case got off.
    const notBefore = first.receipt.boardedMs - first.ride.minute * minuteMs;
    const after3 = run.stops.find(({ seq }) => seq === board + 4);
    assert.ok(after3);
    await city.clock.advanceTo(notBefore + after3.dep * minuteMs + 30_000);
    await noted(await scanAt(late, unitId, city.clock.now()), board + 4, board + 6);
    await city.clock.advance(5 * minuteMs);
    tracer = await consoleDesk(city, 'tracer');
    approver = await consoleDesk(city, 'approver');
    ({ one, contacts } = await traceCase(tracer, approver, newCase('HJ-1')));
  });
  after(async () => {
    await tracer?.console.close();
    await approver?.console.close();
    await platform?.close();
    await city?.remove();
    await tap?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function newCase(caseNo: string): NewCase {
    const date = dayText(day);
    const subjects = [{ kind: 'phone' as const, value: `+${index.digits}` }];
    return { caseNo, status: 'confirmed', purpose: 'trace', subjects, from: date, to: date };
  }
  const masked = ({ digits }: Person): string => maskPhone(BigInt(digits));
  const contactOf = (person: Person): ContactView | undefined =>
    contacts.find((contact) => contact.masked === masked(person));

  test('fellow riders are listed, ranked, masked, with minutes and a reason in words; strangers are not', () => {
    for (const person of crowd) {
      const contact = contactOf(person);
      assert.ok(contact, 'a fellow rider is missing');
      assert.ok(contact.verified && contact.minutes > 0 && contact.probability > 0.5);
      assert.ok(['close', 'verify', 'general'].includes(contact.tier));
      assert.ok(contact.reason.zh.length > 3 && contact.reason.en.length > 3);
      assert.ok(contact.legs.length === 1);
    }
    assert.deepEqual(
      contacts.map(({ rank }) => rank),
      contacts.map((_contact, position) => position + 1),
    );
    assert.equal(contactOf(stranger), undefined, 'rode another bus');
    assert.equal(contactOf(late), undefined, 'boarded after the case got off');
    assert.equal(contactOf(index), undefined, 'the case itself');
    const text = JSON.stringify([contacts, one]);
    for (const { digits, name } of people) {
      assert.ok(!text.includes(digits.slice(2)), 'a whole number is shown');
      assert.ok(!text.includes(name), 'a whole name is shown');
    }
  });

  test('a number sealed by somebody else is listed as not verified', () => {
    const forged = contactOf(victim);
    assert.ok(forged);
    assert.equal(forged.verified, false);
    assert.equal(contactOf(forger), undefined);
    assert.ok(one.counts.verified < one.counts.records);
  });

  test('the trace shows its steps and the case’s own ride', async () => {
    const trace = await tracer.console.get<TraceView>(`/cases/${one.caseId}/trace`);
    assert.deepEqual(
      trace.steps.map(({ step }) => step),
      ['log', 'match', 'windows', 'fetch', 'open', 'rank'],
    );
    assert.equal(trace.rides.length, 1);
    assert.ok(at(trace.rides, 0).verified);
  });

  async function vaultKey(): Promise<Bytes> {
    const unseal = new Uint8Array(Buffer.from(city.installation.keys.unseal.vault, 'base64url'));
    const slot = openSlots(layoutOf(city.dataDir).slot('vault'), unseal).get('sign-ed25519');
    assert.ok(slot);
    return new Uint8Array(slot.subarray(0, 32));
  }

  test('the platform refuses everything about an order that is not as it was approved', async () => {
    const real = tap.seen
      .filter(({ path }) => path === '/internal/match')
      .map(({ body }) => JSON.parse(body) as MatchRequest);
    const { signature: _signature, nonce: _nonce, issuedMs: _issued, ...body } = at(real, real.length - 1);
    const sk = await vaultKey();
    const nowMs = city.clock.now();
    const ask = async (request: unknown, path = '/internal/match'): Promise<string> => {
      try {
        await platform.post(path, request);
        return 'ok';
      } catch (error) {
        assert.ok(!JSON.stringify(error).includes('sealed'), 'no ride leaves with a refusal');
        return (error as { code: string }).code;
      }
    };
    type Body = typeof body;
    const signed = async (change: Partial<Body>, ms = nowMs): Promise<string> =>
      ask(await signRequest(nodeSuite, sk, { ...body, ...change }, ms));
    const [first, second] = body.assertions;
    assert.ok(first !== undefined && second !== undefined);
    const flip = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    const unknownKey = { ...first, keyId: flip(first.keyId) };
    const altered = { ...first, authenticatorData: flip(first.authenticatorData) };

    assert.equal(await signed({}), 'ok', 'the order as approved');
    assert.equal(await ask(at(real, real.length - 1)), 'stale-request', 'the very same request again');
    const fresh = await signRequest(nodeSuite, sk, body, nowMs);
    assert.equal(await ask(fresh), 'ok');
    assert.equal(await ask(fresh), 'stale-request', 'a nonce twice');
    assert.equal(await ask({ ...fresh, logIndex: 0 }), 'signature-invalid', 'changed behind the signature');
    const { sk: otherSk } = await nodeSuite.generateEd25519KeyPair();
    assert.equal(await ask(await signRequest(nodeSuite, otherSk, body, nowMs)), 'signature-invalid');
    assert.equal(await signed({}, nowMs - 6 * minuteMs), 'stale-request');
    assert.equal(await signed({}, nowMs + 6 * minuteMs), 'stale-request');

    assert.equal(await signed({ assertions: [first, first] }), 'same-signer', 'one person twice');
    assert.equal(await signed({ assertions: [second, second] }), 'same-signer');
    assert.equal(await signed({ assertions: [first] }), 'bad-request');
    for (const wrong of [unknownKey, altered]) {
      assert.equal(await signed({ assertions: [wrong, second] }), 'signature-invalid');
    }
    const { order } = body;
    const orders: readonly Partial<typeof order>[] = [
      { maxRides: order.maxRides + 1 },
      { maxRecords: order.maxRecords * 2 },
      { fromDay: order.fromDay - 1 },
      { status: 'suspected' },
      { subjects: 2, subjectCommitments: [...order.subjectCommitments, ...order.subjectCommitments] },
      { caseCommitment: flip(order.caseCommitment) },
      { orderId: flip(order.orderId) },
      { purpose: 'exercise' },
    ];
    for (const change of orders) {
      const answer = await signed({ order: { ...order, ...change } });
      assert.ok(['signature-invalid', 'order-limit'].includes(answer), `${JSON.stringify(change)}: ${answer}`);
    }
    assert.equal(await signed({ order: { ...order, iss: 2 } }), 'wrong-authority');

    const unlogged = canonicalJson({ kind: 'order', orderHash: toBase64Url(new Uint8Array(32)), atMs: nowMs });
    assert.equal(await signed({ logEntry: unlogged }), 'proof-invalid', 'an order that is not in the log');
    assert.equal(await signed({ logIndex: body.logIndex - 1 }), 'proof-invalid');
    assert.equal(
      await signed({ inclusion: body.inclusion.map((hash, position) => (position === 0 ? flip(hash) : hash)) }),
      'proof-invalid',
    );
    assert.equal(await signed({ inclusion: [] }), 'proof-invalid');
    assert.equal(await signed({ logSize: body.logSize + 1 }), 'proof-invalid', 'a head that was never shown');
    const [head] = tap.seen.filter(({ path }) => path === '/internal/log-head').slice(-1);
    assert.ok(head !== undefined);
    const shown = JSON.parse(head.body) as LogHead;
    const size = Number(shown.checkpoint.split('\n')[1]);
    const again = { ...shown, consistencyFrom: size, consistency: [] };
    assert.equal(await ask(again, '/internal/log-head'), 'ok', 'what is known already');
    for (const wrong of [
      { ...again, consistencyFrom: size + 1 },
      { ...again, consistencyFrom: size - 1 },
      { ...again, checkpoint: again.checkpoint.replace(/\n\d+\n/, '\n3\n') },
    ]) {
      assert.equal(await ask(wrong, '/internal/log-head'), 'proof-invalid');
    }
    const outside = [{ day: order.toDay + 1, tags: body.tags[0]?.tags ?? '' }];
    assert.equal(await signed({ tags: outside }), 'order-limit', 'days outside the order');
    const many = toBase64Url(nodeSuite.randomBytes(400 * 16));
    assert.equal(await signed({ tags: [{ day: order.fromDay, tags: many }] }), 'order-limit', 'a fishing trip');

    const window = {
      unitId: at(city.units, 0).unitId,
      fromMs: nowMs - 7 * hourMs,
      toMs: nowMs,
      reason: 'ride' as const,
    };
    const fetchOf = async (change: object): Promise<string> => {
      const hash = unwrap(fromBase64Url(one.order?.orderHash ?? ''));
      const asked = { orderHash: toBase64Url(hash), windows: [window], ...change };
      return ask(await signRequest(nodeSuite, sk, asked, nowMs), '/internal/fetch');
    };
    assert.equal(await fetchOf({}), 'order-limit', 'longer than six hours');
    assert.equal(await fetchOf({ orderHash: toBase64Url(nodeSuite.randomBytes(32)) }), 'not-found');
    const elsewhere = city.units.slice(20, 45).map(({ unitId }) => ({ ...window, unitId, fromMs: nowMs - hourMs }));
    assert.equal(await fetchOf({ windows: elsewhere }), 'order-limit', 'vehicles the case never rode');
    const counts = (await (await fetch(`${city.urls.platform}/v1/access-counts`)).json()) as {
      days: { refused: number }[];
    };
    assert.ok(at(counts.days, counts.days.length - 1).refused >= 25, 'the public sees how often');
  });

  async function publicLog(): Promise<readonly { readonly kind: string }[]> {
    await city.vault.deliver();
    const text = await (await fetch(`${city.urls.registrar}/log/entries.txt`)).text();
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly kind: string });
  }
  const countOf = async (kind: string): Promise<number> =>
    (await publicLog()).filter((entry) => entry.kind === kind).length;

  test('one signature is not enough, and the same person cannot give both', async () => {
    const made = await tracer.console.post<CaseView>('/cases', newCase('HJ-2'));
    const order = await tracer.console.post<OrderView>(`/cases/${made.caseId}/orders`, {});
    const hash = unwrap(fromBase64Url(order.orderHash));
    const path = `/orders/${order.orderHash}/signatures`;
    const first = await tracer.console.post<OrderView>(path, { assertion: await tracer.signer.sign(hash) });
    assert.equal(first.state, 'awaiting-signatures');
    const asked = tap.seen.length;
    await assert.rejects(async () => {
      const again = await tracer.console.post<OrderView>(path, { assertion: await tracer.signer.sign(hash) });
      if (again.state === 'awaiting-signatures') throw new Error('still waiting');
    });
    const other = await nodeSuite.sha256(utf8('another order'));
    await assert.rejects(async () => approver.console.post(path, { assertion: await approver.signer.sign(other) }));
    const now = await tracer.console.get<CaseView>(`/cases/${made.caseId}`);
    assert.equal(now.order?.state, 'awaiting-signatures');
    assert.ok(!tap.seen.slice(asked).some(({ path: asking }) => asking === '/internal/match'));
    await assert.rejects(allContacts(tracer.console, made.caseId).then((list) => assert.ok(list.length > 0)));
  });

  test('reads and reveals stand in the log; a reveal shows the number', async () => {
    const readBefore = await countOf('read');
    await allContacts(approver.console, one.caseId);
    assert.ok((await countOf('read')) > readBefore);
    const contact = contactOf(at(crowd, 0));
    assert.ok(contact);
    const reason = '电话通知密切接触者';
    const hash = await nodeSuite.sha256(utf8(`reveal/1${canonicalJson({ contactId: contact.contactId, reason })}`));
    const path = `/cases/${one.caseId}/contacts/${contact.contactId}/reveal`;
    const revealed = await tracer.console.post<{ value: string }>(path, {
      reason,
      assertion: await tracer.signer.sign(hash),
    });
    assert.equal(revealed.value.replaceAll(/\D/g, '').slice(-11), at(crowd, 0).digits.slice(2));
    assert.equal(await countOf('reveal'), 1);
    await assert.rejects(async () =>
      tracer.console.post(path, { reason: '另一个理由', assertion: await tracer.signer.sign(hash) }),
    );
    assert.ok(!JSON.stringify(await publicLog()).includes(at(crowd, 0).digits.slice(2)));
  });

  test('an outsider verifies the log, and notices one that was tampered with on the way', async () => {
    await city.vault.deliver();
    const key = encodeLogKey({ name: 'tongche-log-1', pk: unwrap(fromBase64Url(city.vault.publicKeys.ed25519)) });
    const keep = join(folder, 'kept');
    const good = await tongche(folder, 'verify', '--url', city.urls.registrar, '--key', key, '--keep', keep);
    assert.equal(good.code, 0, good.output);
    assert.match(good.output, /order +1\n[^]*reveal +1/);
    const server = createServer((request, response) => {
      void (async () => {
        const text = await (await fetch(`${city.urls.registrar}${request.url ?? ''}`)).text();
        response.end(text.replace('"kind":"reveal"', '"kind":"list"'));
      })();
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    const liar = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const bad = await tongche(folder, 'verify', '--url', liar, '--key', key, '--keep', keep);
    server.close();
    assert.notEqual(bad.code, 0);
    assert.match(bad.output, /MISMATCH/);
  });

  const notices = () => city.sink.messages().filter(({ text }) => text.includes('/n/'));
  async function approve(chosen: readonly ContactView[], name: string) {
    const batch = {
      batchId: toBase64Url((await nodeSuite.sha256(utf8(name))).slice(0, 16)),
      contactIds: chosen.map(({ contactId }) => contactId),
      templateId: 'fellow-rider',
      urgent: true,
    };
    return sendMessages(approver, one.caseId, batch);
  }
  const statesNow = async (): Promise<ReadonlyMap<string, string>> =>
    new Map((await allContacts(tracer.console, one.caseId)).map((contact) => [contact.contactId, contact.message]));

  test('approved messages arrive once each, receipts and the reader’s answer come back', async () => {
    const chosen = crowd.slice(0, 3).flatMap((person) => contactOf(person) ?? []);
    assert.deepEqual(await approve(chosen, 'first'), { queued: 3, skipped: 0 });
    await until('three messages', () => notices().length >= 3);
    await until('receipts', async () => {
      const states = await statesNow();
      return chosen.every(({ contactId }) => states.get(contactId) === 'delivered');
    });
    assert.deepEqual(new Set(notices().map(({ to }) => to)), new Set(crowd.slice(0, 3).map(({ digits }) => digits)));
    // Approving the same again sends nothing.
    const again = await approve(chosen, 'first');
    assert.equal(again.queued, 0);
    assert.equal(notices().length, 3);
    assert.ok(
      !notices().some(({ text }) =>
        people.some(({ digits, name }) => text.includes(digits.slice(2)) || text.includes(name)),
      ),
    );
    const link = /\/n\/([\w-]+)#([\w-]+)/.exec(at(notices(), 0).text);
    assert.ok(link);
    await city.vault.deliver();
    const receipt = await city.world.registrar.call('POST', `/notices/${link[1] ?? ''}/receipt`, {
      json: { outcome: 'acknowledged' },
    });
    assert.equal(receipt.status, 204);
    await city.vault.deliver();
    const answered = (await allContacts(tracer.console, one.caseId)).filter(
      (contact) => contact.receipt === 'acknowledged',
    );
    assert.equal(answered.length, 1);
  });

  test(
    'a notifier killed in the midst of a batch sends nothing twice and forgets nothing',
    { timeout: 90_000 },
    async () => {
      await city.notifier.close();
      Object.assign(city.notifier, { close: async () => {} });
      const layout = layoutOf(city.dataDir);
      // Slow enough to be hit in the midst of its work.
      const config = JSON.parse(readFileSync(layout.config('notifier'), 'utf8')) as {
        providers: object[];
      };
      const slow = join(folder, 'notifier.json');
      const providers = config.providers.map((provider) => ({ ...provider, throughputPerS: MESSAGES_PER_S }));
      writeFileSync(slow, JSON.stringify({ ...config, providers }));
      const args = [main, 'notifier', '--config', slow, '--secrets', layout.secret('notifier')];
      const launch = (): ChildProcess => spawn(process.execPath, args, { stdio: 'ignore' });
      const chosen = crowd.slice(3).flatMap((person) => contactOf(person) ?? []);
      const earlier = notices().length;
      assert.equal((await approve(chosen, 'second')).queued, chosen.length);
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const child = launch();
        const wanted = Math.min(earlier + kill * 6, earlier + chosen.length);
        await until('messages to begin', () => notices().length >= wanted);
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
        const waiting = [...(await statesNow()).values()].filter((state) => state === 'queued');
        assert.ok(waiting.length > 0, 'the kill came in the midst of the batch');
      }
      const last = launch();
      try {
        await until('every message to be settled', async () => {
          const states = await statesNow();
          return chosen.every(({ contactId }) => ['delivered', 'uncertain'].includes(states.get(contactId) ?? ''));
        });
      } finally {
        const gone = once(last, 'exit');
        last.kill('SIGTERM');
        await gone;
      }
      const states = await statesNow();
      for (const person of crowd) {
        const sent = notices().filter(({ to }) => to === person.digits).length;
        const state = states.get(contactOf(person)?.contactId ?? '');
        assert.ok(sent <= 1, 'a message was sent twice');
        assert.ok(sent === 1 || state === 'uncertain', `${state} but not sent`);
      }
      for (const person of [stranger, late, victim, forger, index]) {
        assert.equal(notices().filter(({ to }) => to === person.digits).length, 0);
      }
    },
  );

  test('closing destroys the case', async () => {
    await tracer.console.post(`/cases/${one.caseId}/close`, {});
    await assert.rejects(allContacts(tracer.console, one.caseId));
  });
});
