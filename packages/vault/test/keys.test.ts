import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildVault } from '../src/index.ts';
import { developmentAuthenticator, makeDevelopmentKey, signRoster } from '@tongche/approval';
import { dayOf, dayText, toBase64Url, toBytes } from '@tongche/protocol';
import { openSlots } from '@tongche/runtime';
import type { KeysReply, LogView, RosterReply } from '@tongche/contract';
import { codeOf, dayMs, get, hourMs, minuteMs, page, post, startMs, startWorld, suite, zone } from './kit.ts';
import type { World } from './kit.ts';

function slotDays(world: World): { readonly env: number[]; readonly tag: number[]; readonly adm: number[] } {
  const slots = openSlots(world.config.slotsFolder, Buffer.from(world.secrets.unsealKey, 'base64url'));
  const days = (kind: string): number[] =>
    slots
      .names()
      .filter((name) => name.startsWith(`${kind}-`))
      .map((name) => Number(name.slice(kind.length + 1)))
      .sort((a, b) => a - b);
  return { env: days('env'), tag: days('tag'), adm: days('adm') };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const today = dayOf(startMs, zone);

/** Weeks pass in these tests: what nobody took is offered twice a day. */
const slow = { retryMs: 12 * hourMs };

describe('day keys', () => {
  it('exist at the first start from yesterday to nine days ahead, and are at the registrar', async () => {
    const world = await startWorld();
    assert.deepEqual(slotDays(world).env, range(today - 1, today + 9));
    assert.deepEqual(
      [...world.registrar.days.keys()].sort((a, b) => a - b),
      range(today - 1, today + 9),
    );
    const kinds = world.registrar.log.map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.equal(kinds.filter((kind) => kind === 'key-make').length, 11);
    assert.equal(world.platform.roster?.keys.length, 4);
  });

  it('live 28 days over 40 rolled days, missed days included, and roll twice without a trace', async () => {
    // As many missed days as here are ordinary for this vault.
    const world = await startWorld({ ...slow, leap: { days: 4, holdMs: hourMs } });
    let missed = 0;
    for (let n = 1; n <= 40; n += 1) {
      // The machine is off on days 11 to 13: nothing rolls, the next start catches up.
      const isOff = n >= 11 && n <= 13;
      if (n === 11) await world.vault.close();
      await world.clock.advanceTo(startMs + n * dayMs);
      if (isOff) {
        missed += 1;
        continue;
      }
      if (n === 14) world.vault = await buildVault({ ...world, clock: world.clock });
      const d = today + n;
      const oldest = Math.max(today - 1, d - 27);
      const days = slotDays(world);
      assert.deepEqual(days.env, range(oldest, d + 9), `day ${n}`);
      assert.deepEqual(days.tag, days.env);
      assert.deepEqual(days.adm, range(Math.max(today - 1, d - 7), d + 9));
    }
    assert.equal(missed, 3);
    const before = world.registrar.log.length;
    assert.deepEqual(await world.vault.roll(), { day: today + 40, made: 0, destroyed: 0, isHeld: false });
    assert.equal(world.registrar.log.length, before);
    const destroyed = world.registrar.log
      .map((line) => JSON.parse(line) as { kind: string; day: number })
      .filter(({ kind }) => kind === 'key-destroy')
      .map(({ day }) => day);
    assert.deepEqual(destroyed, range(today - 1, today + 12));
    const reply = await get<KeysReply>(world, world.people.lin, '/keys');
    assert.equal(reply.nowMs, world.clock.now());
    assert.equal(reply.days.find(({ day }) => day === dayText(today + 12))?.state, 'destroyed');
    assert.equal(reply.days.find(({ day }) => day === dayText(today + 13))?.state, 'living');
    assert.equal(reply.days.find(({ day }) => day === dayText(today + 41))?.state, 'future');
  });

  it('survive a calendar that leaps ahead, until the steady clock bears it out', async () => {
    const world = await startWorld({ retryMs: minuteMs });
    const issuedMs = (): number => Math.max(...[...world.registrar.days.values()].map((day) => day.admission.issuedMs));
    const before = slotDays(world);
    world.clock.setTo(startMs + 60 * dayMs);
    await world.clock.advance(2 * minuteMs);
    const held = slotDays(world);
    for (const kind of ['env', 'tag', 'adm'] as const) {
      assert.deepEqual(
        before[kind].filter((day) => !held[kind].includes(day)),
        [],
        kind,
      );
    }
    assert.ok(held.env.includes(today + 60), 'rides of the day, should it be true, find keys');
    assert.ok(issuedMs() <= startMs, 'nobody is told by signature that it is that day');
    // A restart neither forgets that the calendar is in doubt nor waits from the beginning.
    await world.clock.advance(3 * hourMs);
    await world.vault.close();
    world.vault = await buildVault(world);
    await world.clock.advance(2 * hourMs);
    assert.ok(slotDays(world).env.includes(today));
    await world.clock.advance(hourMs + 30 * minuteMs);
    assert.deepEqual(slotDays(world).env, range(today + 59, today + 69));
    await world.vault.deliver();
    assert.ok(issuedMs() > startMs + 59 * dayMs);
  });

  it('are what they were when the clock was put right again, and rolls go on', async () => {
    const world = await startWorld({ retryMs: hourMs });
    world.clock.setTo(startMs + 400 * dayMs);
    await world.clock.advance(hourMs);
    world.clock.setTo(startMs + dayMs);
    await world.clock.advance(hourMs);
    assert.ok(slotDays(world).env.includes(today - 1));
    await world.clock.advanceTo(startMs + 28 * dayMs);
    assert.deepEqual(
      slotDays(world).env.filter((day) => day < today + 100),
      range(today + 1, today + 37),
    );
  });

  it('leave no file and no bytes behind when destroyed', async () => {
    const world = await startWorld(slow);
    const slots = openSlots(world.config.slotsFolder, Buffer.from(world.secrets.unsealKey, 'base64url'));
    const sealedBefore = readdirSync(world.config.slotsFolder)
      .filter((file) => file.startsWith(`env-${today}.`))
      .map((file) => readFileSync(join(world.config.slotsFolder, file)));
    assert.equal(sealedBefore.length, 1);
    assert.ok(slots.get(`env-${today}`));
    await world.clock.advanceTo(startMs + 29 * dayMs);
    const files = readdirSync(world.config.slotsFolder);
    assert.deepEqual(
      files.filter((file) => file.includes(`-${today}.`)),
      [],
    );
    const rest = Buffer.concat(files.map((file) => readFileSync(join(world.config.slotsFolder, file))));
    for (const sealed of sealedBefore) assert.equal(rest.includes(sealed.subarray(13, 45)), false);
  });

  it('are destroyed on time even when nobody answers, and new ones follow when they do', async () => {
    const world = await startWorld(slow);
    world.registrar.isDown = true;
    world.platform.isDown = true;
    await world.clock.advanceTo(startMs + 30 * dayMs);
    assert.deepEqual(slotDays(world).env, range(today + 3, today + 39));
    world.registrar.isDown = false;
    world.platform.isDown = false;
    await world.clock.advance(world.config.retryMs);
    assert.deepEqual([...world.registrar.days.keys()].sort((a, b) => a - b).at(-1), today + 39);
  });

  it('wait for the operator at a first start and come as soon as it is there', async () => {
    const world = await startWorld(slow);
    await world.vault.close();
    world.platform.isDown = true;
    await world.database.db.query("delete from setting where name = 'platform-identity'");
    await world.clock.advance(20 * dayMs);
    world.registrar.days.clear();
    world.vault = await buildVault(world);
    assert.equal(world.registrar.days.size, 0);
    world.platform.isDown = false;
    await world.clock.advance(world.config.retryMs);
    assert.equal(world.registrar.days.size, 11);
  });

  it('roll at three in the morning, not at midnight', async () => {
    const world = await startWorld();
    const three = startMs + 17 * hourMs;
    await world.clock.advanceTo(three - 1);
    assert.equal(slotDays(world).env.at(-1), today + 9);
    await world.clock.advanceTo(three);
    assert.equal(slotDays(world).env.at(-1), today + 10);
  });
});

describe('the log', () => {
  it('is the same at the registrar, and cannot be changed in the database', async () => {
    const world = await startWorld();
    const view = await get<LogView>(world, world.people.lin, '/log?limit=1000');
    assert.deepEqual(
      view.entries.map(({ detail }) => detail),
      world.registrar.log,
    );
    assert.equal(view.size, view.entries.length);
    const { db } = world.database;
    await assert.rejects(db.query("update log_entry set line = '{}'"), /append-only/);
    await assert.rejects(db.query('delete from log_entry'), /append-only/);
    await assert.rejects(db.query('truncate log_entry'), /append-only/);
  });

  it('is offered again until the registrar has it', async () => {
    const world = await startWorld(slow);
    world.registrar.isDown = true;
    await world.clock.advance(dayMs);
    const had = world.registrar.log.length;
    world.registrar.isDown = false;
    await world.clock.advance(world.config.retryMs);
    assert.ok(world.registrar.log.length > had);
  });
});

describe('the roster', () => {
  it('takes a new passkey at once in the demonstration and keeps it over a restart', async () => {
    const world = await startWorld();
    const made = await makeDevelopmentKey(suite);
    const { keyId, publicKey } = developmentAuthenticator(made.privateKey, page);
    const ask = { keyId, publicKey, role: 'tracer', person: 'lin' };
    assert.equal(await codeOf(post(world, world.people.chen, '/roster/pending', ask)), 'forbidden');
    const reply = await post<RosterReply>(world, world.people.lin, '/roster/pending', ask);
    assert.equal(reply.version, 2);
    assert.deepEqual(
      reply.keys.find((key) => key.keyId === keyId),
      { ...ask, demo: false },
    );
    assert.equal(await codeOf(post(world, world.people.lin, '/roster/pending', ask)), 'conflict');
    await world.restart();
    assert.equal((await get<RosterReply>(world, world.people.lin, '/roster')).version, 2);
    assert.equal(world.platform.roster?.version, 2);
  });

  it('lets keys wait in production, and production refuses everything of the demonstration', async () => {
    const world = await startWorld();
    await world.vault.close();
    const { demoKeys: _keys, ...rest } = world.config;
    const secure = {
      ...rest,
      mode: 'production' as const,
      registrarUrl: 'https://registrar.example',
      console: { origin: 'https://casework.example', rpId: 'casework.example' },
    };
    const { demoRootKey: _root, ...secrets } = world.secrets;
    const build = (config: typeof secure, own: typeof world.secrets = secrets) =>
      buildVault({ ...world, config, secrets: own });
    await assert.rejects(build(secure, world.secrets), /demo root key/);
    await assert.rejects(build({ ...secure, demoKeys: world.config.demoKeys } as typeof secure), /demo keys/);
    await assert.rejects(build({ ...secure, registrarUrl: 'http://a.example' }), /https/);
    await assert.rejects(build({ ...secure, console: page }), /https/);
    // The demonstration's roster is in this database.
    await assert.rejects(build(secure), /demo keys on the roster/);
    await world.database.db.query('delete from roster');
    world.vault = await build(secure);
    const made = await makeDevelopmentKey(suite);
    const ask = { keyId: made.keyId, publicKey: made.publicKey, role: 'tracer', person: 'lin' };
    const reply = await post<RosterReply>(world, world.people.lin, '/roster/pending', ask);
    assert.equal(reply.version, 0);
    assert.deepEqual(reply.pending, [ask]);
  });

  it('refuses a file the root key did not sign', async () => {
    const world = await startWorld();
    await world.vault.close();
    const stranger = await suite.generateEd25519KeyPair();
    const body = { iss: 1, version: 9, ...page, issuedMs: startMs, keys: [] };
    const { writeFileSync } = await import('node:fs');
    const rosterFile = join(world.folder, 'roster.json');
    writeFileSync(rosterFile, JSON.stringify(await signRoster(body, toBytes(stranger.sk))));
    await assert.rejects(buildVault({ ...world, config: { ...world.config, rosterFile } }), /signature-invalid/);
    writeFileSync(rosterFile, JSON.stringify(await signRoster(body, world.rootKey)));
    world.vault = await buildVault({ ...world, config: { ...world.config, rosterFile } });
    assert.equal((await get<RosterReply>(world, world.people.lin, '/roster')).version, 10);
    assert.ok(toBase64Url(world.rootKey).length > 0);
  });
});
