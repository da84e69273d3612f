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
  UnitAir,
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
  /** `tags`: 16 bytes each, one behind the other, at most 960 a day; a text for each took more time than looking them up. */
  tags: Type.Array(strict({ day: Day, tags: Base64UrlUpTo(960 * 16) }), { maxItems: 21 }),
  logIndex: Type.Integer(),
  /** The log's line at logIndex: canonical JSON with kind 'order' and this order's `orderHash` (base64url). */
  logEntry: Type.String({ maxLength: 2000 }),
  /** Of a head of the log that P has been shown, and the entry's path to its root. */
  logSize: Type.Integer(),
  inclusion: Type.Array(Base64Url(32), { maxItems: 64 }),
  ...signed,
});
export type MatchRequest = Static<typeof MatchRequest>;
/**
 * POST P /internal/log-head: a head of the public log, and that it continues the one of `consistencyFrom` entries, the largest P has
 * been shown. Signed by the log itself, so in no envelope.
 */
export const LogHead = strict({
  checkpoint: Type.String({ maxLength: 2000 }),
  consistency: Type.Array(Base64Url(32), { maxItems: 64 }),
  consistencyFrom: Type.Integer(),
});
export type LogHead = Static<typeof LogHead>;
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
  /** Of somebody who works on board: until when at the latest, by the shift under way; null of a passenger. */
  crewUntilMs: Type.Union([EpochMs, Type.Null()]),
  notes: Type.Array(strict({ idx: Type.Integer({ minimum: 0, maximum: 2 }), ct: Base64Url(32) }), { maxItems: 3 }),
});
export type TraceRide = Static<typeof TraceRide>;
/**
 * Where the times of a stop come from: positions out of a file of the vehicles' own system (`avl`), the driver who set out
 * and arrived (`trip`), live positions (`gtfs-rt`), the timetable, shifted where the delay is known (`schedule`), or
 * nothing but moments at which many scanned (`scan-burst`).
 */
export const StopTimeSource = Type.Union([
  Type.Literal('avl'),
  Type.Literal('trip'),
  Type.Literal('gtfs-rt'),
  Type.Literal('schedule'),
  Type.Literal('scan-burst'),
]);
export type StopTimeSource = Static<typeof StopTimeSource>;
export const TraceRun = strict({
  runKey: Type.String(),
  unitIds: Type.Array(Type.String()),
  vehicleId: Type.String(),
  lineId: Type.Union([Type.String(), Type.Null()]),
  dir: Type.Union([Type.Literal(0), Type.Literal(1), Type.Null()]),
  line: Type.Union([strict({ id: Type.String(), name: Name, headsign: Type.Union([Name, Type.Null()]) }), Type.Null()]),
  /** In order of travel. WGS 84; null where the stop's place, or which stop it is, is not known. */
  stops: Type.Array(
    strict({
      seq: Type.Integer(),
      stopId: Type.Union([Type.String(), Type.Null()]),
      name: Name,
      lat: Type.Union([Type.Number(), Type.Null()]),
      lon: Type.Union([Type.Number(), Type.Null()]),
      arrMs: EpochMs,
      depMs: EpochMs,
      source: StopTimeSource,
    }),
    { maxItems: 255 },
  ),
  /** Heads registered on the vehicle in this run. */
  heads: Type.Integer(),
  /** Heads that were probably aboard, by what the operator counted on the line in that hour; null: nobody counted. */
  estimated: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  /** How it is known that the vehicle made this run. */
  basis: RunBasis,
});
export type TraceRun = Static<typeof TraceRun>;
export const TraceUnit = strict({
  unitId: Type.String(),
  kind: UnitKind,
  plate: Type.Union([Type.String(), Type.Null()]),
  label: Name,
  vehicleId: Type.String(),
  /** Position in the train; null where there is none. */
  carriageNo: Type.Union([Type.Integer(), Type.Null()]),
  capacity: Type.Integer(),
  /** How the air is kept, and outside air a person and second, where the operator's list says so. */
  air: Type.Union([UnitAir, Type.Null()]),
  litresPerSecond: Type.Union([Type.Number(), Type.Null()]),
  /** Of a station: the stops at which its riders board. */
  stopIds: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
});
export type TraceUnit = Static<typeof TraceUnit>;
/** What a code was stuck to, from `fromMs` (inclusive) until `toMs` (exclusive; null: still). */
export const TraceBinding = strict({
  code: Base64Url(8),
  unitId: Type.String(),
  fromMs: EpochMs,
  toMs: Type.Union([EpochMs, Type.Null()]),
});
export type TraceBinding = Static<typeof TraceBinding>;
/** Boardings of a line's stop by local hour (24 numbers), summed over the days that are kept; cells below ten are 0. */
export const TraceBoardings = strict({
  lineId: Type.String(),
  dir: Type.Union([Type.Literal(0), Type.Literal(1)]),
  stopId: Type.String(),
  name: Name,
  hours: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 24, maxItems: 24 }),
});
export type TraceBoardings = Static<typeof TraceBoardings>;
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
  /** Of the codes of these rides and units, as far as they touch the times asked about. */
  bindings: Type.Array(TraceBinding, { maxItems: 10_000 }),
  shifts: Type.Array(TraceShift),
  /** Of the lines of these runs, both directions: where riders of one direction board, those of the other get off. */
  boardings: Type.Array(TraceBoardings, { maxItems: 20_000 }),
});
export type TraceReply = Static<typeof TraceReply>;
/**
 * POST P /internal/runs: which runs there were, by line or unit, so that a ride somebody told of can be found among them. No
 * ride is in the answer; it names an order all the same, whose days it must lie in.
 */
export const RunsRequest = strict({
  orderHash: Base64Url(32),
  lineIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 }),
  unitIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 }),
  /** At most 30 hours apart. */
  fromMs: EpochMs,
  toMs: EpochMs,
  ...signed,
});
export type RunsRequest = Static<typeof RunsRequest>;
/** Runs under way in the time, in order of departure; `more`: there were more than are told. */
export const RunsReply = strict({
  runs: Type.Array(TraceRun, { maxItems: 300 }),
  units: Type.Array(TraceUnit),
  more: Type.Boolean(),
});
export type RunsReply = Static<typeof RunsReply>;
/** GET P /internal/network?q= → lines and vehicles as people call them; what anybody can read at a stop. */
export const NetworkReply = strict({
  lines: Type.Array(
    strict({
      id: Type.String(),
      name: Name,
      shortName: Type.String(),
      directions: Type.Array(
        strict({
          dir: Type.Union([Type.Literal(0), Type.Literal(1)]),
          headsign: Name,
          stops: Type.Array(strict({ stopId: Type.String(), name: Name }), { maxItems: 255 }),
        }),
      ),
    }),
    { maxItems: 20 },
  ),
  units: Type.Array(
    strict({
      unitId: Type.String(),
      kind: UnitKind,
      label: Name,
      plate: Type.Union([Type.String(), Type.Null()]),
      line: Type.Union([Name, Type.Null()]),
    }),
    { maxItems: 20 },
  ),
});
export type NetworkReply = Static<typeof NetworkReply>;
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
