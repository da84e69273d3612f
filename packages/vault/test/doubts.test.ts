// Rides that can hardly have been made: the case's own open no window, those of others stay off the list, until somebody
// includes them knowingly; what they are and why is shown all the while.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CaseView, ContactView } from '@tongche/contract';
import { listValue, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { contactsOf, loggedKinds, masked, tracedCase, traceOf, viewOf } from './casework.ts';
import { codeOf, dayMs, hourMs, minuteMs, post, somePhone, startWorld } from './kit.ts';
import type { World } from './kit.ts';
import { addRide, addRun, boarded } from './rides.ts';

const reason = 'confirmed by telephone';

async function includeContacts(world: World, one: CaseView, contactIds: readonly string[], included = true) {
  await post(world, world.people.lin, `/cases/${one.caseId}/contacts/include`, { contactIds, included, reason });
  await world.vault.idle();
}
async function includeRide(world: World, one: CaseView, rideId: string, included = true) {
  await post(world, world.people.lin, `/cases/${one.caseId}/rides/${rideId}/include`, { included, reason });
  await world.vault.idle();
}
const kinds = async (world: World): Promise<readonly string[]> => {
  await world.vault.deliver();
  return loggedKinds(world);
};

/** A case aboard bus 1 without doubt and aboard bus 2 far from where it was seen; somebody else on each. */
async function twoRides() {
  const world = await startWorld();
  addRun(world);
  addRun(world, 'r2', boarded, 'bus2');
  const [sick, near, other] = [somePhone(), somePhone(), somePhone()];
  await addRide(world, { phone: sick, boardedMs: boarded, alight: 5 });
  await addRide(world, { phone: near, boardedMs: boarded, alight: 5 });
  const onBus2 = { unitId: 'bus2', runKey: 'r2', boardedMs: boarded + minuteMs };
  await addRide(world, { ...onBus2, phone: sick, alight: 5, doubts: ['far-away'] });
  await addRide(world, { ...onBus2, phone: other, alight: 5 });
  const one = await tracedCase(world, [sick]);
  return { world, one, near, other };
}

describe('a doubtful ride of the case', () => {
  it('opens no window and is shown with its reason', async () => {
    const { world, one, near } = await twoRides();
    assert.deepEqual(
      [...new Set(world.platform.fetches.flatMap(({ windows }) => windows.map(({ unitId }) => unitId)))],
      ['bus1'],
    );
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => each.masked),
      [masked(near)],
    );
    const { rides } = await traceOf(world, one);
    assert.deepEqual(
      rides.map(({ doubts, included, contacts }) => [doubts, included, contacts]),
      [
        [[], null, 1],
        [['far-away'], null, 0],
      ],
    );
    const { counts } = await viewOf(world, one);
    assert.deepEqual([counts.rides, counts.ridesAside, counts.contacts, counts.contactsAside], [2, 1, 1, 0]);
  });

  it('opens its own one once somebody includes it, within the order, and closes it again', async () => {
    const { world, one, near, other } = await twoRides();
    const doubtful = (await traceOf(world, one)).rides[1];
    assert.ok(doubtful);
    await includeRide(world, one, doubtful.rideId);
    const asked = world.platform.fetches.at(-1)?.windows.map(({ unitId, reason: why }) => [unitId, why]);
    assert.deepEqual(asked, [
      ['bus1', 'ride'],
      ['bus2', 'included'],
    ]);
    assert.deepEqual(
      new Set((await contactsOf(world, one)).map((each) => each.masked)),
      new Set([masked(near), masked(other)]),
    );
    const after = await traceOf(world, one);
    assert.deepEqual(after.rides[1]?.included, { by: 'lin', atMs: world.clock.now(), reason });
    assert.deepEqual(
      after.history.map(({ kind, rides, added }) => [kind, rides, added]),
      [['included', 1, 1]],
    );
    assert.ok((await kinds(world)).includes('include'));
    assert.equal(world.registrar.log.join().includes(reason), false, 'the reason stays in the case');
    await includeRide(world, one, doubtful.rideId, false);
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => each.masked),
      [masked(near)],
    );
    assert.equal((await viewOf(world, one)).counts.ridesAside, 1);
  });

  it('is included only while the order is watched and as far as its extra windows go', async () => {
    const { world, one } = await twoRides();
    const [plain, doubtful] = (await traceOf(world, one)).rides;
    assert.ok(plain !== undefined && doubtful !== undefined);
    assert.equal(await codeOf(includeRide(world, one, plain.rideId)), 'conflict', 'there is no doubt about it');
    assert.equal(await codeOf(includeRide(world, one, 'AAAAAAAAAAAAAAAAAAAAAA')), 'not-found');
    await world.clock.advance(world.config.limits.watchHours * hourMs + 1);
    assert.equal(await codeOf(includeRide(world, one, doubtful.rideId)), 'order-expired');
    const strict = await startWorld({ limits: { ...world.config.limits, maxExtraWindows: 0 } });
    addRun(strict);
    const sick = somePhone();
    await addRide(strict, { phone: sick, boardedMs: boarded, doubts: ['out-of-service'] });
    const other = await tracedCase(strict, [sick]);
    const [ride] = (await traceOf(strict, other)).rides;
    assert.equal(await codeOf(includeRide(strict, other, ride?.rideId ?? '')), 'order-limit');
  });

  it('whose doubt is cleared later opens its window at the next look, and the history says so', async () => {
    const { world, one, other } = await twoRides();
    const { rides } = world.platform;
    for (const [n, ride] of rides.entries()) if (ride.doubts.length > 0) rides[n] = { ...ride, doubts: [] };
    await world.clock.advance(world.config.limits.watchEveryMs);
    await world.vault.idle();
    assert.ok((await contactsOf(world, one)).some((each) => each.masked === masked(other)));
    const { history } = await traceOf(world, one);
    assert.deepEqual(
      history.map(({ kind, rides: n, added }) => [kind, n, added]),
      [['doubts', 1, 1]],
    );
  });
});

