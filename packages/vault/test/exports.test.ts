// Taking contacts out in files: who may not, what two signatures allow and for how long, what stands in the files and what in
// the public log.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CaseView, ContactPage, ExportList, ExportView } from '@tongche/contract';
import { enterCase, tracedCase } from './casework.ts';
import { asPerson, codeOf, get, hourMs, minuteMs, post, signed, somePhone, startWorld } from './kit.ts';
import type { Person, World } from './kit.ts';
import { addRide, addRun, boarded } from './rides.ts';

const reason = 'handed to the district';
const tiers = ['close', 'verify', 'general'];

const formula = { caseNo: '=HJ-2026/7' };

/** A case with a rider who was certainly there, called by a formula. */
async function exampleCase(changes: Parameters<typeof startWorld>[0] = {}) {
  const world = await startWorld(changes);
  addRun(world);
  const [sick, near] = [somePhone(), somePhone()];
  await addRide(world, { phone: sick, boardedMs: boarded, alight: 5 });
  await addRide(world, { phone: near, boardedMs: boarded, alight: 4, contact: { name: '=1+1 张三' } });
  const one = await tracedCase(world, [sick], formula);
  return { world, one, sick, near };
}

function ask(world: World, one: CaseView, changes: object = {}, who: Person = world.people.lin): Promise<ExportView> {
  return post(world, who, `/cases/${one.caseId}/exports`, { format: 'register-utf8', tiers, reason, ...changes });
}

async function sign(world: World, one: CaseView, { exportHash }: ExportView, who: Person, as: Person = who) {
  const assertion = await signed(who, exportHash);
  const path = `/cases/${one.caseId}/exports/${exportHash}/signatures`;
  return post<ExportView>(world, as, path, { assertion });
}

async function signedExport(world: World, one: CaseView, changes: object = {}): Promise<ExportView> {
  const asked = await ask(world, one, changes);
  await sign(world, one, asked, world.people.lin);
  return sign(world, one, asked, world.people.chen);
}

async function take(world: World, one: CaseView, { exportHash }: ExportView, part: string, who = world.people.lin) {
  const path = `/cases/${one.caseId}/exports/${exportHash}/files/${part}`;
  const file = await world.client.file(path, {}, asPerson(who));
  const pieces: Uint8Array[] = [];
  for await (const piece of file.body) pieces.push(piece);
  return { ...file, bytes: Buffer.concat(pieces) };
}

