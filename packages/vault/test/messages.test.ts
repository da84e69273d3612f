import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { describe, it } from 'node:test';
import type { CaseView, MessageBatch, MessagePreview, NoticeContent } from '@tongche/contract';
import { statesOf } from '@tongche/outbox';
import { toBase64Url } from '@tongche/protocol';
import type { Static } from 'typebox';
import { contactsOf, tracedCase } from './casework.ts';
import { codeOf, hourMs, minuteMs, post, signed, somePhone, startMs, startWorld, suite } from './kit.ts';
import type { Person, World } from './kit.ts';
import { addRide, addRun, boarded } from './rides.ts';

type Batch = Static<typeof MessageBatch>;
interface Row {
  readonly message_id: string;
  readonly address: string;
  readonly text: string;
  readonly state: string;
}

/** A traced case with `phones` as contacts. */
async function caseWith(world: World, phones: readonly string[], purpose = 'trace'): Promise<CaseView> {
  addRun(world);
  const sick = somePhone();
  await addRide(world, { phone: sick, boardedMs: boarded, alight: 6 });
  for (const phone of phones)
    await addRide(world, { phone, boardedMs: boarded + 4 * minuteMs, boardSeq: 1, alight: 5 });
  return tracedCase(world, [sick], { caseNo: 'C1', purpose });
}

async function batchOf(world: World, one: CaseView): Promise<Batch> {
  const contactIds = (await contactsOf(world, one)).map(({ contactId }) => contactId);
  return { batchId: toBase64Url(suite.randomBytes(16)), contactIds, templateId: 'fellow-rider', urgent: false };
}

function preview(world: World, one: CaseView, batch: Batch): Promise<Static<typeof MessagePreview>> {
  return post(world, world.people.chen, `/cases/${one.caseId}/messages/preview`, batch);
}

async function approve(
  world: World,
  one: CaseView,
  batch: Batch,
  who: Person = world.people.chen,
  signedBatch = batch,
) {
  const { batchHash } = await preview(world, one, signedBatch);
  const assertion = await signed(who, batchHash);
  const body = { batch, assertion };
  return post<{ queued: number; skipped: number }>(world, who, `/cases/${one.caseId}/messages`, body);
}

function outbox(world: World): Promise<readonly Row[]> {
  return world.database.db.query<Row>(
    `select message_id, routes -> 0 ->> 'address' as address, wording ->> 'text' as text, state
       from outbox.message order by address`,
  );
}

