// Taking contacts out in files: numbers in bulk, so two people in two roles sign what is taken and why, one of the two takes
// it within the hour, and the public log says that it was signed, and each time that it was taken.
import { checkTwoPeople, verifyAssertion } from '@tongche/approval';
import { Refusal } from '@tongche/contract';
import type { AskExport, Assertion, ExportView } from '@tongche/contract';
import { EXPORT_PARTS, exportFiles } from '@tongche/exports';
import type { ExportPart, TextFile } from '@tongche/exports';
import { encodeFile } from '@tongche/exports/encode';
import { canonicalJson, fromBase64Url, toBase64Url, toBytes, utf8 } from '@tongche/protocol';
import { nodeSha256 } from '@tongche/protocol/node';
import type { Queryable } from '@tongche/postgres';
import { events } from '../events.ts';
import type { Rosters } from '../keys/roster.ts';
import { messagesOf } from '../messages/states.ts';
import {
  addExport,
  addTake,
  countExports,
  countOtherTakes,
  exportRow,
  exportRows,
  takesOf,
  updateExport,
} from '../store/exports.ts';
import type { ExportRow } from '../store/exports.ts';
import type { OpenCase, OpenContact } from './access.ts';
import type { Cases } from './cases.ts';
import type { Actor, Common } from './common.ts';
import { exportContact, isExportable, ridersOf } from './export-contacts.ts';
import type { SignatureDoc } from './model.ts';
import { policyOf } from './rules.ts';

const HOUR_MS = 3_600_000;
/** Two people on one shift; what a night shift left unsigned is asked for anew. */
const SIGN_WITHIN_MS = 12 * HOUR_MS;
const TAKE_WITHIN_MS = HOUR_MS;
/** A lost connection asks again; more than this is no accident. */
const MAX_TAKES = 12;
/** One case is handed on a few times a day. */
const MAX_ASKS_A_DAY = 50;
const DAY_MS = 24 * HOUR_MS;
const MAX_SHOWN = 50;
const EXPORT_ID_BYTES = 16;

interface ExportDoc {
  readonly exportId: string;
  readonly wish: AskExport;
  readonly contactIds: readonly string[];
  readonly askedBy: string;
  readonly signatures: readonly SignatureDoc[];
}

interface OpenExport {
  readonly row: ExportRow;
  readonly doc: ExportDoc;
}

export interface ExportedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface Exports {
  /** Throws Refusal: 'order-limit' for exercises and itineraries, 'conflict' before a trace is done, 'not-found' for nobody. */
  ask(actor: Actor, caseId: string, wish: AskExport): Promise<ExportView>;
  list(actor: Actor, caseId: string): Promise<readonly ExportView[]>;
  sign(actor: Actor, caseId: string, exportHash: string, assertion: Assertion): Promise<ExportView>;
  take(actor: Actor, caseId: string, exportHash: string, part: ExportPart): Promise<ExportedFile>;
}

interface ExportParts extends Common {
  readonly cases: Cases;
  readonly rosters: Rosters;
}

function placeOf(exportHash: Uint8Array): string {
  return `export_ask|${toBase64Url(exportHash)}|sealed`;
}

function hashBytes(text: string): Buffer {
  const hash = fromBase64Url(text);
  if (!hash.ok || hash.value.length !== 32) throw new Refusal('not-found');
  return Buffer.from(hash.value);
}

function stateOf({ expiresMs, signedMs }: ExportRow, nowMs: number): ExportView['state'] {
  if (signedMs !== null) return nowMs <= signedMs + TAKE_WITHIN_MS ? 'signed' : 'expired';
  return nowMs <= expiresMs ? 'awaiting-signatures' : 'expired';
}

