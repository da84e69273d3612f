// Messages to contacts: preview, approval by an approver's signature over the very batch, and what came back. Approval
// and outbox rows are one transaction: either both are there or neither.
import { Refusal } from '@tongche/contract';
import type { Assertion, MessageBatch, MessagePreview } from '@tongche/contract';
import { verifyAssertion } from '@tongche/approval';
import { partsOf } from '@tongche/messages';
import { enqueue, MAX_ENQUEUED, resend } from '@tongche/outbox';
import type { NewMessage } from '@tongche/outbox';
import type { Route } from '@tongche/messages';
import { canonicalJson, fromBase64Url, toBase64Url, unwrap, utf8 } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import type { Static } from 'typebox';
import type { OpenCase, OpenContact } from '../cases/access.ts';
import { uuidFrom } from '../cases/cases.ts';
import type { Cases } from '../cases/cases.ts';
import type { Actor, Common } from '../cases/common.ts';
import type { ContactDoc } from '../cases/model.ts';
import type { RegistrarClient } from '../clients/registrar.ts';
import { events } from '../events.ts';
import { offered } from '../keys/push.ts';
import type { Rosters } from '../keys/roster.ts';
import { lockCase } from '../store/cases.ts';
import { addNotices, hasOpenNotices, markPushed, messageDigests, noticesToPush, putReceipt } from '../store/notices.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import { noticeContent, sealNotice } from './notices.ts';
import { messagesOf } from './states.ts';
import type { ContactMessage } from './states.ts';
import { checkCodeOf, exposureTemplates, TEMPLATE_IDS, wordingFor, wordings } from './text.ts';

const DAY_MS = 86_400_000;
/** Notices in one delivery (contract: NoticePush). */
const NOTICE_PAGE = 500;
const MAX_NOTICE_PAGES = 20;
const RECEIPTS_SEEN = 'receipts-after';

export interface Messages {
  preview(caseId: string, batch: Static<typeof MessageBatch>): Promise<Static<typeof MessagePreview>>;
  approve(
    actor: Actor,
    caseId: string,
    batch: Static<typeof MessageBatch>,
    assertion: Assertion,
  ): Promise<{ readonly queued: number; readonly skipped: number }>;
  resend(actor: Actor, caseId: string, contactId: string): Promise<void>;
  /** Brings notices to the registrar, takes receipts, tells consoles what changed. True when no message is out. */
  deliver(): Promise<boolean>;
}

interface MessageParts extends Common {
  readonly cases: Cases;
  readonly rosters: Rosters;
  readonly registrar: RegistrarClient;
}

/** SHA-256("messages/1" ‖ canonical batch): what the approver signs. */
export function batchHash(batch: Static<typeof MessageBatch>): Bytes {
  return nodeSha256(utf8(`messages/1${canonicalJson(batch)}`));
}

/** Where a contact can be reached; undefined for documents without a phone and for records that may be made up. */
export function addressOf(doc: ContactDoc): string | undefined {
  if (doc.forged) return undefined;
  if (doc.kind === 'phone') return doc.value;
  return doc.reach === '' ? undefined : doc.reach;
}

/**
 * Ways to a contact in the order of the configuration. WeChat only beside a phone: the phone is what its tag proves, and
 * what the message is followed up by.
 */
export function routesOf(doc: ContactDoc, channels: readonly ('sms' | 'wechat')[]): readonly Route[] {
  const phone = addressOf(doc);
  if (phone === undefined) return [];
  const routes = channels.flatMap((channel): readonly Route[] => {
    const address = channel === 'sms' ? phone : doc.openid;
    return address === undefined ? [] : [{ channel, address }];
  });
  return routes.length > 0 ? routes : [{ channel: 'sms', address: phone }];
}

interface Recipient {
  readonly contact: OpenContact;
  readonly address: string;
}

