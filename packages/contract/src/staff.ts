// What the staff page says to the platform. Cookie session; same origin.
import { Type, type Static } from 'typebox';
import { Base64Url, Check, EpochMs, Name, RunBasis, strict } from './common.ts';
import { LineView, MAX_QR_CHARS, UnitView } from './platform.ts';

/** POST /staff/session */
export const StaffSignIn = strict({
  account: Type.String({ minLength: 1, maxLength: 64 }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
});

export const DirectionChoice = strict({ dir: Type.Integer({ minimum: 0, maximum: 1 }), headsign: Name });
export const Shift = strict({
  shiftId: Type.Integer(),
  unit: UnitView,
  code: Base64Url(8),
  line: Type.Union([LineView, Type.Null()]),
  /** How `line` is known; `usual`: only that this unit mostly serves it. */
  basis: RunBasis,
  directions: Type.Array(DirectionChoice),
  trip: Type.Union([Type.Null(), strict({ tripId: Type.Integer(), dir: Type.Integer(), startedMs: EpochMs })]),
  startedMs: EpochMs,
});
export type Shift = Static<typeof Shift>;
/** GET/POST /staff/session reply. `zone` is the authority's IANA zone. */
export const StaffSession = strict({
  account: Type.String(),
  name: Name,
  role: Type.Union([Type.Literal('driver'), Type.Literal('station'), Type.Literal('admin')]),
  zone: Type.String(),
  registrarUrl: Type.String(),
  demo: Type.Boolean(),
  shift: Type.Union([Shift, Type.Null()]),
});
export type StaffSession = Static<typeof StaffSession>;

/**
 * POST /staff/shifts: take a vehicle by typed short code, a scanned URL, the code itself, or what another QR on the
 * vehicle says where it is bound to a code. Closes the previous shift of the unit.
 */
export const TakeShift = strict({ code: Type.String({ minLength: 4, maxLength: MAX_QR_CHARS }) });
/** POST /staff/shifts/:shiftId/trip starts a trip → Shift · DELETE the same ends it → ShiftSummary · DELETE /staff/shifts/:shiftId hands the vehicle back → ShiftSummary. */
export const StartTrip = strict({ dir: Type.Integer({ minimum: 0, maximum: 1 }) });
/** Summary when a trip or shift ends. */
export const ShiftSummary = strict({
  heads: Type.Integer(),
  scanned: Type.Integer(),
  assisted: Type.Integer(),
  late: Type.Integer(),
  startedMs: EpochMs,
  endedMs: EpochMs,
});
export type ShiftSummary = Static<typeof ShiftSummary>;

/** POST /staff/shifts/:shiftId/assist-token. `url` is the registrar's assist form with the token in the fragment. */
export const AssistToken = strict({ token: Type.String(), url: Type.String(), expiresMs: EpochMs });
export type AssistToken = Static<typeof AssistToken>;

/** One registration on the driver's screen: no person in it. */
export const LiveRide = strict({
  /** Position in this shift's live sequence, for as long as that lasts. */
  seq: Type.Integer(),
  boardedMs: EpochMs,
  receivedMs: EpochMs,
  check: Check,
  heads: Type.Integer({ minimum: 1 }),
  assisted: Type.Boolean(),
  late: Type.Boolean(),
  undone: Type.Boolean(),
});
export type LiveRide = Static<typeof LiveRide>;
/** A registration as it comes: `total` are the heads the screen shows with it, of the trip or else of the shift. */
export const LiveRideEvent = strict({ ...LiveRide.properties, total: Type.Integer() });
export type LiveRideEvent = Static<typeof LiveRideEvent>;
/** A registration that was taken back; `seq` 0 is none of those shown, of which only `total` tells. */
export const LiveUndo = strict({ seq: Type.Integer(), total: Type.Integer() });
export type LiveUndo = Static<typeof LiveUndo>;
/**
 * GET /staff/shifts/:shiftId/live — server-sent events: `state` (LiveState) first, then `ride` (LiveRideEvent), `undo`
 * (LiveUndo), `trip` (LiveState), `closed`. `state` may come again and takes the place of everything before. Last-Event-ID
 * resumes. GET .../live.json is the same state for the 5 s fallback.
 */
export const LiveState = strict({
  heads: Type.Integer(),
  rides: Type.Array(LiveRide, { maxItems: 50 }),
  shift: Shift,
  nowMs: EpochMs,
});
export type LiveState = Static<typeof LiveState>;