function viewOf({ row, doc }: OpenExport, taken: number, nowMs: number): ExportView {
  const { format, tiers, reason } = doc.wish;
  return {
    exportHash: toBase64Url(row.exportHash),
    state: stateOf(row, nowMs),
    format,
    parts: [...EXPORT_PARTS[format]],
    tiers,
    reason,
    contacts: doc.contactIds.length,
    askedBy: doc.askedBy,
    askedMs: row.askedMs,
    expiresMs: row.expiresMs,
    signatures: doc.signatures.map(({ person, role, keyId, atMs, demo }) => ({ person, role, keyId, atMs, demo })),
    takeUntilMs: row.signedMs === null ? null : row.signedMs + TAKE_WITHIN_MS,
    taken,
  };
}

function isWanted({ doc }: OpenContact, { tiers }: AskExport): boolean {
  return isExportable(doc) && tiers.includes(doc.tier);
}

function rolesOf(signatures: readonly SignatureDoc[]): string {
  return signatures
    .map(({ role }) => role)
    .sort()
    .join('+');
}

export function openExports(parts: ExportParts): Exports {
  const { config, db, clock, log, random, transparency, hub, onLog, cases, rosters } = parts;
  const { access } = cases;

  function opened({ key }: OpenCase, row: ExportRow): OpenExport {
    return { row, doc: key.open(placeOf(row.exportHash), row.sealed) as ExportDoc };
  }

  async function find(tx: Queryable, one: OpenCase, exportHash: Buffer): Promise<OpenExport> {
    const row = await exportRow(tx, one.row.caseId, exportHash);
    if (row === undefined) throw new Refusal('not-found');
    return opened(one, row);
  }

  function hashOf({ row, key }: OpenCase, doc: ExportDoc): Buffer {
    const { exportId, wish, contactIds } = doc;
    const what = {
      caseId: row.caseId,
      exportId,
      ...wish,
      contacts: contactIds.length,
      list: key.digest('export-list1', contactIds.join('\n')),
    };
    return Buffer.from(nodeSha256(utf8(`export/1${canonicalJson(what)}`)));
  }

  /** The signature of the very person who is signed in; throws the refusal. */
  async function checked(exportHash: Buffer, actor: Actor, assertion: Assertion): Promise<SignatureDoc> {
    const roster = rosters.current();
    if (roster === undefined) throw new Refusal('signature-invalid');
    const result = await verifyAssertion({ roster, hash: toBytes(exportHash), assertion, mode: config.mode });
    if (!result.ok) throw new Refusal(result.code);
    if (result.value.role === 'officer') throw new Refusal('forbidden');
    if (result.value.person !== actor.person) throw new Refusal('signature-invalid');
    return { ...result.value, atMs: clock.now(), assertion };
  }

  async function fileOf(one: OpenCase, { row, doc }: OpenExport, part: ExportPart): Promise<TextFile> {
    const { caseId } = one.row;
    const wanted = new Set(doc.contactIds);
    const messages = await messagesOf(db, caseId);
    const all = await access.contacts(one);
    const riders = ridersOf(all);
    const contacts = all
      .filter((contact) => wanted.has(contact.contactId) && isExportable(contact.doc))
      .map((contact) => exportContact(contact, messages.get(contact.contactId), riders));
    const { caseNo } = one.doc;
    const { pathogen } = policyOf(config, one.doc, one.row.enteredMs);
    const input = { caseNo, pathogen, atMs: row.askedMs, zone: config.authority.zone, contacts };
    const file = exportFiles(doc.wish.format, input).find((each) => each.part === part);
    if (file === undefined) throw new Refusal('not-found');
    return file;
  }

  async function checkTake(tx: Queryable, { row, doc }: OpenExport, actor: Actor, atMs: number): Promise<void> {
    if (row.signedMs === null) throw new Refusal('conflict');
    if (stateOf(row, atMs) !== 'signed') throw new Refusal('export-expired');
    if (!doc.signatures.some(({ person }) => person === actor.person)) throw new Refusal('forbidden');
    const taken = (await takesOf(tx, row.caseId)).get(toBase64Url(row.exportHash)) ?? 0;
    const others = await countOtherTakes(tx, actor.person, atMs - HOUR_MS, row.exportHash);
    if (taken >= MAX_TAKES || others >= config.limits.exportsAnHour) throw new Refusal('export-limit');
  }

  return {
    async ask(actor, caseId, wish) {
      const one = await access.open(caseId);
      if (one.doc.purpose !== 'trace') throw new Refusal('order-limit');
      if ((await access.order(one))?.row.state !== 'done') throw new Refusal('conflict');
      const askedMs = clock.now();
      if ((await countExports(db, caseId, askedMs - DAY_MS)) >= MAX_ASKS_A_DAY) throw new Refusal('export-limit');
      const contacts = (await access.contacts(one)).filter((contact) => isWanted(contact, wish));
      if (contacts.length === 0) throw new Refusal('not-found');
      const doc: ExportDoc = {
        exportId: toBase64Url(random(EXPORT_ID_BYTES)),
        wish,
        contactIds: contacts.map(({ contactId }) => contactId),
        askedBy: actor.person,
        signatures: [],
      };
      const exportHash = hashOf(one, doc);
      const sealed = one.key.seal(placeOf(exportHash), doc);
      const row = { exportHash, caseId, askedMs, expiresMs: askedMs + SIGN_WITHIN_MS, signedMs: null, sealed };
      await addExport(db, row);
      hub.send('case', { caseId });
      return viewOf({ row, doc }, 0, askedMs);
    },
    async list(actor, caseId) {
      const one = await access.open(caseId);
      await access.look(one, actor, 'exports');
      const taken = await takesOf(db, caseId);
      const nowMs = clock.now();
      return (await exportRows(db, caseId, MAX_SHOWN)).map((row) =>
        viewOf(opened(one, row), taken.get(toBase64Url(row.exportHash)) ?? 0, nowMs),
      );
    },
    async sign(actor, caseId, exportHash, assertion) {
      const hash = hashBytes(exportHash);
      const view = await db.tx('sign-export', async (tx) => {
        const one = await access.open(caseId, tx);
        const { row, doc } = await find(tx, one, hash);
        if (row.signedMs !== null) throw new Refusal('conflict');
        if (stateOf(row, clock.now()) === 'expired') throw new Refusal('export-expired');
        const signature = await checked(hash, actor, assertion);
        const signatures = [...doc.signatures, signature];
        const isSigned = signatures.length >= 2;
        if (isSigned && !checkTwoPeople(signatures).ok) throw new Refusal('same-signer');
        const next: ExportDoc = { ...doc, signatures };
        const signedMs = isSigned ? signature.atMs : null;
        await updateExport(tx, { exportHash: hash, signedMs, sealed: one.key.seal(placeOf(hash), next) });
        if (isSigned) {
          const contacts = doc.contactIds.length;
          const detail = { exportHash, format: doc.wish.format, contacts, roles: rolesOf(signatures) };
          await transparency.append(tx, signature.atMs, [await access.entry(one, undefined, 'export', detail)]);
        }
        return viewOf({ row: { ...row, signedMs }, doc: next }, 0, signature.atMs);
      });
      onLog();
      hub.send('case', { caseId });
      return view;
    },
    async take(actor, caseId, exportHash, part) {
      const hash = hashBytes(exportHash);
      const one = await access.open(caseId);
      const atMs = clock.now();
      const found = await find(db, one, hash);
      await checkTake(db, found, actor, atMs);
      const file = await fileOf(one, found, part);
      await db.tx('take-export', async (tx) => {
        // One after another, so that the limit holds for requests side by side.
        await checkTake(tx, await find(tx, one, hash), actor, atMs);
        const detail = { exportHash, format: found.doc.wish.format, part, rows: file.rows };
        await addTake(tx, hash, actor.person, atMs);
        await transparency.append(tx, atMs, [await access.entry(one, actor, 'exported', detail)]);
      });
      log.event(events.exportTaken, { part, rows: file.rows });
      onLog();
      hub.send('case', { caseId });
      const type = file.type === 'text/csv' ? `text/csv; charset=${file.encoding}` : file.type;
      return { name: file.name, type, bytes: encodeFile(file) };
    },
  };
}
