// What the casework console asks of the vault. The browser speaks to casework under /api with the same bodies; casework adds
// the actor from its session (`x-actor: person`, `x-role: role`) and passes on. Casework can open nothing.
import { Type, type Static } from 'typebox';
import { Base64Url, DayText, EpochMs, Name, RideDoubt, SubjectKind, strict, Words } from './common.ts';
import { Assertion, RosterKey } from './internal.ts';

/** POST /api/session {account,password} · GET · DELETE. Demo accounts are printed at start. */
export const CaseworkSession = strict({
  person: Type.String(),
  name: Name,
  role: Type.Union([Type.Literal('tracer'), Type.Literal('approver'), Type.Literal('officer')]),
  demo: Type.Boolean(),
  zone: Type.String(),
  keyIds: Type.Array(Type.String()),
});
export type CaseworkSession = Static<typeof CaseworkSession>;

/** A date known to a day, or to lie between two; both included. */
export const DateRange = strict({ from: DayText, to: DayText });
export type DateRange = Static<typeof DateRange>;
const known = Type.Union([DateRange, Type.Null()]);
/**
 * What is known of the illness, as far as it decides the days and the zone: null where nobody knows (yet). `infectious` is
 * set by a clinician where the policy asks for it.
 */
export const CaseFacts = strict({
  onset: known,
  sample: known,
  rash: known,
  infectious: known,
  /** Null: not isolated yet. */
  isolatedMs: Type.Union([EpochMs, Type.Null()]),
  /** High fever, sneezing, coughing or vomiting on the way. */
  severe: Type.Boolean(),
  /** Both sides wore masks throughout; null: nobody asked. */
  masked: Type.Union([Type.Boolean(), Type.Null()]),
});
export type CaseFacts = Static<typeof CaseFacts>;
/** Nothing is known. */
export const NO_FACTS = {
  onset: null,
  sample: null,
  rash: null,
  infectious: null,
  isolatedMs: null,
  severe: false,
  masked: null,
} as const;

/** A rule as a case and a trace name it. */
export const PolicyRef = strict({
  id: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  pathogen: Type.String(),
  jurisdiction: Type.String(),
  name: Name,
});
export type PolicyRef = Static<typeof PolicyRef>;
/** GET /policies → rules known to the vault; those in force today first. `sources`: where each field comes from. */
export const PolicyView = strict({
  ...PolicyRef.properties,
  validFrom: DayText,
  validTo: Type.Union([DayText, Type.Null()]),
  inForce: Type.Boolean(),
  /** Taken where a case names none. */
  isDefault: Type.Boolean(),
  /** Which of the dates counts, the first that is known; days before it, and after it (null: until isolation). */
  anchors: Type.Array(Type.String()),
  beforeDays: Type.Integer(),
  afterDays: Type.Union([Type.Integer(), Type.Null()]),
  minOverlapMin: Type.Number(),
  followUpDays: Type.Integer(),
  /** False: the rule's sources do not ask for tracing in city transport; whoever traces does so knowingly. */
  urbanByDefault: Type.Boolean(),
  /** Contacts of contacts are sought, where the order allows it. */
  secondary: Type.Boolean(),
  remarks: Type.Array(Words),
  sources: Type.Array(strict({ fields: Type.Array(Type.String()), text: Type.String(), standing: Type.String() })),
});
export type PolicyView = Static<typeof PolicyView>;
export const PoliciesReply = strict({ policies: Type.Array(PolicyView) });

export const CaseStatus = Type.Union([Type.Literal('suspected'), Type.Literal('confirmed'), Type.Literal('ruled-out')]);
/** POST /cases */
export const NewCase = strict({
  caseNo: Type.String({ minLength: 1, maxLength: 40 }),
  status: CaseStatus,
  purpose: Type.Union([Type.Literal('trace'), Type.Literal('itinerary'), Type.Literal('exercise')]),
  subjects: Type.Array(strict({ kind: SubjectKind, value: Type.String({ minLength: 3, maxLength: 24 }) }), {
    minItems: 1,
    maxItems: 3,
  }),
  from: DayText,
  to: DayText,
  note: Type.Optional(Type.String({ maxLength: 500 })),
  /** Without them the days of the case are the days that count. */
  facts: Type.Optional(CaseFacts),
  /** The rule is the one in force on the day of entry (`no-policy`); without it the city's default. */
  policy: Type.Optional(
    strict({
      pathogen: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
      jurisdiction: Type.String({ pattern: '^[A-Z0-9-]{2,12}$' }),
    }),
  ),
});
export type NewCase = Static<typeof NewCase>;

