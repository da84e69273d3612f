// What the servers say to each other, on internal listeners only.
import { Type, type Static } from 'typebox';
import {
  Base64Url,
  Base64UrlUpTo,
  Day,
  DayText,
  EpochMs,
  Name,
  RideDoubt,
  RunBasis,
  UnitKind,
  strict,
} from './common.ts';
import { Bundle } from './registrar.ts';

/** GET P /internal/identity → P's relay key, its address, and the Ed25519 public key that checks assist tokens. */
export const PlatformIdentity = strict({ relayPk: Base64Url(65), platformUrl: Type.String(), assistPk: Base64Url(32) });
export type PlatformIdentity = Static<typeof PlatformIdentity>;

/** V → R → P: one day's admission key, signed by V (Ed25519 over canonical JSON without `signature`). `retire` days are destroyed by the receiver. */
export const AdmissionKey = strict({
  iss: Type.Integer(),
  day: Day,
  kAdm: Base64Url(32),
  issuedMs: EpochMs,
  signature: Base64Url(64),
});
export type AdmissionKey = Static<typeof AdmissionKey>;
/** POST P /internal/keys · POST R /internal/keys. R forwards `admission` to P. Receivers drop what is past its life by their own clock too. */
export const PlatformKeys = strict({ admission: Type.Array(AdmissionKey, { maxItems: 40 }) });
export const RegistrarKeys = strict({
  days: Type.Array(strict({ day: Day, kTag: Base64Url(32), bundle: Bundle, admission: AdmissionKey }), {
    maxItems: 40,
  }),
  signP256: Base64Url(65),
  signEd25519: Base64Url(32),
});
export type RegistrarKeys = Static<typeof RegistrarKeys>;

/** POST P /internal/relay: what is due this hour, shuffled. Each item is 153 bytes. */
export const RelayBatch = strict({ items: Type.Array(Base64Url(153), { maxItems: 5000 }) });
export const RelayOutcome = strict({ accepted: Type.Integer(), refused: Type.Integer() });

/** POST P /internal/roster: staff keys signed by the root key (Ed25519 over canonical JSON without `signature`). */
export const RosterKey = strict({
  keyId: Type.String({ maxLength: 400 }),
  role: Type.Union([Type.Literal('tracer'), Type.Literal('approver'), Type.Literal('officer')]),
  person: Type.String({ maxLength: 64 }),
  publicKey: Base64UrlUpTo(400),
  demo: Type.Boolean(),
});
export type RosterKey = Static<typeof RosterKey>;
export const Roster = strict({
  iss: Type.Integer(),
  version: Type.Integer(),
  origin: Type.String(),
  rpId: Type.String(),
  issuedMs: EpochMs,
  keys: Type.Array(RosterKey, { maxItems: 500 }),
  signature: Base64Url(64),
});
export type Roster = Static<typeof Roster>;

/** A WebAuthn assertion over an order hash (challenge). All base64url as browsers give them. */
export const Assertion = strict({
  keyId: Type.String({ maxLength: 400 }),
  authenticatorData: Base64UrlUpTo(1024),
  clientDataJson: Base64UrlUpTo(2048),
  signature: Base64UrlUpTo(512),
});
export type Assertion = Static<typeof Assertion>;

export const TraceOrder = strict({
  orderId: Base64Url(16),
  iss: Type.Integer(),
  authority: Type.String(),
  purpose: Type.Union([Type.Literal('trace'), Type.Literal('itinerary'), Type.Literal('exercise')]),
  status: Type.Union([Type.Literal('suspected'), Type.Literal('confirmed'), Type.Literal('ruled-out')]),
  fromDay: Day,
  toDay: Day,
  subjects: Type.Integer({ minimum: 1, maximum: 3 }),
  maxRides: Type.Integer(),
  maxRecords: Type.Integer(),
  maxExtraWindows: Type.Integer(),
  watchUntilMs: EpochMs,
  depth: Type.Integer({ minimum: 1, maximum: 2 }),
  issuedMs: EpochMs,
  expiresMs: EpochMs,
  caseCommitment: Base64Url(32),
  subjectCommitments: Type.Array(Base64Url(32), { maxItems: 3 }),
});
export type TraceOrder = Static<typeof TraceOrder>;

/** Envelope of V's requests to P: Ed25519 by sign_auth over canonical JSON of everything but `signature`. */
const signed = { issuedMs: EpochMs, nonce: Base64Url(16), signature: Base64Url(64) };
export const MatchRequest = strict({
  order: TraceOrder,
  assertions: Type.Array(Assertion, { minItems: 2, maxItems: 3 }),
  tags: Type.Array(strict({ day: Day, tags: Type.Array(Base64Url(16), { maxItems: 960 }) }), { maxItems: 21 }),
  logIndex: Type.Integer(),
  /** The log's line at logIndex: canonical JSON with kind 'order' and this order's `orderHash` (base64url). */
  logEntry: Type.String({ maxLength: 2000 }),
  checkpoint: Type.String({ maxLength: 2000 }),
  inclusion: Type.Array(Base64Url(32), { maxItems: 64 }),
  consistency: Type.Array(Base64Url(32), { maxItems: 64 }),
  consistencyFrom: Type.Integer(),
  ...signed,
});
export type MatchRequest = Static<typeof MatchRequest>;
/** GET P /internal/checkpoint → size and root P last verified, so that V can prove consistency. */
export const KnownCheckpoint = strict({ size: Type.Integer(), root: Type.Union([Base64Url(32), Type.Null()]) });
export type KnownCheckpoint = Static<typeof KnownCheckpoint>;

