// A case that scanned only the code in a station's hall, through all processes: riders of the train it probably took are found by
// their carriage and by other stations' codes, and nobody of a train that runs an hour later.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ContactView, TraceView } from '@tongche/contract';
import { dayText, maskPhone } from '@tongche/protocol';
import { openPhone, traceCase } from '@tongche/simulator';
import { at } from '../kit/at.ts';
import { START_MS, startCity } from '../kit/city.ts';
import type { City } from '../kit/city.ts';
import { consoleDesk } from '../kit/console-desk.ts';
import type { ConsoleDesk } from '../kit/console-desk.ts';
import { makePeople } from '../kit/people.ts';
import type { Person } from '../kit/people.ts';

const minuteMs = 60_000;
/** A train that has just come to its terminus at eight, by its second carriage. */
const CARRIAGE = 'metro-1-t01-c2';
/** Eight in the morning, as runs count it. */
const EIGHT_MIN = 480;

describe('a case that registered at a station', () => {
  const people = makePeople(6, 'stations');
  const [scout, sick, inCarriage, atStation, hourLater, stationLater] = people as [
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
  ];
  let city: City;
  let tracer: ConsoleDesk;
  let approver: ConsoleDesk;
  let contacts: readonly ContactView[];
  let trace: TraceView;

  const masked = ({ digits }: Person): string => maskPhone(BigInt(digits));

  async function scan({ digits, name, address }: Person, on: string) {
    const phone = openPhone(city.world, { digits, name, address });
    await phone.enrol();
    return (await phone.scan({ code: city.codeOf(on), boardedMs: city.clock.now() })).receipt.run;
  }
  /** Minutes after eight. */
  function wait(untilMin: number): Promise<void> {
    return city.clock.advance(START_MS + untilMin * minuteMs - city.clock.now());
  }
  function hallOf(name: string): string {
    const unit = city.units.find(({ kind, label }) => kind === 'station' && label.zh === `${name}站`);
    assert.ok(unit !== undefined, name);
    return unit.unitId;
  }

  before(async () => {
    city = await startCity();
    const run = await scan(scout, CARRIAGE);
    assert.ok(run !== null && run.boardSeq === 0);
    const [from, further] = [at(run.stops, 2), at(run.stops, 4)];
    // The case is in the hall three minutes before the train; the others board it there, and two stations on.
    await wait(from.dep - EIGHT_MIN - 3);
    assert.equal(await scan(sick, hallOf(from.name.zh)), null);
    await wait(from.dep - EIGHT_MIN);
    assert.equal((await scan(inCarriage, CARRIAGE))?.key, run.key);
    await wait(further.dep - EIGHT_MIN - 3);
    await scan(atStation, hallOf(further.name.zh));
    await wait(from.dep - EIGHT_MIN + 60);
    await scan(hourLater, CARRIAGE);
    await scan(stationLater, hallOf(from.name.zh));
    await city.clock.advance(minuteMs);
    tracer = await consoleDesk(city, 'tracer');
    approver = await consoleDesk(city, 'approver');
    const date = dayText(city.world.dayOf(START_MS));
    const traced = await traceCase(tracer, approver, {
      caseNo: 'HJ-30',
      status: 'confirmed',
      purpose: 'trace',
      subjects: [{ kind: 'phone', value: `+${sick.digits}` }],
      from: date,
      to: date,
    });
    ({ contacts } = traced);
    trace = await tracer.console.get<TraceView>(`/cases/${traced.one.caseId}/trace`);
  });
  after(async () => {
    await tracer?.console.close();
    await approver?.console.close();
    await city?.remove();
  });

  test('finds those of its train, to be verified, with the carriage unknown', () => {
    const list = new Map(contacts.map((contact) => [contact.masked, contact]));
    for (const person of [inCarriage, atStation]) {
      const found = list.get(masked(person));
      assert.equal(found?.tier, 'verify', person === inCarriage ? 'in the carriage' : 'at the station');
      assert.match(found.reason.zh, /同一列车的可能性约 \d+%.*车厢不明/u);
      assert.match(found.reason.en, /the carriage is not known/);
    }
    const [sure, guessed] = [inCarriage, atStation].map((person) => list.get(masked(person))?.probability ?? 0);
    assert.ok((sure ?? 0) > (guessed ?? 0) && (sure ?? 0) > 0.3);
  });

  test('finds nobody an hour later, and says that everything was asked for', () => {
    const listed = new Set(contacts.map((contact) => contact.masked));
    for (const person of [hourLater, stationLater]) assert.ok(!listed.has(masked(person)));
    assert.equal(trace.rule?.isNarrowed, false);
    assert.equal(trace.rides.length, 1);
  });
});