describe('messages', () => {
  it('say when and what to do, never the line, the plate or the case, and link to a page only the link opens', async () => {
    const world = await startWorld();
    const phone = somePhone();
    const one = await caseWith(world, [phone]);
    const batch = await batchOf(world, one);
    const shown = await preview(world, one, batch);
    assert.deepEqual([shown.recipients, shown.unreachable], [1, 0]);
    assert.ok(shown.parts >= 2);
    assert.deepEqual(await approve(world, one, batch), { queued: 1, skipped: 0 });
    const [row] = await outbox(world);
    assert.equal(row?.address, `86${phone}`);
    assert.match(row.text, /^【海景市卫健委】您于5月12日上午/);
    const link = /http:\/\/registrar\.example\/n\/([\w-]{22})#([\w-]{22}) 核对码(\w{4})/.exec(row.text);
    assert.ok(link !== null);
    // Random letters may spell anything.
    const said = row.text.replace(link[0], '');
    for (const secret of ['M133', '海A12345', '1号车', 'C1', phone]) assert.equal(said.includes(secret), false, secret);
    await world.vault.deliver();
    const blob = Buffer.from(world.registrar.notices.get(link[1] ?? '') ?? '', 'base64url');
    const cipher = createDecipheriv('aes-128-gcm', Buffer.from(link[2] ?? '', 'base64url'), blob.subarray(0, 12));
    cipher.setAAD(Buffer.from(`notice1|${link[1]}`));
    cipher.setAuthTag(blob.subarray(-16));
    const text = Buffer.concat([cipher.update(blob.subarray(12, -16)), cipher.final()]).toString('utf8');
    const content = JSON.parse(text) as NoticeContent;
    assert.equal(content.checkCode, link[3]);
    assert.equal(content.rides[0]?.plate, '海A12345');
    assert.ok(content.advice.length > 0);
    const kept = await world.database.db.query('select blob from notice');
    assert.equal(kept[0]?.['blob'], null);
  });

  it('need an approver’s signature over the very batch', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone(), somePhone()]);
    const batch = await batchOf(world, one);
    assert.equal(await codeOf(approve(world, one, batch, world.people.lin)), 'forbidden');
    const smaller = { ...batch, contactIds: batch.contactIds.slice(1) };
    assert.equal(await codeOf(approve(world, one, batch, world.people.chen, smaller)), 'signature-invalid');
    const urgent = { ...batch, urgent: true };
    assert.equal(await codeOf(approve(world, one, urgent, world.people.chen, batch)), 'signature-invalid');
    assert.equal(await codeOf(preview(world, one, { ...batch, templateId: 'free' })), 'text-refused');
    assert.equal(await codeOf(preview(world, one, { ...batch, contactIds: ['x'.repeat(16)] })), 'not-found');
    assert.deepEqual(await outbox(world), []);
  });

  it('go to a person once, whoever approves again', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone(), somePhone()]);
    const batch = await batchOf(world, one);
    const approved = await Promise.all([approve(world, one, batch), approve(world, one, await batchOf(world, one))]);
    assert.deepEqual(
      approved.map(({ queued }) => queued).sort((a, b) => a - b),
      [0, 2],
    );
    assert.deepEqual(await approve(world, one, batch), { queued: 0, skipped: 2 });
    assert.equal((await outbox(world)).length, 2);
    const { db } = world.database;
    await db.query(
      "update outbox.message set state = 'failed', reason = 'absent', settled_ms = 1 where message_id = $1",
      [(await outbox(world))[0]?.message_id],
    );
    assert.deepEqual(await approve(world, one, await batchOf(world, one)), { queued: 1, skipped: 1 });
  });

  it('are approved and queued in one transaction: a fault leaves neither', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone(), somePhone()]);
    const batch = await batchOf(world, one);
    const { db } = world.database;
    const logSize = async (): Promise<unknown> => (await db.one('select size from log_frontier'))?.['size'];
    for (const table of ['outbox.message', 'notice', 'log_entry']) {
      await db.query(
        "create function fail_now() returns trigger language plpgsql as $$ begin raise exception 'injected'; end $$",
      );
      await db.query(`create trigger fail_now after insert on ${table} for each row execute function fail_now()`);
      const { batchHash } = await preview(world, one, batch);
      const before = await logSize();
      const assertion = await signed(world.people.chen, batchHash);
      const path = `/cases/${one.caseId}/messages`;
      assert.equal(await codeOf(post(world, world.people.chen, path, { batch, assertion })), 'internal', table);
      await db.query('drop function fail_now() cascade');
      assert.deepEqual(await outbox(world), [], table);
      assert.equal((await db.query('select 1 from notice')).length, 0, table);
      assert.equal(await logSize(), before, table);
    }
    assert.deepEqual(await approve(world, one, batch), { queued: 2, skipped: 0 });
  });

  it('are never sent in an exercise', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone()], 'exercise');
    const batch = await batchOf(world, one);
    assert.equal((await preview(world, one, batch)).recipients, 1);
    assert.equal(await codeOf(approve(world, one, batch)), 'order-limit');
    assert.deepEqual(await outbox(world), []);
  });

  it('skip who cannot be reached and records that may be made up', async () => {
    const world = await startWorld();
    const victim = somePhone();
    const boardedMs = startMs - 2 * hourMs;
    const at = { boardedMs: boardedMs + 4 * minuteMs, boardSeq: 1, alight: 5 };
    await addRide(world, { ...at, phone: somePhone(), claims: victim });
    const passport = {
      kind: 'passport' as const,
      subject: 60_466_176n + 123n,
      flags: { companion: false, assisted: true },
    };
    await addRide(world, { ...at, phone: somePhone(), contact: passport });
    const one = await caseWith(world, [somePhone()]);
    const batch = await batchOf(world, one);
    const shown = await preview(world, one, batch);
    assert.deepEqual([shown.recipients, shown.unreachable], [1, 2]);
    assert.deepEqual(await approve(world, one, batch), { queued: 1, skipped: 2 });
    assert.equal(
      (await outbox(world)).some(({ address }) => address.endsWith(victim)),
      false,
    );
  });

  it('come back with state, reason and receipt; the uncertain go out again by a person only', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone()]);
    await approve(world, one, await batchOf(world, one));
    await world.vault.deliver();
    const { db } = world.database;
    const [row] = await outbox(world);
    const [contact] = await contactsOf(world, one);
    assert.equal(contact?.message, 'queued');
    const path = `/cases/${one.caseId}/messages/${contact.contactId}/resend`;
    const reason = 'the gateway never answered';
    assert.equal(await codeOf(post(world, world.people.lin, path, { reason })), 'conflict');
    await db.query("update outbox.message set state = 'uncertain', reason = 'no-receipt'");
    const uncertain = (await contactsOf(world, one))[0];
    assert.deepEqual([uncertain?.message, uncertain?.messageReason], ['uncertain', 'no-receipt']);
    await post(world, world.people.lin, path, { reason });
    assert.equal((await statesOf(db, [row?.message_id ?? '']))[0]?.state, 'queued');
    const [id] = world.registrar.notices.keys();
    world.registrar.receipts.push({ id: id ?? '', outcome: 'acknowledged', atMs: world.clock.now() });
    await world.vault.deliver();
    assert.equal((await contactsOf(world, one))[0]?.receipt, 'acknowledged');
    await world.vault.deliver();
    const kinds = world.registrar.log.map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.deepEqual(
      kinds.filter((kind) => kind === 'messages' || kind === 'resend'),
      ['messages', 'resend'],
    );
  });

  it('are destroyed with the case: what was queued is never sent', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone()]);
    await approve(world, one, await batchOf(world, one));
    await post(world, world.people.chen, `/cases/${one.caseId}/close`, {});
    const [row] = await outbox(world);
    assert.deepEqual([row?.address, row?.text, row?.state], [null, null, 'failed']);
  });

  it('tell open consoles what changed', async () => {
    const world = await startWorld();
    const one = await caseWith(world, [somePhone()]);
    const stream = await world.client.stream('/events');
    const heard = new Promise<string>((resolve) => {
      void (async () => {
        let text = '';
        for await (const piece of stream) {
          text += Buffer.from(piece).toString('utf8');
          if (text.includes('event: contacts')) break;
        }
        resolve(text);
      })();
    });
    await approve(world, one, await batchOf(world, one));
    assert.match(await heard, new RegExp(`event: contacts\ndata: \\{"caseId":"${one.caseId}"\\}`));
  });
});