export const TraceWindow = strict({
  unitId: Type.String({ maxLength: 64 }),
  fromMs: EpochMs,
  toMs: EpochMs,
  /**
   * `ride`: around a ride of the case; near none without doubt, it counts against the order's extra windows. The others
   * always do: `interview`, what a person told; `included`, around a doubtful ride a tracer took in knowingly.
   */
  reason: Type.Union([Type.Literal('ride'), Type.Literal('interview'), Type.Literal('included')]),
});
export type TraceWindow = Static<typeof TraceWindow>;
export const FetchRequest = strict({
  orderHash: Base64Url(32),
  windows: Type.Array(TraceWindow, { maxItems: 500 }),
  ...signed,
});
export type FetchRequest = Static<typeof FetchRequest>;

export const TraceRide = strict({
  code: Base64Url(8),
  unitId: Type.Union([Type.String(), Type.Null()]),
  suite: Type.Integer(),
  iss: Type.Integer(),
  day: Day,
  w2: Type.Integer(),
  tag: Base64Url(16),
  eraseC: Base64Url(16),
  sealed: Base64Url(129),
  boardedMs: EpochMs,
  receivedS: Type.Integer(),
  /** The run as known now, which may be another one than was answered to the phone. */
  runKey: Type.Union([Type.String(), Type.Null()]),
  boardSeq: Type.Union([Type.Integer(), Type.Null()]),
  basis: RunBasis,
  flags: Type.Integer(),
  /** Why it can hardly have been made, by what is known now; empty: nothing speaks against it. */
  doubts: Type.Array(RideDoubt, { maxItems: 8 }),
  notes: Type.Array(strict({ idx: Type.Integer({ minimum: 0, maximum: 2 }), ct: Base64Url(32) }), { maxItems: 3 }),
});
export type TraceRide = Static<typeof TraceRide>;
export const TraceRun = strict({
  runKey: Type.String(),
  unitIds: Type.Array(Type.String()),
  vehicleId: Type.String(),
  line: Type.Union([strict({ id: Type.String(), name: Name, headsign: Type.Union([Name, Type.Null()]) }), Type.Null()]),
  /** `measured`: by the vehicle's positions; the others are the timetable's, shifted where the delay is known. */
  stops: Type.Array(
    strict({ seq: Type.Integer(), name: Name, arrMs: EpochMs, depMs: EpochMs, measured: Type.Boolean() }),
    { maxItems: 255 },
  ),
  heads: Type.Integer(),
  /** How it is known that the vehicle made this run. */
  basis: RunBasis,
  measured: Type.Boolean(),
});
export type TraceRun = Static<typeof TraceRun>;
export const TraceUnit = strict({
  unitId: Type.String(),
  kind: UnitKind,
  plate: Type.Union([Type.String(), Type.Null()]),
  label: Name,
  vehicleId: Type.String(),
  capacity: Type.Integer(),
});
export type TraceUnit = Static<typeof TraceUnit>;
export const TraceShift = strict({
  unitId: Type.String(),
  staffRef: Type.String(),
  fromMs: EpochMs,
  toMs: Type.Union([EpochMs, Type.Null()]),
});
/**
 * Answer of both match and fetch. `revision`: everything relabelled up to this number is in it. `withheld`: doubtful rides
 * in the windows that were too many to be handed over; rides without doubt are all there or the request is refused.
 */
export const TraceReply = strict({
  revision: Type.Integer({ minimum: 0 }),
  withheld: Type.Integer({ minimum: 0 }),
  rides: Type.Array(TraceRide),
  runs: Type.Array(TraceRun),
  units: Type.Array(TraceUnit),
  shifts: Type.Array(TraceShift),
});
export type TraceReply = Static<typeof TraceReply>;
/**
 * GET P /internal/orders/:orderHash/revision?since= → whether rides near what the order matched were relabelled after
 * `since`: the last such number (`since` when there is none) and how many rides. Refused once the order is over.
 */
export const OrderRevision = strict({ revision: Type.Integer({ minimum: 0 }), rides: Type.Integer({ minimum: 0 }) });
export type OrderRevision = Static<typeof OrderRevision>;

/** V → R: notices, daily lists, the public log. GET R /internal/receipts?afterMs= gives receipts at or after that time, oldest first, at most 5,000. */
export const NoticePush = strict({
  notices: Type.Array(strict({ id: Base64Url(16), blob: Base64UrlUpTo(8192), expiresMs: EpochMs }), { maxItems: 2000 }),
});
export const ReceiptsReply = strict({
  receipts: Type.Array(strict({ id: Base64Url(16), outcome: Type.String(), atMs: EpochMs })),
});
export const ListPush = strict({
  kind: Type.Union([Type.Literal('expo1'), Type.Literal('notice1')]),
  date: DayText,
  values: Base64UrlUpTo(1_000_000),
});
export const LogPush = strict({
  from: Type.Integer(),
  entries: Type.Array(Type.String(), { maxItems: 1000 }),
  checkpoint: Type.String(),
});
export type LogPush = Static<typeof LogPush>;
