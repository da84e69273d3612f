// The operator corrects which run a bus made while a case is open: the trace before, the correction, the trace after.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CaseView, ContactView, Correction, RunChoices, TraceView } from '@tongche/contract';
import { dayText, maskPhone } from '@tongche/protocol';
import { allContacts, openPhone, traceCase } from '@tongche/simulator';
import { startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import type { ConsoleDesk } from '../kit/console-desk.ts';
import { makePeople } from '../kit/people.ts';
import type { Person } from '../kit/people.ts';

const minuteMs = 60_000;

describe('a correction while a case is open', () => {
  const people = makePeople(5, 'corrections');
  const [sick, told, quiet, aboard, scout] = people as [Person, Person, Person, Person, Person];
  let city: City;
  let tracer: ConsoleDesk;
  let approver: ConsoleDesk;
  let one: CaseView;
  let unitId = '';
  let runKey = '';
  let boardedMs = 0;
  let cookie = '';

  const masked = ({ digits }: Person): string => maskPhone(BigInt(digits));

  async function scan({ digits, name, address }: Person, on: string) {
    const phone = openPhone(city.world, { digits, name, address });
    await phone.enrol();
    return (await phone.scan({ code: city.codeOf(on), boardedMs: city.clock.now() })).receipt;
  }
  async function operator<Reply>(method: string, path: string, body?: object): Promise<Reply> {
    const answer = await fetch(`${city.urls.platform}${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, `${path} ${await answer.clone().text()}`);
    if (path === '/staff/session') cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return (await answer.json()) as Reply;
  }
  const choices = () => operator<RunChoices>('GET', `/operator/api/vehicles/${encodeURIComponent(unitId)}/runs`);
  /** Another run of the bus's line than the one it was on. */
  async function otherRun(): Promise<{ vehicleId: string; other: string }> {
    const { vehicleId, choices: list } = await choices();
    const other = list.find((each) => each.runKey !== runKey && Math.abs(each.fromMs - boardedMs) < 60 * minuteMs);
    assert.ok(other);
    return { vehicleId, other: other.runKey };
  }
  async function afterPoll(): Promise<{ contacts: readonly ContactView[]; trace: TraceView; view: CaseView }> {
    await city.clock.advance(2 * minuteMs);
    await city.vault.idle();
    return {
      contacts: await allContacts(tracer.console, one.caseId),
      trace: await tracer.console.get<TraceView>(`/cases/${one.caseId}/trace`),
      view: await tracer.console.get<CaseView>(`/cases/${one.caseId}`),
    };
  }

  before(async () => {
    city = await startCity();
    for (const unit of city.units.filter(({ kind }) => kind === 'bus')) {
      const { run } = await scan(scout, unit.unitId);
      if (run === null || run.boardSeq > 3 || run.stops.length < 12) continue;
      [unitId, runKey] = [unit.unitId, run.key];
      break;
    }
    assert.notEqual(unitId, '', 'no bus has just begun its run');
    await city.clock.advance(minuteMs);
    for (const person of [told, quiet]) assert.equal((await scan(person, unitId)).run?.key, runKey);
    await city.clock.advance(2 * minuteMs);
    boardedMs = city.clock.now();
    for (const person of [sick, aboard]) assert.equal((await scan(person, unitId)).run?.key, runKey);
    await city.clock.advance(minuteMs);
    tracer = await consoleDesk(city, 'tracer');
    approver = await consoleDesk(city, 'approver');
    const date = dayText(city.world.dayOf(boardedMs));
    const subjects = [{ kind: 'phone' as const, value: `+${sick.digits}` }];
    const traced = await traceCase(tracer, approver, {
      caseNo: 'HJ-2',
      status: 'confirmed',
      purpose: 'trace',
      subjects,
      from: date,
      to: date,
    });
    ({ one } = traced);
    const found = new Map(traced.contacts.map((contact) => [contact.masked, contact]));
    for (const person of [told, quiet, aboard]) assert.ok(found.has(masked(person)), 'a fellow rider is missing');
    const contactId = found.get(masked(told))?.contactId;
    await tracer.console.post(`/cases/${one.caseId}/contacts/${contactId}/outcome`, {
      outcome: 'reached',
      detail: 'called',
    });
    await operator('POST', '/staff/session', { account: 'admin', password: 'demo-admin' });
  });
  after(async () => {
    await tracer?.console.close();
    await approver?.console.close();
    await city?.remove();
  });

  test('who was on another run leaves the list; who was told stays, marked; the history says so', async () => {
    const { vehicleId, other } = await otherRun();
    const correction = await operator<Correction>('POST', '/operator/api/corrections', {
      vehicleId,
      fromMs: boardedMs - 10 * minuteMs,
      toMs: boardedMs - minuteMs,
      runKey: other,
    });
    // The scout's ride and two more.
    assert.equal(correction.rides, 3);
    const { contacts, trace, view } = await afterPoll();
    const list = new Map(contacts.map((contact) => [contact.masked, contact]));
    assert.equal(list.has(masked(quiet)), false);
    assert.deepEqual(
      [
        list.get(masked(aboard))?.droppedMs,
        list.get(masked(told))?.outcome,
        list.get(masked(told))?.droppedMs === null,
      ],
      [null, 'reached: called', false],
    );
    const [entry] = trace.history;
    // The scout and the quiet one, of whom nobody was told, are gone; the one who was called is kept.
    assert.deepEqual([entry?.kind, entry?.rides, entry?.added, entry?.removed, entry?.kept], ['corrected', 3, 0, 2, 1]);
    assert.equal(view.counts.contacts, 1);
    assert.equal(view.order?.state, 'done');
  });

  test('a second correction takes it back', async () => {
    const { vehicleId } = await choices();
    const span = { vehicleId, fromMs: boardedMs - 10 * minuteMs, toMs: boardedMs - minuteMs };
    await operator('POST', '/operator/api/corrections', { ...span, runKey });
    const { contacts, trace } = await afterPoll();
    const list = new Map(contacts.map((contact) => [contact.masked, contact]));
    for (const person of [told, quiet, aboard]) assert.equal(list.get(masked(person))?.droppedMs, null);
    assert.deepEqual(
      trace.history.map(({ added, removed, kept }) => [added, removed, kept]),
      [
        [0, 2, 1],
        [3, 0, 0],
      ],
    );
  });

  test('a case that is closed hears of nothing', async () => {
    await tracer.console.post(`/cases/${one.caseId}/close`, {});
    const { vehicleId, other } = await otherRun();
    const span = { vehicleId, fromMs: boardedMs - 10 * minuteMs, toMs: boardedMs + minuteMs };
    assert.equal(
      (await operator<Correction>('POST', '/operator/api/corrections', { ...span, runKey: other })).rides,
      5,
    );
    await city.clock.advance(2 * minuteMs);
    await city.vault.idle();
    const faults = [...city.lines.values()].flat().filter((line) => line.includes('runtime.fault'));
    assert.deepEqual(faults, []);
  });
});
