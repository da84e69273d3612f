// Taking a case's contacts out as files: asked for, signed by two people in two roles, taken by one of them. Nothing here names
// a contact; the files do.
import { Type, type Static } from 'typebox';
import { OrderView } from './casework.ts';
import { Tier } from './casework-contacts.ts';
import { Base64Url, EpochMs, strict } from './common.ts';

export const ExportFormat = Type.Union([
  Type.Literal('sormas'),
  Type.Literal('sormas-day-first'),
  Type.Literal('go-data-json'),
  Type.Literal('go-data-csv'),
  Type.Literal('register-utf8'),
  Type.Literal('register-gb18030'),
]);
export const ExportPart = Type.Union([
  Type.Literal('contacts'),
  Type.Literal('exposures'),
  Type.Literal('contacts-of-contacts'),
  Type.Literal('relationships'),
  Type.Literal('register'),
]);

/** POST /cases/:caseId/exports → ExportView. The contacts of these tiers on the list now; later ones need a new export. */
export const AskExport = strict({
  format: ExportFormat,
  tiers: Type.Array(Tier, { minItems: 1, maxItems: 5, uniqueItems: true }),
  reason: Type.String({ minLength: 4, maxLength: 200 }),
});
export type AskExport = Static<typeof AskExport>;

/**
 * `exportHash` is what both sign (POST /cases/:caseId/exports/:exportHash/signatures, body SignOrder): SHA-256("export/1" ‖
 * canonical {caseId, contacts, exportId, format, list, reason, tiers}), `list` a keyed digest of who is in it. From the second
 * signature until `takeUntilMs` its signers may take the files: POST /cases/:caseId/exports/:exportHash/files/:part {}.
 */
export const ExportView = strict({
  exportHash: Base64Url(32),
  state: Type.Union([Type.Literal('awaiting-signatures'), Type.Literal('signed'), Type.Literal('expired')]),
  format: ExportFormat,
  parts: Type.Array(ExportPart),
  tiers: Type.Array(Tier),
  reason: Type.String(),
  contacts: Type.Integer(),
  askedBy: Type.String(),
  askedMs: EpochMs,
  expiresMs: EpochMs,
  signatures: OrderView.properties.signatures,
  takeUntilMs: Type.Union([EpochMs, Type.Null()]),
  /** Files taken so far. */
  taken: Type.Integer(),
});
export type ExportView = Static<typeof ExportView>;
/** GET /cases/:caseId/exports: the newest first. */
export const ExportList = strict({ exports: Type.Array(ExportView) });
export type ExportList = Static<typeof ExportList>;
