// Fellow riders as a case's page lists them, and what is done about each: shown in full, told, called.
import { Type, type Static } from 'typebox';
import { Base64Url, DayText, EpochMs, Name, RideDoubt, SubjectKind, strict, Words } from './common.ts';
import { Assertion } from './internal.ts';
import { Inclusion } from './casework.ts';

/** By the rule alone: met, could be met, same conveyance or its air, contact of a contact, works on board. */
export const Tier = Type.Union([
  Type.Literal('close'),
  Type.Literal('verify'),
  Type.Literal('general'),
  Type.Literal('secondary'),
  Type.Literal('staff'),
]);
export const MessageState = Type.Union([
  Type.Literal('none'),
  Type.Literal('queued'),
  Type.Literal('sending'),
  Type.Literal('accepted'),
  Type.Literal('delivered'),
  Type.Literal('failed'),
  Type.Literal('uncertain'),
]);
/** One fellow rider, masked. `reason` is in words. */
export const ContactView = strict({
  contactId: Type.String(),
  rank: Type.Integer({ minimum: 1 }),
  tier: Tier,
  /** That they were together for the rule's shortest time; minutes expected. */
  probability: Type.Number(),
  minutes: Type.Number(),
  /** Exposure-equivalent minutes and their band: they order calls within a tier and decide nothing. Null in older traces. */
  eem: Type.Union([Type.Number(), Type.Null()]),
  band: Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Literal('C'), Type.Null()]),
  /** 1: of the case; 2: of a close contact. */
  hop: Type.Union([Type.Literal(1), Type.Literal(2)]),
  /** Last day of observation, by the rule; null in older traces. */
  followUpUntil: Type.Union([DayText, Type.Null()]),
  /** Otherwise than in the trace before. */
  change: Type.Union([
    strict({
      kind: Type.Union([
        Type.Literal('added'),
        Type.Literal('upgraded'),
        Type.Literal('downgraded'),
        Type.Literal('withdrawn'),
      ]),
      atMs: EpochMs,
      before: Type.Union([Tier, Type.Null()]),
    }),
    Type.Null(),
  ]),
  name: Type.String(),
  masked: Type.String(),
  kind: SubjectKind,
  reachMasked: Type.Union([Type.String(), Type.Null()]),
  verified: Type.Boolean(),
  assisted: Type.Boolean(),
  namedBy: Type.Union([Type.String(), Type.Null()]),
  legs: Type.Array(
    strict({
      runKey: Type.Union([Type.String(), Type.Null()]),
      unitLabel: Name,
      plate: Type.Union([Type.String(), Type.Null()]),
      line: Type.Union([Name, Type.Null()]),
      boardedMs: EpochMs,
      fromStop: Type.Union([Name, Type.Null()]),
      toStop: Type.Union([Name, Type.Null()]),
      fromMs: EpochMs,
      toMs: EpochMs,
      minutes: Type.Number(),
      probability: Type.Number(),
      eem: Type.Union([Type.Number(), Type.Null()]),
      /** How the two stood to each other; null in older traces. */
      zone: Type.Union([Type.String(), Type.Null()]),
      /** How it is known where they got off, and where the case did. */
      basis: Type.String(),
      caseBasis: Type.Union([Type.String(), Type.Null()]),
      /** False: judged by scans and how long rides last, for want of a timeline. */
      timeline: Type.Boolean(),
      party: Type.Integer(),
      /** Why this ride can hardly have been made; it counts for nothing beside one without doubt. */
      doubts: Type.Array(RideDoubt),
    }),
  ),
  /** Every shared ride is doubtful and nobody included this person: not on the list, not to be told. */
  aside: Type.Boolean(),
  included: Type.Union([Inclusion, Type.Null()]),
  /** All reasons as one text, and one by one with codes that stay the same (docs/glossary.md). */
  reason: Words,
  reasons: Type.Array(strict({ code: Type.String(), text: Words })),
  message: MessageState,
  messageReason: Type.Union([Type.String(), Type.Null()]),
  /** Every attempt to reach this contact, oldest first, and what receipts said of them. */
  messageAttempts: Type.Array(
    strict({
      atMs: EpochMs,
      channel: Type.Union([Type.Literal('sms'), Type.Literal('wechat'), Type.Literal('mail')]),
      provider: Type.Union([Type.String(), Type.Null()]),
      outcome: Type.Union([
        Type.Literal('accepted'),
        Type.Literal('refused'),
        Type.Literal('unknown'),
        Type.Literal('delivered'),
        Type.Literal('undelivered'),
      ]),
      reason: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  receipt: Type.Union([Type.String(), Type.Null()]),
  outcome: Type.Union([Type.String(), Type.Null()]),
  /** Since when this contact is not found any more (a correction, an erased ride); kept because of what was done already. */
  droppedMs: Type.Union([EpochMs, Type.Null()]),
});
export type ContactView = Static<typeof ContactView>;
/** GET /cases/:caseId/contacts?after=&limit=&tier=&q=&aside= (≤ 500 a page). `aside=true`: those set aside instead of the list. */
export const ContactPage = strict({
  total: Type.Integer(),
  contacts: Type.Array(ContactView, { maxItems: 500 }),
  next: Type.Union([Type.Integer(), Type.Null()]),
});
export type ContactPage = Static<typeof ContactPage>;
/** POST /cases/:caseId/contacts/:contactId/reveal — assertion over SHA-256("reveal/1" ‖ canonical {contactId, reason}). */
export const RevealRequest = strict({ reason: Type.String({ minLength: 4, maxLength: 200 }), assertion: Assertion });
export const RevealReply = strict({
  value: Type.String(),
  reach: Type.Union([Type.String(), Type.Null()]),
  name: Type.String(),
  hideAfterMs: Type.Integer(),
});

/** POST /cases/:caseId/messages/preview → text and count; POST .../messages {batch, assertion}: approval by an approver over SHA-256("messages/1" ‖ canonical batch), outbox in the same transaction. */
export const MessageBatch = strict({
  batchId: Base64Url(16),
  contactIds: Type.Array(Type.String(), { minItems: 1, maxItems: 10_000 }),
  templateId: Type.String({ maxLength: 40 }),
  urgent: Type.Boolean(),
});
export type MessageBatch = Static<typeof MessageBatch>;
export const MessagePreview = strict({
  batchHash: Base64Url(32),
  text: Name,
  recipients: Type.Integer(),
  unreachable: Type.Integer(),
  parts: Type.Integer(),
});
export type MessagePreview = Static<typeof MessagePreview>;
export const ApproveMessages = strict({ batch: MessageBatch, assertion: Assertion });
export const ApproveReply = strict({ queued: Type.Integer(), skipped: Type.Integer() });
/** POST /cases/:caseId/messages/:contactId/resend {reason}: a person's decision about an uncertain message. POST .../contacts/:contactId/outcome {outcome}: reached, not reached with reason, handed to a named person. */
export const ResendRequest = strict({ reason: Type.String({ minLength: 4, maxLength: 200 }) });
export const OutcomeRequest = strict({
  outcome: Type.Union([Type.Literal('reached'), Type.Literal('not-reached'), Type.Literal('handed-over')]),
  detail: Type.String({ maxLength: 200 }),
});
