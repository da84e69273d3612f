// A case is traced by a rule: which one, in which days, with whom on board by their work, and what becomes of the list when a
// date was wrong.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_FACTS } from '@tongche/contract';
import type { CaseFacts, CaseView, PolicyView } from '@tongche/contract';
import { DAY_MS, dayOf, dayText } from '@tongche/protocol';
import { contactsOf, enterCase, masked, today, traceCase, traceOf } from './casework.ts';
import { codeOf, get, hourMs, minuteMs, post, somePhone, startMs, startWorld, zone } from './kit.ts';
import type { World } from './kit.ts';
import { addRide, addRun, boarded } from './rides.ts';

const yesterday = dayText(dayOf(startMs - DAY_MS, zone));
const nothing: CaseFacts = NO_FACTS;
function enter(world: World, phone: string, changes: object = {}): Promise<CaseView> {
  return enterCase(world, [phone], { from: yesterday, ...changes });
}

describe('the rule of a case', () => {
  it('is the one in force on the day of entry, and each of its fields says where it comes from', async () => {
    const world = await startWorld();
    const { policies } = await get<{ policies: PolicyView[] }>(world, world.people.lin, '/policies');
    const standard = policies.find(({ isDefault }) => isDefault);
    assert.ok(standard !== undefined && standard.sources.length > 5 && standard.name.zh !== '');
    const plain = await enter(world, somePhone());
    assert.deepEqual([plain.policy?.id, plain.policy?.version, plain.facts], [standard.id, standard.version, null]);
    const asked = { pathogen: 'nothing-known', jurisdiction: 'CN' };
    assert.equal(await codeOf(enter(world, somePhone(), { policy: asked })), 'no-policy');
    for (const one of policies.filter(({ inForce }) => inForce)) {
      const { pathogen, jurisdiction } = one;
      const entered = await enter(world, somePhone(), { policy: { pathogen, jurisdiction } });
      assert.equal(entered.policy?.pathogen, pathogen);
    }
    const tomorrow = dayText(dayOf(startMs + DAY_MS, zone));
    const bad: Partial<CaseFacts>[] = [
      { onset: { from: today, to: yesterday } },
      { onset: { from: tomorrow, to: tomorrow } },
      { sample: { from: '2026-02-30', to: '2026-03-01' } },
      { isolatedMs: startMs + hourMs },
    ];
    for (const facts of bad) {
      assert.equal(await codeOf(enter(world, somePhone(), { facts: { ...nothing, ...facts } })), 'bad-case');
    }
    const facts = { ...nothing, onset: { from: yesterday, to: today }, severe: true, masked: false };
    const full = await enter(world, somePhone(), { facts });
    assert.deepEqual((await get<CaseView>(world, world.people.chen, `/cases/${full.caseId}`)).facts, facts);
  });

  it('counts its days from onset, stops at isolation, and a corrected date takes back and brings back', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, near] = [somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded + 8 * minuteMs, alight: 6 });
    await addRide(world, { phone: near, boardedMs: boarded + 8 * minuteMs, alight: 5 });
    const one = await enter(world, sick, { facts: { ...nothing, onset: { from: today, to: today } } });
    await traceCase(world, one);
    const first = await traceOf(world, one);
    assert.deepEqual([first.rule?.byOrder, first.rule?.policy.id], [false, one.policy?.id]);
    assert.match(first.rule?.digest ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => [each.masked, each.change]),
      [[masked(near), null]],
    );

    const correct = (facts: CaseFacts) =>
      post<CaseView>(world, world.people.lin, `/cases/${one.caseId}/facts`, { facts });
    const facts = { ...nothing, onset: { from: today, to: today }, isolatedMs: boarded };
    await correct(facts);
    await world.vault.idle();
    assert.deepEqual(await contactsOf(world, one), []);
    assert.equal(await codeOf(correct(facts)), 'conflict', 'nothing is new');
    await correct({ ...facts, isolatedMs: null });
    await world.vault.idle();
    const again = await traceOf(world, one);
    assert.deepEqual(
      again.history.map(({ kind, added, removed }) => [kind, added, removed]),
      [
        ['facts', 0, 1],
        ['facts', 1, 0],
      ],
    );
    assert.equal(again.rule?.digest, first.rule?.digest, 'the same inputs, the same digest');
    assert.deepEqual(
      (await contactsOf(world, one)).map(({ change }) => change?.kind),
      ['added'],
    );
    // What is new is delivered a moment later.
    await world.vault.deliver();
    const kinds = world.registrar.log.map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.equal(kinds.filter((kind) => kind === 'amend').length, 2, 'the public sees that, not what');
  });

  it('knows who works on board from who rides', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, driver, relieved] = [somePhone(), somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded + 17 * minuteMs, boardSeq: 4, alight: 6 });
    await addRide(world, { phone: driver, boardedMs: boarded - 10 * minuteMs, crewUntilMs: boarded + hourMs });
    await addRide(world, { phone: relieved, boardedMs: boarded - 10 * minuteMs, crewUntilMs: boarded + 2 * minuteMs });
    const one = await enter(world, sick);
    await traceCase(world, one);
    const contacts = await contactsOf(world, one);
    assert.deepEqual(
      contacts.map((each) => [each.masked, each.tier]),
      [[masked(driver), 'staff']],
    );
    assert.equal((await traceOf(world, one)).rule?.byOrder, true);
  });

  it('seeks whom close contacts met afterwards, where the rule follows them, and nobody they met before', async () => {
    const beginMs = Date.UTC(2022, 7, 12, 2);
    const world = await startWorld({}, beginMs);
    const rode = beginMs - 4 * hourMs;
    addRun(world, 'r1', rode);
    addRun(world, 'r2', rode + 2 * hourMs, 'bus2');
    addRun(world, 'r0', rode - 2 * hourMs, 'bus3');
    const [sick, near, after, before] = [somePhone(), somePhone(), somePhone(), somePhone()];
    const on = { alight: 6 };
    await addRide(world, { phone: sick, boardedMs: rode + 8 * minuteMs, ...on });
    await addRide(world, { phone: near, boardedMs: rode + 8 * minuteMs, ...on });
    const later = { boardedMs: rode + 2 * hourMs + 8 * minuteMs, unitId: 'bus2', runKey: 'r2', ...on };
    for (const phone of [near, after]) await addRide(world, { phone, ...later });
    const earlier = { boardedMs: rode - 2 * hourMs + 8 * minuteMs, unitId: 'bus3', runKey: 'r0', ...on };
    for (const phone of [near, before]) await addRide(world, { phone, ...earlier });
    const day = dayText(dayOf(beginMs, zone));
    const policy = { pathogen: 'covid-19', jurisdiction: 'CN' };
    const one = await enter(world, sick, { from: day, to: day, policy });
    await traceCase(world, one);
    const view = await get<CaseView>(world, world.people.lin, `/cases/${one.caseId}`);
    assert.deepEqual([view.order?.depth, view.order?.state], [2, 'done']);
    const contacts = await contactsOf(world, one);
    assert.deepEqual(
      contacts.map((each) => [each.masked, each.tier, each.hop]),
      [
        [masked(near), 'close', 1],
        [masked(after), 'secondary', 2],
      ],
    );
    assert.ok(world.platform.fetches.flatMap(({ windows }) => windows).every(({ unitId }) => unitId !== 'bus3'));
  });
});