/** POST /cases/:caseId/facts: a date was wrong, or is known by now. A finished trace that is watched is carried out anew. */
export const CorrectFacts = strict({ facts: CaseFacts });

export const OrderState = Type.Union([
  Type.Literal('awaiting-signatures'),
  Type.Literal('signed'),
  Type.Literal('running'),
  Type.Literal('done'),
  Type.Literal('failed'),
  Type.Literal('expired'),
]);
export const OrderView = strict({
  orderHash: Base64Url(32),
  orderId: Base64Url(16),
  state: OrderState,
  askedMs: EpochMs,
  expiresMs: EpochMs,
  signedMs: Type.Union([EpochMs, Type.Null()]),
  fromDay: DayText,
  toDay: DayText,
  maxRides: Type.Integer(),
  maxRecords: Type.Integer(),
  /** 2: contacts of close contacts are sought as well. */
  depth: Type.Integer({ minimum: 1, maximum: 2 }),
  signatures: Type.Array(
    strict({ person: Type.String(), role: Type.String(), keyId: Type.String(), atMs: EpochMs, demo: Type.Boolean() }),
  ),
  failure: Type.Union([Type.String(), Type.Null()]),
});
export type OrderView = Static<typeof OrderView>;
/** A case in a list: subjects masked. */
export const CaseView = strict({
  caseId: Type.String(),
  caseNo: Type.String(),
  status: CaseStatus,
  purpose: Type.String(),
  subjects: Type.Array(strict({ kind: SubjectKind, masked: Type.String() })),
  from: DayText,
  to: DayText,
  facts: Type.Union([CaseFacts, Type.Null()]),
  /** Null in cases of before policies were kept. */
  policy: Type.Union([PolicyRef, Type.Null()]),
  enteredBy: Type.String(),
  enteredMs: EpochMs,
  closedMs: Type.Union([EpochMs, Type.Null()]),
  destroyByMs: EpochMs,
  order: Type.Union([OrderView, Type.Null()]),
  counts: strict({
    rides: Type.Integer(),
    runs: Type.Integer(),
    records: Type.Integer(),
    verified: Type.Integer(),
    contacts: Type.Integer(),
    close: Type.Integer(),
    /** Rides of the case, and people whose every shared ride is doubtful, that are set aside. */
    ridesAside: Type.Integer(),
    contactsAside: Type.Integer(),
    messages: Type.Integer(),
    delivered: Type.Integer(),
    failed: Type.Integer(),
  }),
});
export type CaseView = Static<typeof CaseView>;

/** POST /cases/:caseId/orders → OrderView. POST /orders/:orderHash/signatures → OrderView; the second one in another role starts the trace. */
export const SignOrder = strict({ assertion: Assertion });
/** Somebody took in what was set aside. */
export const Inclusion = strict({ by: Type.String(), atMs: EpochMs, reason: Type.String() });
export type Inclusion = Static<typeof Inclusion>;
/** GET /cases/:caseId/trace. Steps carry machine time. */
export const TraceView = strict({
  state: OrderState,
  totalMs: Type.Integer(),
  steps: Type.Array(
    strict({
      step: Type.Union([
        Type.Literal('log'),
        Type.Literal('match'),
        Type.Literal('windows'),
        Type.Literal('fetch'),
        Type.Literal('open'),
        Type.Literal('rank'),
      ]),
      ms: Type.Integer(),
      count: Type.Integer(),
    }),
  ),
  rides: Type.Array(
    strict({
      rideId: Type.String(),
      boardedMs: EpochMs,
      alightMs: Type.Union([EpochMs, Type.Null()]),
      unitLabel: Name,
      plate: Type.Union([Type.String(), Type.Null()]),
      line: Type.Union([Name, Type.Null()]),
      runKey: Type.Union([Type.String(), Type.Null()]),
      boardStop: Type.Union([Name, Type.Null()]),
      alightStop: Type.Union([Name, Type.Null()]),
      /** Stops between which it ended, where it is known to so much and no better. */
      alightBetween: Type.Union([Type.Array(Name, { minItems: 2, maxItems: 2 }), Type.Null()]),
      basis: Type.String(),
      verified: Type.Boolean(),
      contacts: Type.Integer(),
      /** Nobody registered it: the case told of it, and an investigator picked the run. */
      told: Type.Boolean(),
      /** The case says that it made no such ride: it counts for nothing. */
      struck: Type.Boolean(),
      /** Why it can hardly have been made. A doubtful ride opens no window unless somebody included it. */
      doubts: Type.Array(RideDoubt),
      included: Type.Union([Inclusion, Type.Null()]),
    }),
  ),
  /** Doubtful rides of others in the windows, too many to be handed over. */
  withheld: Type.Integer(),
  /** By what and from what the list was made; null in traces of before that was kept. */
  rule: Type.Union([
    strict({
      policy: PolicyRef,
      engine: Type.String(),
      /** Version of what rides are like here. */
      priors: Type.String(),
      /** SHA-256 of rides, runs and facts, hex: the same again gives the same list. */
      digest: Type.String(),
      /** The days that counted; null: none did. */
      fromMs: Type.Union([EpochMs, Type.Null()]),
      toMs: Type.Union([EpochMs, Type.Null()]),
      /** No date of the illness was known: the days of the order counted. */
      byOrder: Type.Boolean(),
      /** For the order's limit, other carriages or contacts of contacts were not looked at in full. */
      isNarrowed: Type.Boolean(),
    }),
    Type.Null(),
  ]),
  /**
   * What became of the trace after it was done, oldest first. `corrected`: the operator corrected which run a vehicle
   * made; `rides` were moved, contacts added, removed, kept though no longer found (they have been told), changed.
   * `doubts`: `rides` of the case are doubtful now or are so no longer; `included`: somebody took some in, or out again;
   * `facts`: a date of the case was corrected; `interview`: what it told was added to or changed. Of those changed,
   * `upgraded` and `downgraded` moved to another tier.
   */
  history: Type.Array(
    strict({
      kind: Type.Union([
        Type.Literal('corrected'),
        Type.Literal('late-rides'),
        Type.Literal('doubts'),
        Type.Literal('included'),
        Type.Literal('facts'),
        Type.Literal('interview'),
      ]),
      atMs: EpochMs,
      rides: Type.Integer(),
      added: Type.Integer(),
      removed: Type.Integer(),
      kept: Type.Integer(),
      changed: Type.Integer(),
      upgraded: Type.Integer(),
      downgraded: Type.Integer(),
    }),
  ),
});
export type TraceView = Static<typeof TraceView>;

