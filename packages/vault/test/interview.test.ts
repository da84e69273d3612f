// A ride the case told of: set against the runs there were, ambiguous until an investigator picks, then traced like any other;
// and what a trace says about runs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_FACTS } from '@tongche/contract';
import type { CaseView, FindingsView, InterviewView, ToldRide, TraceView } from '@tongche/contract';
import { contactsOf, masked, today, tracedCase } from './casework.ts';
import { codeOf, get, hourMs, minuteMs, post, somePhone, startMs, startWorld } from './kit.ts';
import type { World } from './kit.ts';
import { addRide, addRun, boarded } from './rides.ts';

const facts = { ...NO_FACTS, onset: { from: today, to: today } };

async function listed(world: World, one: CaseView): Promise<readonly string[]> {
  return (await contactsOf(world, one)).filter((each) => each.droppedMs === null).map((each) => each.masked);
}

/** 09:00 in Shanghai: about when bus 2 left. */
const told: ToldRide = {
  lineIds: ['M200'],
  line: { zh: 'M200路', en: 'M200' },
  dir: 0,
  unitIds: [],
  vehicle: null,
  fromStops: ['s1'],
  from: { zh: '站1', en: 'Stop 1' },
  toStops: [],
  to: null,
  minute: 9 * 60,
  toleranceMin: 15,
  of: 'boarding',
  row: null,
  days: { from: today, to: today, weekdays: [0, 1, 2, 3, 4, 5, 6], except: [] },
  note: '上班',
};

