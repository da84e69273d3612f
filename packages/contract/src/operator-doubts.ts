// What the operator's console says of doubtful rides: how many, why, on which vehicles and in which hours. As noticed when
// they arrived; a trace judges them anew. No rider is in it.
import { Type, type Static } from 'typebox';
import { DayText, DoubtCount, EpochMs, RideDoubt, strict } from './common.ts';
import { HOURS, LineRef, UnitRef } from './operator.ts';

const Count = Type.Integer({ minimum: 0 });

/** One unit's doubtful rides of a day, by local hour of boarding. `unit` null: of stickers that were stuck to nothing. */
export const DoubtRow = strict({
  unit: Type.Union([UnitRef, Type.Null()]),
  line: Type.Union([LineRef, Type.Null()]),
  rides: Count,
  doubts: Type.Array(DoubtCount),
  hours: Type.Array(Count, { minItems: HOURS, maxItems: HOURS }),
});
export type DoubtRow = Static<typeof DoubtRow>;
/** GET /operator/api/doubts?date=&line=&doubt=&q=&after=&limit=: most doubtful rides first, of this doubt where one is named. */
export const DoubtQuery = strict({
  date: Type.Optional(DayText),
  line: Type.Optional(Type.String({ maxLength: 64 })),
  doubt: Type.Optional(RideDoubt),
  q: Type.Optional(Type.String({ maxLength: 60 })),
  after: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
});
export type DoubtQuery = Static<typeof DoubtQuery>;
export const DoubtList = strict({
  date: DayText,
  today: DayText,
  computedMs: EpochMs,
  /** Of the whole day, whatever the query looks for. `reused`: rides whose tag had been used before; no doubt by itself. */
  rides: Count,
  doubts: Type.Array(DoubtCount),
  reused: Count,
  /** Lines with doubtful rides, for the query. */
  lines: Type.Array(LineRef),
  rows: Type.Array(DoubtRow),
  next: Type.Union([Type.String(), Type.Null()]),
  total: Count,
});
export type DoubtList = Static<typeof DoubtList>;
