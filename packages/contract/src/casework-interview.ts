// What a case was told, what is probably missing, and what its trace says about runs: the interview and the findings of the
// casework console.
import { Type, type Static } from 'typebox';
import { DayText, EpochMs, Name, Words, strict } from './common.ts';

const orNull = Type.Union([Name, Type.Null()]);

/**
 * POST /cases/:caseId/interview/legs: a ride the case told of, in ids found by GET /network?q= (NetworkReply), with the names
 * it was told by. At least a line, a vehicle or a boarding stop (`bad-told`). Days outside the order are left out.
 */
export const ToldRide = strict({
  lineIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 5 }),
  line: orNull,
  dir: Type.Union([Type.Literal(0), Type.Literal(1), Type.Null()]),
  unitIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 5 }),
  vehicle: orNull,
  fromStops: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 }),
  from: orNull,
  toStops: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 }),
  to: orNull,
  /** Minute of the local day, from 1440 on after midnight, and how far off the memory may be. */
  minute: Type.Integer({ minimum: 0, maximum: 2_879 }),
  toleranceMin: Type.Integer({ minimum: 1, maximum: 360 }),
  of: Type.Union([Type.Literal('boarding'), Type.Literal('alighting')]),
  row: Type.Union([Type.Integer({ minimum: 1, maximum: 99 }), Type.Null()]),
  /** `weekdays`: 0 Monday to 6 Sunday. */
  days: strict({
    from: DayText,
    to: DayText,
    weekdays: Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), { minItems: 1, maxItems: 7 }),
    except: Type.Array(DayText, { maxItems: 21 }),
  }),
  note: Type.String({ maxLength: 200 }),
});
export type ToldRide = Static<typeof ToldRide>;
/**
 * POST /cases/:caseId/interview/legs/:legId/picks: which run it was on a day; `unitId` null: none of them. `runKey` null: by the
 * told time alone, for a vehicle without a timeline. A ride of its own counts against the order's extra windows (`order-limit`).
 * POST /cases/:caseId/interview/legs/:legId/remove {}. POST /cases/:caseId/interview/gaps/:gapId {confirmed}: a suggestion becomes a told
 * ride to pick for, or is put aside. Each answers the view.
 */
export const PickRequest = strict({
  day: DayText,
  runKey: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
  unitId: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
});
export type PickRequest = Static<typeof PickRequest>;
export const GapDecision = strict({ confirmed: Type.Boolean() });
/**
 * POST /cases/:caseId/interview/rides/:rideId: the case, asked, did not make this registered ride (a wrong vehicle, another's hand
 * on the phone); it counts for nothing, or again. Answers the view.
 */
export const StrikeRide = strict({ struck: Type.Boolean() });
/** POST /cases/:caseId/interview/number: nobody else uses the number of the case, or that was wrong. Answers the view. */
export const NumberUse = strict({ soleUser: Type.Boolean() });
/** GET /cases/:caseId/interview. Nothing is sought for a ride for which nobody picked. */
export const InterviewView = strict({
  legs: Type.Array(
    strict({
      legId: Type.String(),
      text: Words,
      note: Type.String(),
      by: Type.String(),
      atMs: EpochMs,
      days: Type.Array(
        strict({
          day: DayText,
          state: Type.Union([Type.Literal('sure'), Type.Literal('ambiguous'), Type.Literal('nothing-fits')]),
          /** That it was none of the candidates. */
          none: Type.Number(),
          candidates: Type.Array(
            strict({
              runKey: Type.String(),
              unitId: Type.String(),
              /** Its plate, or what it is called. */
              vehicle: Words,
              probability: Type.Number(),
              text: Words,
              /** The case is registered on this very run: a pick adds to that ride. */
              recorded: Type.Boolean(),
            }),
          ),
          /** Vehicles without a timeline that may be picked by the told time. */
          byTime: Type.Array(Type.String()),
          picked: Type.Union([
            strict({
              runKey: Type.Union([Type.String(), Type.Null()]),
              unitId: Type.Union([Type.String(), Type.Null()]),
              isNone: Type.Boolean(),
              by: Type.String(),
              atMs: EpochMs,
            }),
            Type.Null(),
          ]),
        }),
      ),
    }),
  ),
  /** Rides that are probably missing from the timeline. */
  gaps: Type.Array(
    strict({
      gapId: Type.String(),
      code: Type.String(),
      day: DayText,
      confidence: Type.Number(),
      text: Words,
      /** It can become a told ride at once. */
      canAsk: Type.Boolean(),
    }),
  ),
  /** Registrations that were probably made on a wrong vehicle. */
  wrong: Type.Array(
    strict({
      rideId: Type.String(),
      struck: Type.Boolean(),
      code: Type.String(),
      confidence: Type.Number(),
      text: Words,
    }),
  ),
  /** Its rides look like those of two people, or somebody asked and it has one user; null where there is nothing to ask. */
  number: Type.Union([
    strict({ soleUser: Type.Boolean(), probability: Type.Number(), text: Type.Union([Words, Type.Null()]) }),
    Type.Null(),
  ]),
  /** Rides of their own that the order still allows. */
  windowsLeft: Type.Integer({ minimum: 0 }),
});
export type InterviewView = Static<typeof InterviewView>;

/** GET /cases/:caseId/findings: what the trace says about runs, without a word about any fellow rider. */
export const FindingsView = strict({
  /** Per exposed run: who is registered, how many more were probably aboard (nine times of ten between lo and hi), a draft. */
  coverage: Type.Array(
    strict({
      runKey: Type.String(),
      unitLabel: Name,
      plate: Type.Union([Type.String(), Type.Null()]),
      line: orNull,
      fromStop: orNull,
      toStop: orNull,
      fromMs: EpochMs,
      toMs: EpochMs,
      registered: Type.Integer(),
      aboard: Type.Union([Type.Number(), Type.Null()]),
      unregistered: Type.Union([strict({ heads: Type.Number(), lo: Type.Integer(), hi: Type.Integer() }), Type.Null()]),
      advice: Type.Union([Type.Literal('public-notice'), Type.Literal('none'), Type.Literal('count-first')]),
      text: Words,
      /** Draft of a public notice, or why there is none. Publishing is another decision of other people. */
      notice: strict({ isDraft: Type.Boolean(), text: Words }),
    }),
  ),
  /** Runs on which the case can have been infected, by incubation, minutes and people aboard; empty without an onset. */
  backward: Type.Array(
    strict({
      runKey: Type.String(),
      unitLabel: Name,
      plate: Type.Union([Type.String(), Type.Null()]),
      line: orNull,
      day: DayText,
      fromMs: EpochMs,
      toMs: EpochMs,
      minutes: Type.Number(),
      heads: Type.Union([Type.Integer(), Type.Null()]),
      share: Type.Number(),
      text: Words,
    }),
  ),
});
export type FindingsView = Static<typeof FindingsView>;