/**
 * POST /cases/:caseId/rides/:rideId/include: a doubtful ride of the case opens its window after all, which counts against
 * the order's extra windows (`order-limit`); the trace is carried out anew. POST /cases/:caseId/contacts/include: people who
 * were set aside join the list. `included` false takes either out again; nobody leaves the list who was told or called.
 */
const inclusion = { included: Type.Boolean(), reason: Type.String({ minLength: 4, maxLength: 200 }) };
export const IncludeRide = strict(inclusion);
export const IncludeContacts = strict({
  ...inclusion,
  contactIds: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 10_000 }),
});
export type IncludeContacts = Static<typeof IncludeContacts>;

/** POST /cases/:caseId/close {}: K_case is destroyed. */

/** GET /keys → living days and what is destroyed when. GET /log?from=&limit= → entries. GET /roster. */
export const KeyDay = strict({
  day: DayText,
  state: Type.Union([Type.Literal('future'), Type.Literal('living'), Type.Literal('destroyed')]),
  destroyedMs: Type.Union([EpochMs, Type.Null()]),
  destroyOn: DayText,
});
export const KeysReply = strict({
  days: Type.Array(KeyDay),
  retentionDays: Type.Integer(),
  /** The vault's clock: which day it is does not depend on the computer before which somebody sits. */
  nowMs: EpochMs,
});
export type KeysReply = Static<typeof KeysReply>;
export const LogView = strict({
  size: Type.Integer(),
  checkpoint: Type.String(),
  entries: Type.Array(strict({ index: Type.Integer(), atMs: EpochMs, kind: Type.String(), detail: Type.String() })),
});
export type LogView = Static<typeof LogView>;
/** POST /roster/pending: a new passkey waiting for the root ceremony (signed at once in demo mode). GET /roster → keys. */
export const PendingKey = strict({
  keyId: RosterKey.properties.keyId,
  role: RosterKey.properties.role,
  person: RosterKey.properties.person,
  publicKey: RosterKey.properties.publicKey,
});
export const RosterReply = strict({
  version: Type.Integer(),
  keys: Type.Array(RosterKey),
  pending: Type.Array(PendingKey),
});
export type RosterReply = Static<typeof RosterReply>;
/** Casework only — passkeys of the signed-in person: POST /api/passkeys/options → PublicKeyCredentialCreationOptionsJSON; POST /api/passkeys {response}. POST /api/demo/sign {hash}: demo mode, signs with the session's development key → Assertion. GET /api/events: server-sent `case` {caseId}, `contacts` {caseId}, `keys`. */
export const DemoSign = strict({ hash: Base64Url(32) });