export function openMessages(parts: MessageParts): Messages {
  const { config, db, clock, log, random, transparency, hub, onLog, cases, rosters, registrar } = parts;
  const { access } = cases;
  const templates = exposureTemplates(config.notice.texts);
  let digests: ReadonlyMap<string, string> = new Map();

  /** Refuses ids that are not of this case; a contact named twice counts once. */
  async function selected(one: OpenCase, batch: Static<typeof MessageBatch>): Promise<readonly OpenContact[]> {
    if (!(TEMPLATE_IDS as readonly string[]).includes(batch.templateId)) throw new Refusal('text-refused');
    const wanted = new Set(batch.contactIds);
    const found = (await access.contacts(one)).filter(({ contactId }) => wanted.has(contactId));
    if (found.length !== wanted.size) throw new Refusal('not-found');
    // Who is set aside is included first, by somebody who says why.
    if (found.some(({ doc }) => doc.aside === true)) throw new Refusal('conflict');
    return found;
  }

  function recipientsOf(
    contacts: readonly OpenContact[],
    messages: ReadonlyMap<string, ContactMessage>,
  ): readonly Recipient[] {
    return contacts.flatMap((contact) => {
      const address = addressOf(contact.doc);
      const earlier = messages.get(contact.contactId);
      // One message a person; a second one only where the first certainly did not arrive.
      const isOpen = earlier === undefined || earlier.state === 'failed';
      return address === undefined || !isOpen ? [] : [{ contact, address }];
    });
  }

  function wordingsOf(doc: ContactDoc, link: string, checkCode: string) {
    const rideMs = doc.legs.at(-1)?.boardedMs ?? clock.now();
    const { authority, notice } = config;
    return wordings(
      {
        authority: authority.name,
        phone: notice.phone,
        rideMs,
        zone: authority.zone,
        link,
        checkCode,
      },
      templates,
    );
  }

  function compose(one: OpenCase, batchId: string, urgent: boolean, { contact, address }: Recipient) {
    const checkCode = checkCodeOf(one.key.digestBytes('check1', `${batchId}|${contact.contactId}`));
    const content = noticeContent(config, contact.doc, checkCode, clock.now());
    const sealed = sealNotice(config.registrarUrl, content, random);
    const messageId = uuidFrom(one.key.digestBytes('message1', `${batchId}|${contact.contactId}`).subarray(0, 16));
    const wording = wordingFor(address, wordingsOf(contact.doc, sealed.link, checkCode));
    const message: NewMessage = { messageId, routes: routesOf(contact.doc, config.notice.channels), wording, urgent };
    const { noticeId, blob } = sealed;
    return { message, notice: { messageId, contactId: contact.contactId, noticeId, blob } };
  }

  async function checkApprover(batch: Static<typeof MessageBatch>, assertion: Assertion): Promise<void> {
    const roster = rosters.current();
    if (roster === undefined) throw new Refusal('signature-invalid');
    const result = await verifyAssertion({ roster, hash: batchHash(batch), assertion, mode: config.mode });
    if (!result.ok) throw new Refusal(result.code);
    if (result.value.role !== 'approver') throw new Refusal('forbidden');
  }

  async function pushNotices(): Promise<void> {
    for (let page = 0; page < MAX_NOTICE_PAGES; page += 1) {
      const rows = await noticesToPush(db, NOTICE_PAGE);
      if (rows.length === 0) return;
      const notices = rows.map(({ noticeId, blob, expiresMs }) => ({
        id: toBase64Url(noticeId),
        blob: toBase64Url(blob),
        expiresMs,
      }));
      if (!(await offered(log, 'notices', () => registrar.notices({ notices })))) return;
      await markPushed(
        db,
        rows.map(({ messageId }) => messageId),
        clock.now(),
      );
    }
  }

  async function takeReceipts(): Promise<ReadonlySet<string>> {
    const changed = new Set<string>();
    if (!(await hasOpenNotices(db, clock.now()))) return changed;
    await offered(log, 'receipts', async () => {
      const afterMs = Number((await readSetting(db, RECEIPTS_SEEN)) ?? 0);
      const receipts = await registrar.receipts(afterMs);
      for (const { id, outcome, atMs } of receipts) {
        const noticeId = Buffer.from(unwrap(fromBase64Url(id)));
        const caseId = await putReceipt(db, { noticeId, outcome, atMs });
        if (caseId !== undefined) changed.add(caseId);
      }
      const lastMs = receipts.at(-1)?.atMs;
      if (lastMs !== undefined && lastMs !== afterMs) await writeSetting(db, RECEIPTS_SEEN, String(lastMs));
    });
    return changed;
  }

  return {
    async preview(caseId, batch) {
      const one = await access.open(caseId);
      const contacts = await selected(one, batch);
      const recipients = recipientsOf(contacts, await messagesOf(db, caseId));
      const sample = (recipients[0]?.contact ?? contacts[0])?.doc;
      if (sample === undefined) throw new Refusal('not-found');
      const shown = wordingsOf(sample, `${config.registrarUrl.replace(/\/$/, '')}/n/…#…`, '····');
      const full = wordingsOf(
        sample,
        sealNotice(config.registrarUrl, noticeContent(config, sample, 'XXXX', 0), random).link,
        'XXXX',
      );
      return {
        batchHash: toBase64Url(batchHash(batch)),
        text: { zh: shown.zh.text, en: shown.en.text },
        recipients: recipients.length,
        unreachable: contacts.length - recipients.length,
        parts: partsOf(full.zh.text),
      };
    },
    async approve(actor, caseId, batch, assertion) {
      await checkApprover(batch, assertion);
      const one = await access.open(caseId);
      // An exercise goes as far as the preview: nobody outside is to be alarmed by it.
      if (one.doc.purpose !== 'trace') throw new Refusal('order-limit');
      const contacts = await selected(one, batch);
      const hash = toBase64Url(batchHash(batch));
      const approvedMs = clock.now();
      const queued = await db.tx('approve-messages', async (tx) => {
        // Approvals of one case wait for each other, so that two batches never both take the same person.
        await lockCase(tx, caseId);
        await access.open(caseId, tx);
        const recipients = recipientsOf(contacts, await messagesOf(tx, caseId));
        const made = recipients.map((recipient) => compose(one, batch.batchId, batch.urgent, recipient));
        const fresh = await addNotices(
          tx,
          {
            caseId,
            batchId: Buffer.from(batch.batchId, 'base64url'),
            approvedMs,
            expiresMs: approvedMs + config.notice.days * DAY_MS,
          },
          made.map(({ notice }) => notice),
        );
        const messages = made.flatMap(({ message }) => (fresh.has(message.messageId) ? [message] : []));
        for (let at = 0; at < messages.length; at += MAX_ENQUEUED) {
          await enqueue(tx, messages.slice(at, at + MAX_ENQUEUED), approvedMs);
        }
        const detail = { batchHash: hash, queued: messages.length, urgent: batch.urgent };
        await transparency.append(tx, approvedMs, [await access.entry(one, actor, 'messages', detail)]);
        return messages.length;
      });
      const skipped = contacts.length - queued;
      log.event(events.messagesApproved, { queued, skipped });
      hub.send('contacts', { caseId });
      onLog();
      return { queued, skipped };
    },
    async resend(actor, caseId, contactId) {
      const one = await access.open(caseId);
      const message = (await messagesOf(db, caseId)).get(contactId);
      if (message === undefined) throw new Refusal('not-found');
      const atMs = clock.now();
      const entry = await access.entry(one, actor, 'resend', {});
      await db.tx('resend', async (tx) => {
        if (!(await resend(tx, message.messageId, actor.person, atMs))) throw new Refusal('conflict');
        await transparency.append(tx, atMs, [entry]);
      });
      hub.send('contacts', { caseId });
      onLog();
    },
    async deliver() {
      await pushNotices();
      const changed = new Set(await takeReceipts());
      const now = await messageDigests(db);
      for (const [caseId, digest] of now) if (digests.get(caseId) !== digest) changed.add(caseId);
      digests = now;
      for (const caseId of changed) hub.send('contacts', { caseId });
      return now.size === 0;
    },
  };
}