/** A case, somebody on the list, and a crowd of one minute of whom one is proven and the others made up. */
async function crowd(junk: number) {
  const world = await startWorld();
  addRun(world);
  const [sick, near, proven] = [somePhone(), somePhone(), somePhone()];
  const on = { boardedMs: boarded, alight: 5 };
  await addRide(world, { ...on, phone: sick });
  await addRide(world, { ...on, phone: near });
  const doubts = ['crowded-minute', 'over-capacity'] as const;
  const minute = { boardedMs: boarded + 4 * minuteMs, boardSeq: 1, alight: 6, doubts: [...doubts] };
  await addRide(world, { ...minute, phone: proven });
  for (let n = 0; n < junk; n += 1) await addRide(world, { ...minute, phone: somePhone(), claims: somePhone() });
  const one = await tracedCase(world, [sick]);
  return { world, one, sick, near, proven, doubts };
}

describe('doubtful rides of others', () => {
  it('stay off the list, whatever their number, and are shown apart with their reasons', async () => {
    const { world, one, near, proven, doubts } = await crowd(30);
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => each.masked),
      [masked(near)],
    );
    const aside = await contactsOf(world, one, '&aside=true');
    assert.equal(aside.length, 31);
    for (const each of aside) assert.deepEqual([each.aside, each.legs.map((leg) => leg.doubts)], [true, [[...doubts]]]);
    assert.deepEqual(
      aside.filter(({ verified }) => verified).map((each) => each.masked),
      [masked(proven)],
    );
    const { counts } = await viewOf(world, one);
    assert.deepEqual([counts.contacts, counts.contactsAside], [1, 31]);
    assert.equal((await traceOf(world, one)).rides[0]?.contacts, 1);
  });

  it('are told nothing, and join the list when somebody includes them', async () => {
    const { world, one, near, proven } = await crowd(2);
    const aside = await contactsOf(world, one, '&aside=true');
    const wanted = aside.find((each) => each.masked === masked(proven))?.contactId ?? '';
    const batch = { batchId: toBase64Url(new Uint8Array(16)), templateId: 'fellow-rider', urgent: false };
    const preview = (contactIds: readonly string[]) =>
      post(world, world.people.chen, `/cases/${one.caseId}/messages/preview`, { ...batch, contactIds });
    assert.equal(await codeOf(preview([wanted])), 'conflict');
    await includeContacts(world, one, [wanted]);
    assert.equal(await codeOf(preview([wanted])), 'ok');
    const list = await contactsOf(world, one);
    assert.deepEqual(new Set(list.map((each) => each.masked)), new Set([masked(near), masked(proven)]));
    assert.deepEqual(list.find((each) => each.contactId === wanted)?.included, {
      by: 'lin',
      atMs: world.clock.now(),
      reason,
    });
    assert.equal((await contactsOf(world, one, '&aside=true')).length, 2);
    assert.equal((await viewOf(world, one)).counts.contactsAside, 2);
    // It stays included whenever the trace is carried out again.
    await world.clock.advance(2 * world.config.limits.watchEveryMs);
    await world.vault.idle();
    assert.equal((await contactsOf(world, one)).length, 2);
    assert.equal(await codeOf(includeContacts(world, one, [wanted])), 'conflict', 'already');
    assert.equal(await codeOf(includeContacts(world, one, ['nobody'])), 'not-found');
    await includeContacts(world, one, [wanted], false);
    assert.equal((await contactsOf(world, one, '&aside=true')).length, 3);
  });

  it('go into the list phones compare themselves with once they are included, not before', async () => {
    const { world, one, proven } = await crowd(0);
    const { tag } = world.platform.rides.find(({ doubts }) => doubts.length > 0) ?? assert.fail();
    const value = Buffer.from(await listValue(nodeSuite, 'expo1', new Uint8Array(Buffer.from(tag, 'base64url'))));
    const isPublished = (): boolean =>
      world.registrar.lists.some(
        ({ kind, values }) => kind === 'expo1' && Buffer.from(values, 'base64url').includes(value),
      );
    await world.clock.advance(dayMs);
    assert.equal(isPublished(), false);
    const [aside] = await contactsOf(world, one, '&aside=true');
    assert.equal(aside?.masked, masked(proven));
    await includeContacts(world, one, [aside?.contactId ?? '']);
    await world.clock.advance(dayMs);
    assert.equal(isPublished(), true);
  });

  it('never take anybody off the list who was told or called, and bring back who is doubted no more', async () => {
    const { world, one, near, proven } = await crowd(1);
    const path = (contact: ContactView | undefined) => `/cases/${one.caseId}/contacts/${contact?.contactId}/outcome`;
    const [listed] = await contactsOf(world, one);
    await post(world, world.people.lin, path(listed), { outcome: 'reached', detail: '' });
    const { rides } = world.platform;
    const change = (doubts: 'add' | 'clear'): void => {
      for (const [n, ride] of rides.entries()) {
        if (n > 0) rides[n] = { ...ride, doubts: doubts === 'add' ? ['far-away'] : [] };
      }
    };
    change('add');
    await world.clock.advance(world.config.limits.watchEveryMs);
    await world.vault.idle();
    assert.deepEqual(
      (await contactsOf(world, one)).map((each) => [each.masked, each.outcome]),
      [[masked(near), 'reached']],
    );
    change('clear');
    await world.clock.advance(world.config.limits.watchEveryMs);
    await world.vault.idle();
    const list = (await contactsOf(world, one)).map((each) => each.masked);
    assert.equal(list.length, 3);
    assert.ok(list.includes(masked(proven)));
    assert.equal((await contactsOf(world, one, '&aside=true')).length, 0);
    const { history } = await traceOf(world, one);
    assert.deepEqual(
      history.map(({ kind, added, removed }) => [kind, added, removed]),
      [['doubts', 2, 0]],
    );
  });

  it('of a subject of the case are nobody’s contact', async () => {
    const world = await startWorld();
    addRun(world);
    const [sick, second] = [somePhone(), somePhone()];
    await addRide(world, { phone: sick, boardedMs: boarded, alight: 5 });
    await addRide(world, { phone: second, boardedMs: boarded, alight: 5, doubts: ['far-away'] });
    const one = await tracedCase(world, [sick, second]);
    assert.deepEqual([await contactsOf(world, one), await contactsOf(world, one, '&aside=true')], [[], []]);
  });

  it('that the operator held back are counted', async () => {
    const world = await startWorld();
    addRun(world);
    const sick = somePhone();
    await addRide(world, { phone: sick, boardedMs: boarded, alight: 5 });
    world.platform.withheld = 453;
    const one = await tracedCase(world, [sick]);
    assert.equal((await traceOf(world, one)).withheld, 453);
  });
});