describe('a told ride', () => {
  it('is sought among the runs, waits for a pick, and is traced like any other once it is picked', async () => {
    const world = await startWorld();
    const { lin } = world.people;
    addRun(world);
    addRun(world, 'r2', startMs - hourMs - 5 * minuteMs, 'bus2', 'M200');
    addRun(world, 'r3', startMs - hourMs + 3 * minuteMs, 'bus3', 'M200');
    addRun(world, 'r9', startMs - 5 * hourMs, 'bus3', 'M200');
    const [sick, first, second, third] = [somePhone(), somePhone(), somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded + 8 * minuteMs, alight: 6 });
    await addRide(world, { phone: first, boardedMs: boarded + 8 * minuteMs, alight: 6 });
    const on = { boardedMs: startMs - hourMs, boardSeq: 1, alight: 7 };
    await addRide(world, { phone: second, ...on, unitId: 'bus2', runKey: 'r2' });
    await addRide(world, { phone: third, ...on, boardedMs: on.boardedMs + 8 * minuteMs, unitId: 'bus3', runKey: 'r3' });
    const one = await tracedCase(world, [sick], { facts });
    assert.deepEqual(await listed(world, one), [masked(first)]);
    const path = `/cases/${one.caseId}/interview`;
    const vague = { ...told, lineIds: [], fromStops: [] };
    assert.equal(await codeOf(post(world, lin, `${path}/legs`, vague)), 'bad-told');
    const before = { ...told, days: { ...told.days, from: '2026-05-01', to: '2026-05-02' } };
    assert.equal(await codeOf(post(world, lin, `${path}/legs`, before)), 'bad-told', 'days that nobody signed for');

    const fetches = world.platform.fetches.length;
    const view = await post<InterviewView>(world, lin, `${path}/legs`, told);
    await world.vault.idle();
    const [leg] = view.legs;
    const [day] = leg?.days ?? [];
    assert.ok(leg !== undefined && day !== undefined);
    assert.deepEqual([day.state, day.candidates.map(({ runKey }) => runKey).toSorted()], ['ambiguous', ['r2', 'r3']]);
    assert.match(leg.text.zh, /M200路.*站1/);
    assert.deepEqual(await listed(world, one), [masked(first)], 'nothing is sought before a pick');
    const asked = world.platform.fetches.slice(fetches).flatMap(({ windows }) => windows);
    assert.ok(asked.every(({ reason, unitId }) => reason === 'ride' && unitId === 'bus1'));

    const picks = `${path}/legs/${leg.legId}/picks`;
    const wrong = { day: today, runKey: 'r9', unitId: 'bus3' };
    assert.equal(await codeOf(post(world, lin, picks, wrong)), 'not-found', 'only a candidate can be picked');
    const picked = await post<InterviewView>(world, lin, picks, { day: today, runKey: 'r2', unitId: 'bus2' });
    assert.equal(picked.windowsLeft, view.windowsLeft - 1);
    await world.vault.idle();
    assert.deepEqual((await listed(world, one)).toSorted(), [masked(first), masked(second)].toSorted());
    const windows = world.platform.fetches.at(-1)?.windows ?? [];
    assert.deepEqual(
      new Set(windows.filter(({ unitId }) => unitId === 'bus2').map(({ reason }) => reason)),
      new Set(['interview']),
    );
    const trace = await get<TraceView>(world, lin, `/cases/${one.caseId}/trace`);
    assert.deepEqual(
      trace.rides.map(({ told: isTold }) => isTold),
      [false, true],
    );
    assert.deepEqual(
      trace.history.map(({ kind, added }) => [kind, added]),
      [['interview', 1]],
    );

    await post(world, lin, picks, { day: today, runKey: null, unitId: null });
    await world.vault.idle();
    assert.deepEqual(await listed(world, one), [masked(first)], 'a pick that was taken back takes its riders back');
    // A registered ride that the case, asked, did not make counts for nothing, until somebody knows better.
    const [own] = (await get<TraceView>(world, lin, `/cases/${one.caseId}/trace`)).rides;
    await post(world, lin, `${path}/rides/${own?.rideId}`, { struck: true });
    await world.vault.idle();
    assert.deepEqual(await listed(world, one), []);
    await post(world, lin, `${path}/rides/${own?.rideId}`, { struck: false });
    await world.vault.idle();
    assert.deepEqual(await listed(world, one), [masked(first)]);
    assert.equal(await codeOf(post(world, lin, `${path}/rides/none`, { struck: true })), 'not-found');
    const empty = await post<InterviewView>(world, lin, `${path}/legs/${leg.legId}/remove`, {});
    assert.deepEqual([empty.legs, empty.windowsLeft], [[], view.windowsLeft]);
    assert.equal(await codeOf(post(world, lin, `${path}/gaps/nothing`, { confirmed: false })), 'not-found');
  });
});

