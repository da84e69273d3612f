// Shapes shared by several interfaces.
import { Type, type Static, type TObject, type TProperties } from 'typebox';

/** An object whose unknown fields are refused. */
export function strict<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties, { additionalProperties: false });
}

/** Sentences in both languages. */
export const Words = strict({ zh: Type.String({ maxLength: 4_000 }), en: Type.String({ maxLength: 4_000 }) });
export const Name = strict({ zh: Type.String({ maxLength: 120 }), en: Type.String({ maxLength: 120 }) });
export type Name = Static<typeof Name>;

/** base64url without padding, of exactly `bytes` bytes. */
export function Base64Url(bytes: number) {
  const length = Math.ceil((bytes * 4) / 3);
  return Type.String({ pattern: `^[A-Za-z0-9_-]{${length}}$` });
}
/** base64url of at most `bytes` bytes. */
export function Base64UrlUpTo(bytes: number) {
  return Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: Math.ceil((bytes * 4) / 3) });
}

export const Day = Type.Integer({ minimum: 0, maximum: 65535 });
export const DayText = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
export const EpochMs = Type.Integer({ minimum: 0 });
export const Empty = strict({});

/** How the air of a unit is kept: windows shut and air-conditioned, or aired. */
export const UnitAir = Type.Union([Type.Literal('sealed'), Type.Literal('ventilated')]);
export type UnitAir = Static<typeof UnitAir>;
export const UnitKind = Type.Union([
  Type.Literal('bus'),
  Type.Literal('carriage'),
  Type.Literal('station'),
  Type.Literal('taxi'),
  Type.Literal('coach'),
  Type.Literal('ferry'),
]);
export type UnitKind = Static<typeof UnitKind>;

/** Two characters and a colour that both the phone and the driver's screen show. Never green. */
export const Check = strict({
  text: Type.String({ minLength: 2, maxLength: 2 }),
  colour: Type.String({ maxLength: 12 }),
});
export type Check = Static<typeof Check>;

export const SubjectKind = Type.Union([
  Type.Literal('phone'),
  Type.Literal('cn-id'),
  Type.Literal('passport'),
  Type.Literal('slip'),
  Type.Literal('card'),
]);
export type SubjectKind = Static<typeof SubjectKind>;

/** How a ride's run is known, best first. `usual`: only the vehicle's usual line is. */
export const RunBasis = Type.Union([
  Type.Literal('corrected'),
  Type.Literal('dispatch'),
  Type.Literal('trip'),
  Type.Literal('positions'),
  Type.Literal('schedule'),
  Type.Literal('usual'),
]);
export type RunBasis = Static<typeof RunBasis>;

/**
 * Why a ride can hardly have been made as it says. Such a ride is kept and answered like any other; a trace sets it aside
 * until somebody includes it.
 */
export const RideDoubt = Type.Union([
  /** The vehicle ran nothing within an hour of it. */
  Type.Literal('out-of-service'),
  /** More people in that minute than the unit's doors let in, or than it holds. */
  Type.Literal('crowded-minute'),
  /** With those who boarded shortly before, more people than the unit holds. */
  Type.Literal('over-capacity'),
  /** The vehicle was seen too far from its way to be boarded. */
  Type.Literal('far-away'),
  /** The code was stuck to nothing. */
  Type.Literal('unbound'),
  /** The unit had left the fleet. */
  Type.Literal('gone'),
  /** Noticed before reasons were kept. */
  Type.Literal('unexplained'),
]);
export type RideDoubt = Static<typeof RideDoubt>;
/** Rides with this doubt; one with two of them counts in both. */
export const DoubtCount = strict({ doubt: RideDoubt, rides: Type.Integer({ minimum: 1 }) });
export type DoubtCount = Static<typeof DoubtCount>;
