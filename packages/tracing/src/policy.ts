// The rule of a pathogen in a jurisdiction, as data: who is a close contact, in which days, for how long they are followed.
// Every field names its source, so that an epidemiologist can sign or mend it without reading code.
import type { Result } from '@tongche/protocol/formats';
import { dayFromText, err, ok } from '@tongche/protocol/formats';
import { Type, type Static, type TProperties, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

function strict<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

function oneOf<T extends string[]>(...values: [...T]) {
  return Type.Enum<T>(values);
}

function orNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

const Text = strict({
  zh: Type.String({ minLength: 1, maxLength: 400 }),
  en: Type.String({ minLength: 1, maxLength: 400 }),
});
const Days = Type.Integer({ minimum: 0, maximum: 400 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Factor = Type.Number({ minimum: 0, maximum: 100 });
const Minutes = Type.Number({ minimum: 0, maximum: 1440 });
const Air = oneOf('sealed', 'ventilated', 'unknown');
const Kind = oneOf('bus', 'carriage', 'taxi', 'coach', 'ferry', 'station');

/**
 * The first rule whose kinds and airs fit decides. `close`: who of the same space is a close contact (within so many rows
 * where rows count); `sameSpace`: what the others of it are; `sameVehicle`: what people of the train's other spaces are.
 */
const ZoneRule = strict({
  kinds: Type.Array(Kind, { minItems: 1 }),
  air: Type.Array(Air, { minItems: 1 }),
  close: Type.Union([oneOf('space', 'nobody'), strict({ rows: Type.Integer({ minimum: 0, maximum: 20 }) })]),
  sameSpace: oneOf('general', 'nobody'),
  sameVehicle: oneOf('close', 'general', 'nobody'),
});

const PolicySchema = strict({
  id: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
  version: Type.Integer({ minimum: 1 }),
  pathogen: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
  jurisdiction: Type.String({ pattern: '^[A-Z0-9-]{2,12}$' }),
  name: Text,
  /** First day on which it is chosen, and the last one; null: until another one begins. */
  validFrom: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  validTo: orNull(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  /** False: rides of city transport are traced only when somebody asks for it knowingly. */
  urbanByDefault: Type.Boolean(),
  /**
   * Anchors in order of preference; `infectious` is a range a clinician sets. From local midnight `beforeDays` before the
   * anchor's first day to isolation, or to the end of `afterDays` after its last day if that is sooner.
   */
  window: strict({
    anchors: Type.Array(oneOf('onset', 'sample', 'rash', 'infectious'), { minItems: 1 }),
    beforeDays: Days,
    afterDays: orNull(Days),
  }),
  /** Days from exposure to onset, for looking backwards; null: longer than rides are kept. */
  incubation: orNull(strict({ minDays: Days, usualDays: Days, maxDays: Days })),
  /** Shortest time together, minutes; 0: any. */
  minOverlapMin: Minutes,
  /** From this probability on the rule counts as met; from this one on somebody is asked to verify. */
  pClose: Share,
  pVerify: Share,
  /** For how long the air counts after the case left, in spaces of these airs, and as what. */
  persistence: strict({ minutes: Minutes, tier: oneOf('close', 'general'), air: Type.Array(Air) }),
  zones: Type.Array(ZoneRule, { minItems: 1 }),
  /** Whether severe symptoms make everybody of the same space a close contact. */
  severe: oneOf('space', 'nothing'),
  secondary: strict({ follow: Type.Boolean(), pMin: Share, followUpDays: Days }),
  followUp: Type.Array(strict({ place: oneOf('central', 'home', 'unspecified'), days: Days }), { minItems: 1 }),
  /** Weight of a day, counted from onset; days beyond the ends weigh as the nearest one. Null: all days alike. */
  infectiousness: orNull(
    Type.Array(strict({ day: Type.Integer({ minimum: -60, maximum: 60 }), weight: Share }), { minItems: 1 }),
  ),
  /** Exposure-equivalent minutes: they order calls and decide nothing else. */
  eem: strict({
    sameRow: Factor,
    nearRows: Factor,
    otherRows: Factor,
    /** In sealed spaces the seat counts with its square root: recirculated air evens distance out. */
    sealedRoot: Type.Boolean(),
    referenceLitresPerSecond: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
    ventilated: Factor,
    masked: Factor,
    decayPerHour: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
    bandA: Minutes,
    bandB: Minutes,
  }),
  /** Limits a screen counts down to, hours from the event named. */
  deadlines: Type.Array(strict({ what: Text, hours: Type.Number({ exclusiveMinimum: 0, maximum: 2000 }) })),
  remarks: Type.Array(Text),
  /** Where each field comes from. A path covers what lies below it. `stated`: it stands there; `default`: ours; `unverified`. */
  sources: Type.Array(
    strict({
      fields: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
      text: Type.String({ minLength: 1, maxLength: 600 }),
      standing: oneOf('stated', 'default', 'unverified'),
    }),
    { minItems: 1 },
  ),
});

export type Policy = Static<typeof PolicySchema>;
export type ZoneRule = Static<typeof ZoneRule>;

/** Fields that say what the policy is, not what it rules. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  'id',
  'version',
  'pathogen',
  'jurisdiction',
  'name',
  'remarks',
  'sources',
]);

/** Paths of single rules: of an object each member, of a list the list itself. */
function leaves(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

function withoutSource(policy: Policy): readonly string[] {
  const covered = policy.sources.flatMap(({ fields }) => fields);
  return leaves(policy, '').filter((path) => {
    if (OWN_WORDS.has(path.split('.')[0] ?? '')) return false;
    return !covered.some((field) => path === field || path.startsWith(`${field}.`));
  });
}

function isInOrder(incubation: Policy['incubation']): boolean {
  if (incubation === null) return true;
  return incubation.minDays <= incubation.usualDays && incubation.usualDays <= incubation.maxDays;
}

function contradictions(policy: Policy): readonly string[] {
  const known = new Set(
    leaves(policy, '').flatMap((path) => path.split('.').map((_, i, all) => all.slice(0, i + 1).join('.'))),
  );
  const dates = [policy.validFrom, policy.validTo ?? policy.validFrom];
  const days = (policy.infectiousness ?? []).map(({ day }) => day);
  return [
    ...withoutSource(policy).map((path) => `${path} has no source`),
    ...policy.sources
      .flatMap(({ fields }) => fields.filter((field) => !known.has(field)))
      .map((field) => `the source names ${field}, which is no field`),
    ...dates.filter((text) => !dayFromText(text).ok).map((text) => `${text} is no day`),
    ...(policy.validTo !== null && policy.validTo < policy.validFrom ? ['it ends before it begins'] : []),
    ...(isInOrder(policy.incubation) ? [] : ['the days of incubation are not in order']),
    ...(policy.pVerify > policy.pClose ? ['pVerify is above pClose'] : []),
    ...(policy.eem.bandB > policy.eem.bandA ? ['band B begins above band A'] : []),
    ...(days.some((day, i) => i > 0 && day <= (days[i - 1] ?? day)) ? ['days of infectiousness must rise'] : []),
  ];
}

/** A policy from JSON; refused with every fault named, a line each. */
export function parsePolicy(json: unknown): Result<Policy, 'bad-policy'> {
  if (!Value.Check(PolicySchema, json)) {
    const faults = Value.Errors(PolicySchema, json).map(
      ({ instancePath, message }) => `${instancePath || '/'} ${message}`,
    );
    return err('bad-policy', faults.join('\n'));
  }
  const faults = contradictions(json);
  return faults.length === 0 ? ok(json) : err('bad-policy', faults.join('\n'));
}

/** Days that contacts are followed after their last exposure. */
export function followUpDays(policy: Policy): number {
  return policy.followUp.reduce((sum, { days }) => sum + days, 0);
}

/** Where a jurisdiction has no policy of its own. */
const INTERNATIONAL = 'INT';

/**
 * The policy of a pathogen in force on a local day ('YYYY-MM-DD'): the jurisdiction's, else the international one; of several
 * the one that began last, then the highest version. Undefined where none is.
 */
export function choosePolicy(
  policies: readonly Policy[],
  { pathogen, jurisdiction, day }: { readonly pathogen: string; readonly jurisdiction: string; readonly day: string },
): Policy | undefined {
  const inForce = policies
    .filter((one) => one.pathogen === pathogen && one.validFrom <= day && (one.validTo === null || day <= one.validTo))
    .toSorted((a, b) => (a.validFrom === b.validFrom ? b.version - a.version : a.validFrom < b.validFrom ? 1 : -1));
  const of = (name: string) => inForce.find((one) => one.jurisdiction === name);
  return of(jurisdiction) ?? of(INTERNATIONAL);
}
