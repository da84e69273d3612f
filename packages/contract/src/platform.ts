// What phones say to the transport operator's platform. No cookie, no credential, nothing stable.
import { Type, type Static } from 'typebox';
import { Base64Url, Check, DayText, EpochMs, Name, RunBasis, UnitKind, strict } from './common.ts';

/**
 * POST /v1/rides: text/plain, base64url of the 225-byte record. 300 characters. The assist form posts to
 * `/v1/rides?via=assist`, which sorts the driver's count and proves nothing.
 */
export const RIDE_BODY_CHARS = 300;
/** POST /v1/rides/undo: text/plain, base64url of `d2 tag16 eraseK16` (34 bytes). Answers 204 whatever was found. */
export const UNDO_BODY_CHARS = 46;

/** The densest QR (version 40, L) holds 2,953 bytes. */
export const MAX_QR_CHARS = 3_000;

export const MAX_RUN_STOPS = 60;
/**
 * A stop of the run under way. `arr` and `dep` are minutes since the day's `not_before`. `at`: WGS 84 latitude and longitude
 * in ten-thousandths of a degree, absent where the operator's list has no position; the phone tells from it where the ride
 * before ended.
 */
export const RunStop = strict({
  seq: Type.Integer({ minimum: 0, maximum: 255 }),
  name: Name,
  arr: Type.Integer(),
  dep: Type.Integer(),
  at: Type.Optional(
    Type.Tuple([
      Type.Integer({ minimum: -900_000, maximum: 900_000 }),
      Type.Integer({ minimum: -1_800_000, maximum: 1_800_000 }),
    ]),
  ),
});
export const UnitView = strict({
  kind: UnitKind,
  plate: Type.Union([Type.String(), Type.Null()]),
  label: Name,
  shortCode: Type.String(),
});
export const LineView = strict({ id: Type.String(), name: Name, headsign: Type.Union([Name, Type.Null()]) });

/** Answer to a registered ride. `boardSeq` is the stop of the run where the ride seems to have begun. */
export const RideReceipt = strict({
  nowMs: EpochMs,
  boardedMs: EpochMs,
  unit: UnitView,
  line: Type.Union([LineView, Type.Null()]),
  run: Type.Union([
    Type.Null(),
    strict({
      key: Type.String(),
      boardSeq: Type.Integer({ minimum: 0, maximum: 255 }),
      stops: Type.Array(RunStop, { maxItems: MAX_RUN_STOPS }),
    }),
  ]),
  /** Count of heads registered in this run (or this day where there is no run), this ride included. */
  no: Type.Integer({ minimum: 1 }),
  check: Check,
  flags: Type.Array(
    Type.Union([
      Type.Literal('late'),
      Type.Literal('reuse'),
      Type.Literal('implausible'),
      /** The code was stuck to nothing at that minute; `unit` is the one nearest in time. */
      Type.Literal('unbound'),
      /** The unit has left the fleet. */
      Type.Literal('gone'),
    ]),
  ),
  /** How line and run are known. `usual`: the line is only the one this unit mostly serves. */
  basis: RunBasis,
});
export type RideReceipt = Static<typeof RideReceipt>;

/**
 * POST /v1/codes/resolve: a vehicle number typed by hand, or what another QR of the city says where it is bound to a code;
 * rate-limited per address, numbers also for all addresses together. `bad-short-code`: a typing mistake, by the check character. GET /v1/codes/:code answers the same `CodeView`:
 * what the passenger boards, for the card shown before the first registration. Vehicle data only.
 */
export const ResolveRequest = Type.Union([
  strict({ shortCode: Type.String({ minLength: 4, maxLength: 16 }) }),
  strict({ content: Type.String({ minLength: 1, maxLength: MAX_QR_CHARS }) }),
]);
export type ResolveRequest = Static<typeof ResolveRequest>;
export const CodeView = strict({ code: Base64Url(8), unit: UnitView, line: Type.Union([LineView, Type.Null()]) });
export type CodeView = Static<typeof CodeView>;

/** GET /v1/access-counts: how often, and how many rides, were handed over for approved orders, by local day. Public. */
export const AccessCounts = strict({
  days: Type.Array(
    strict({
      date: DayText,
      orders: Type.Integer(),
      match: Type.Integer(),
      fetch: Type.Integer(),
      refused: Type.Integer(),
      records: Type.Integer(),
    }),
    { maxItems: 400 },
  ),
});
export type AccessCounts = Static<typeof AccessCounts>;