async function logOf(world: World): Promise<readonly Readonly<Record<string, unknown>>[]> {
  await world.vault.deliver();
  return world.registrar.log.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

describe('an export', () => {
  it('gives its signers the file, once two people in two roles have signed', async () => {
    const { world, one, near } = await exampleCase();
    const { lin, chen } = world.people;
    const asked = await ask(world, one);
    assert.deepEqual([asked.state, asked.contacts, asked.parts], ['awaiting-signatures', 1, ['register']]);
    assert.equal(await codeOf(take(world, one, asked, 'register')), 'conflict');
    assert.equal((await sign(world, one, asked, lin)).state, 'awaiting-signatures');
    assert.equal(await codeOf(take(world, one, asked, 'register')), 'conflict');
    const ready = await sign(world, one, asked, chen);
    assert.deepEqual([ready.state, ready.signatures.map(({ role }) => role)], ['signed', ['tracer', 'approver']]);
    const file = await take(world, one, ready, 'register');
    assert.match(file.name, /^tongche-HJ-2026-7-register-\d{8}\.csv$/);
    assert.equal(file.type, 'text/csv; charset=utf-8');
    const text = file.bytes.toString('utf8');
    assert.ok(text.startsWith('\ufeff序号,姓名,'));
    for (const part of ["'=1+1 张三", `'${near}`, '公交车同乘', '密切接触者', "'=HJ-2026/7", 'M133路'])
      assert.ok(text.includes(part), `${part} in ${text}`);
    assert.equal((await take(world, one, ready, 'register', chen)).bytes.equals(file.bytes), true);
    const { exports } = await get<ExportList>(world, chen, `/cases/${one.caseId}/exports`);
    assert.deepEqual(
      exports.map(({ state, taken }) => [state, taken]),
      [['signed', 2]],
    );
  });

  it('stands in the public log with counts, and without a word about anybody', async () => {
    const { world, one, sick, near } = await exampleCase();
    const ready = await signedExport(world, one, { format: 'sormas' });
    const [head = '', row = ''] = (await take(world, one, ready, 'contacts')).bytes.toString('utf8').split('\r\n');
    const cell = (name: string): string | undefined => row.split(';')[head.split(';').indexOf(name)];
    const { contacts } = await get<ContactPage>(world, world.people.lin, `/cases/${one.caseId}/contacts?limit=500`);
    const [year, month, day] = contacts[0]?.followUpUntil?.split('-') ?? [];
    assert.deepEqual([cell('disease'), cell('followUpUntil')], ['CORONAVIRUS', `${month}/${day}/${year}`]);
    assert.match(cell('contactProximityDetails') ?? '', /exposure-equivalent min \([ABC]\)/);
    await take(world, one, ready, 'exposures', world.people.chen);
    const entries = await logOf(world);
    const made = entries.filter(({ kind }) => kind === 'export');
    assert.deepEqual(
      made.map(({ contacts, format, roles }) => [contacts, format, roles]),
      [[1, 'sormas', 'approver+tracer']],
    );
    const taken = entries.filter(({ kind }) => kind === 'exported');
    assert.deepEqual(
      taken.map(({ part, rows, role, exportHash }) => [part, rows, role, exportHash]),
      [
        ['contacts', 1, 'tracer', ready.exportHash],
        ['exposures', 1, 'approver', ready.exportHash],
      ],
    );
    const log = world.registrar.log.join('\n') + JSON.stringify(world.log.lines);
    for (const secret of [sick, near, 'HJ-2026/7', '张三', reason, '"lin"', '"chen"'])
      assert.ok(!log.includes(secret), secret);
  });

  it('refuses one person twice, one role twice, a key lent to a colleague, another case, an officer', async () => {
    const { world, one } = await exampleCase();
    const { lin, linToo, wang, chen } = world.people;
    const asked = await ask(world, one);
    assert.equal(await codeOf(sign(world, one, asked, chen, lin)), 'signature-invalid');
    await sign(world, one, asked, lin);
    for (const who of [lin, linToo, wang]) assert.equal(await codeOf(sign(world, one, asked, who)), 'same-signer');
    const other = await enterCase(world, [somePhone()]);
    assert.equal(await codeOf(sign(world, other, asked, chen)), 'not-found');
    const assertion = await signed(chen, (await ask(world, one)).exportHash);
    const path = `/cases/${one.caseId}/exports/${asked.exportHash}/signatures`;
    assert.equal(await codeOf(post(world, chen, path, { assertion })), 'signature-invalid');
    const officer: Person = { ...chen, role: 'officer' };
    assert.equal(await codeOf(ask(world, one, {}, officer)), 'forbidden');
    assert.equal((await sign(world, one, asked, chen)).state, 'signed');
    assert.equal(await codeOf(sign(world, one, asked, chen)), 'conflict');
    assert.equal(await codeOf(take(world, one, asked, 'register', wang)), 'forbidden');
    assert.equal(await codeOf(take(world, one, asked, 'exposures')), 'not-found');
    assert.equal(await codeOf(take(world, other, asked, 'register')), 'not-found');
  });

  it('is for a finished trace of a true case, and of somebody', async () => {
    const { world, one, sick } = await exampleCase();
    assert.equal(await codeOf(ask(world, await enterCase(world, [sick]))), 'conflict');
    assert.equal(await codeOf(ask(world, await tracedCase(world, [sick], { purpose: 'exercise' }))), 'order-limit');
    assert.equal(await codeOf(ask(world, one, { tiers: ['general'] })), 'not-found');
    assert.equal(await codeOf(ask(world, one, { tiers: [] })), 'bad-request');
    assert.equal(await codeOf(ask(world, one, { format: 'xlsx' })), 'bad-request');
    assert.equal(await codeOf(ask(world, one, { reason: 'no' })), 'bad-request');
  });

  it('ends an hour after it was signed, and half a day after it was asked for', async () => {
    const { world, one } = await exampleCase();
    const ready = await signedExport(world, one);
    const waiting = await ask(world, one);
    await world.clock.advance(hourMs);
    assert.equal(await codeOf(take(world, one, ready, 'register')), 'ok');
    await world.clock.advance(1);
    assert.equal(await codeOf(take(world, one, ready, 'register')), 'export-expired');
    await world.clock.advance(11 * hourMs);
    assert.equal(await codeOf(sign(world, one, waiting, world.people.lin)), 'export-expired');
    const { exports } = await get<ExportList>(world, world.people.lin, `/cases/${one.caseId}/exports`);
    assert.deepEqual(new Set(exports.map(({ state }) => state)), new Set(['expired']));
  });

  it('has limits: lists an hour for a person, files of one list', async () => {
    const { world, one } = await exampleCase();
    await world.restart({ limits: { ...world.config.limits, exportsAnHour: 1 } });
    const first = await signedExport(world, one, { format: 'go-data-json' });
    const second = await signedExport(world, one);
    for (const part of first.parts) assert.equal(await codeOf(take(world, one, first, part)), 'ok', part);
    assert.equal(await codeOf(take(world, one, second, 'register')), 'export-limit');
    assert.equal(await codeOf(take(world, one, second, 'register', world.people.chen)), 'ok');
    const codes = await Promise.all(Array.from({ length: 14 }, () => codeOf(take(world, one, first, 'contacts'))));
    assert.equal(codes.filter((code) => code === 'ok').length, 12 - first.parts.length);
    assert.ok(
      codes.every((code) => code === 'ok' || code === 'export-limit'),
      codes.join(),
    );
  });

  it('holds who was on the list when it was asked for, with what became of them since', async () => {
    const { world, one, near } = await exampleCase();
    await world.clock.advance(world.config.limits.watchEveryMs - minuteMs);
    const ready = await signedExport(world, one);
    const late = somePhone();
    await addRide(world, { phone: late, boardedMs: boarded, alight: 5 });
    await world.clock.advance(2 * minuteMs);
    await world.vault.idle();
    const { contacts } = await get<ContactPage>(world, world.people.lin, `/cases/${one.caseId}/contacts?limit=500`);
    assert.equal(contacts.length, 2);
    const known = contacts.find(({ masked }) => masked.endsWith(near.slice(-4)));
    const path = `/cases/${one.caseId}/contacts/${known?.contactId}/outcome`;
    await post(world, world.people.lin, path, { outcome: 'reached', detail: '@home' });
    const text = (await take(world, one, ready, 'register')).bytes.toString('utf8');
    assert.ok(text.includes('已联系上') && text.includes("'@home") && text.includes(near));
    assert.ok(!text.includes(late));
  });

  it('leaves out records that somebody may have made up, until staff have called', async () => {
    const { world, one } = await exampleCase();
    const victim = somePhone();
    await addRide(world, { phone: somePhone(), claims: victim, boardedMs: boarded, alight: 5 });
    await world.clock.advance(world.config.limits.watchEveryMs);
    await world.vault.idle();
    const { contacts } = await get<ContactPage>(world, world.people.lin, `/cases/${one.caseId}/contacts?limit=500`);
    const forged = contacts.find(({ masked }) => masked.endsWith(victim.slice(-4)));
    assert.equal(forged?.verified, false);
    assert.equal((await ask(world, one)).contacts, 1);
    const path = `/cases/${one.caseId}/contacts/${forged?.contactId}/outcome`;
    await post(world, world.people.lin, path, { outcome: 'reached', detail: 'was aboard' });
    const ready = await signedExport(world, one, { format: 'go-data-json' });
    assert.equal(ready.contacts, 2);
    const list = JSON.parse((await take(world, one, ready, 'contacts')).bytes.toString('utf8')) as readonly object[];
    assert.ok(list.some((contact) => JSON.stringify(contact).includes(victim)));
  });

  it('dies with its case', async () => {
    const { world, one } = await exampleCase();
    const ready = await signedExport(world, one);
    await take(world, one, ready, 'register');
    await post(world, world.people.lin, `/cases/${one.caseId}/close`, {});
    assert.equal(await codeOf(take(world, one, ready, 'register')), 'case-closed');
    const count = async (table: string): Promise<unknown> =>
      (await world.database.db.one(`select count(*) as n from ${table}`, []))?.['n' as never];
    assert.deepEqual([await count('export_ask'), await count('export_take')], [0, 0]);
  });
});