describe('a number that two use', () => {
  /** From the corner northwards or eastwards, or back to it. */
  function addWay(world: World, runKey: string, beginMs: number, way: 'north' | 'east', isBack: boolean): void {
    addRun(world, runKey, beginMs, runKey, way);
    const run = world.platform.runs.at(-1);
    assert.ok(run !== undefined);
    const stops = run.stops.map((stop) => {
      const far = (isBack ? run.stops.length - 1 - stop.seq : stop.seq) / 200;
      const [lat, lon] = way === 'north' ? [22.5 + far, 114] : [22.5, 114 + far];
      return { ...stop, stopId: `${way}${far}`, lat, lon };
    });
    world.platform.runs[world.platform.runs.length - 1] = { ...run, dir: isBack ? 1 : 0, stops };
  }

  it('is asked about, counts for half until then, and for whole once nobody else is said to use it', async () => {
    const world = await startWorld();
    const { lin } = world.people;
    const [sick, north, east] = [somePhone(), somePhone(), somePhone()];
    const ways = [
      ['out-n', 0, 'north', false],
      ['out-e', 5, 'east', false],
      ['back-e', 60, 'east', true],
      ['back-n', 70, 'north', true],
    ] as const;
    for (const [runKey, afterMin, way, isBack] of ways) {
      const beginMs = boarded + afterMin * minuteMs;
      addWay(world, runKey, beginMs, way, isBack);
      await addRide(world, { phone: sick, boardedMs: beginMs, unitId: runKey, runKey });
    }
    for (const [phone, runKey] of [
      [north, 'out-n'],
      [east, 'out-e'],
    ] as const)
      await addRide(world, { phone, boardedMs: boarded + 5 * minuteMs, unitId: runKey, runKey, alight: 7 });
    const one = await tracedCase(world, [sick], { facts });
    const path = `/cases/${one.caseId}/interview`;
    const sures = async () =>
      new Map((await contactsOf(world, one)).map(({ masked: who, probability }) => [who, probability]));
    const { number } = await get<InterviewView>(world, lin, path);
    assert.ok(number !== null && number.probability > 0.5 && !number.soleUser);
    assert.match(number.text?.zh ?? '', /两个人/);
    const before = await sures();
    assert.match(JSON.stringify(await contactsOf(world, one)), /可能由两人共用/);

    const asked = await post<InterviewView>(world, lin, `${path}/number`, { soleUser: true });
    await world.vault.idle();
    assert.deepEqual(asked.number, { soleUser: true, probability: 0, text: null });
    const after = await sures();
    const own = 1 - number.probability / 2;
    for (const who of [north, east].map(masked)) {
      const [half, whole] = [before.get(who) ?? 0, after.get(who) ?? 0];
      assert.ok(whole > 0.3 && Math.abs(half - whole * own) < 0.01, `${half} of ${whole}`);
    }
    await post(world, lin, `${path}/number`, { soleUser: false });
    await world.vault.idle();
    assert.deepEqual(await sures(), before);
  });
});

describe('findings', () => {
  it('say how many were aboard, draft a notice without anybody in it, and look backwards', async () => {
    const world = await startWorld();
    addRun(world);
    const [run] = world.platform.runs;
    assert.ok(run !== undefined);
    world.platform.runs[0] = { ...run, heads: 4, estimated: 20 };
    const sick = somePhone();
    await addRide(world, { phone: sick, boardedMs: boarded + 8 * minuteMs, alight: 6 });
    const riders = Array.from({ length: 3 }, somePhone);
    for (const phone of riders) await addRide(world, { phone, boardedMs: boarded + 8 * minuteMs, alight: 6 });
    const one = await tracedCase(world, [sick], { facts });
    const { coverage, backward } = await get<FindingsView>(world, world.people.chen, `/cases/${one.caseId}/findings`);
    const [covered] = coverage;
    assert.ok(covered !== undefined && coverage.length === 1);
    assert.deepEqual([covered.registered, covered.advice, covered.notice.isDraft], [4, 'public-notice', true]);
    assert.ok((covered.unregistered?.heads ?? 0) >= 13 && (covered.unregistered?.heads ?? 0) <= 20);
    const text = JSON.stringify(coverage);
    for (const phone of [sick, ...riders]) assert.ok(!text.includes(phone.slice(-4)), 'a person is in it');
    assert.match(covered.notice.text.zh, /M133路/);
    // Nobody counted on the run itself, but on the one before it, of which three of four were registered.
    world.platform.runs[0] = { ...run, heads: 4, estimated: null };
    addRun(world, 'r0', boarded - 30 * minuteMs);
    const [, before] = world.platform.runs;
    assert.ok(before !== undefined);
    world.platform.runs[1] = { ...before, heads: 30, estimated: 40 };
    const other = await tracedCase(world, [sick], { caseNo: 'C-2', facts });
    const [likened] = (await get<FindingsView>(world, world.people.chen, `/cases/${other.caseId}/findings`)).coverage;
    assert.match(likened?.text.en ?? '', /the registration rate of comparable runs/);
    assert.ok((likened?.aboard ?? 0) >= 5 && (likened?.aboard ?? 0) <= 8, String(likened?.aboard));
    // The ride was on the day of onset: nobody is infected and ill on one day.
    assert.deepEqual(backward, []);
  });
});
