// What rides are like here: read, checked, and the ones shipped with the engine.
import type { Result } from '@tongche/protocol/formats';
import { err, ok } from '@tongche/protocol/formats';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import shipped from '../priors/default.json' with { type: 'json' };
import type { Priors } from './types.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Weights = Type.Array(Type.Number({ minimum: 0 }), { minItems: 1, maxItems: 1440 });
const Seconds = Type.Number({ minimum: 0, maximum: 7200 });
const closed = { additionalProperties: false };

function ofKinds<T extends typeof Weights>(schema: T) {
  return Type.Object(
    { bus: schema, carriage: schema, taxi: schema, coach: schema, ferry: schema, station: schema },
    closed,
  );
}

const PriorsSchema = Type.Object(
  {
    version: Type.String({ minLength: 1, maxLength: 40 }),
    stayMinutes: ofKinds(Weights),
    rideStops: ofKinds(Weights),
    chained: Type.Object(
      {
        sure: Share,
        wrap: Share,
        nextDay: Share,
        farWalkM: Type.Number({ minimum: 0 }),
        farFactor: Share,
        exact: Share,
      },
      closed,
    ),
    habitual: Share,
    settled: Type.Object({ chained: Share, habitual: Share, exact: Share }, closed),
    scan: Type.Object({ lagS: Seconds, lateShare: Share, lateS: Seconds, wrongShare: Share }, closed),
    shared: Type.Array(Share, { minItems: 1, maxItems: 24 }),
    clockS: Type.Object(
      { avl: Seconds, trip: Seconds, 'gtfs-rt': Seconds, schedule: Seconds, 'scan-burst': Seconds },
      closed,
    ),
    calibration: Type.Record(Type.String(), Type.Array(Type.Tuple([Share, Share]), { minItems: 2 })),
  },
  closed,
);

function contradictions(priors: Static<typeof PriorsSchema>): readonly string[] {
  const falls = Object.entries(priors.stayMinutes).flatMap(([kind, shares]) =>
    shares.some((share, i) => share > (shares[i - 1] ?? 1)) ? [`stayMinutes.${kind} must fall from at most 1`] : [],
  );
  const rises = Object.entries(priors.calibration).flatMap(([key, points]) =>
    points.some(([raw, seen], i) => {
      const before = points[i - 1];
      return before !== undefined && (raw <= before[0] || seen < before[1]);
    })
      ? [`calibration.${key} must rise`]
      : [],
  );
  const empty = Object.entries(priors.rideStops).flatMap(([kind, weights]) =>
    weights.every((weight) => weight === 0) ? [`rideStops.${kind} weighs nothing`] : [],
  );
  const sinks = priors.shared.some((share, i) => share < (priors.shared[i - 1] ?? 0)) ? ['shared must rise'] : [];
  return [...falls, ...rises, ...empty, ...sinks];
}

/** Priors from JSON; refused with every fault named, a line each. */
export function parsePriors(json: unknown): Result<Priors, 'bad-priors'> {
  if (!Value.Check(PriorsSchema, json)) {
    const faults = Value.Errors(PriorsSchema, json).map(
      ({ instancePath, message }) => `${instancePath || '/'} ${message}`,
    );
    return err('bad-priors', faults.join('\n'));
  }
  const faults = contradictions(json);
  return faults.length === 0 ? ok(json) : err('bad-priors', faults.join('\n'));
}

/** Those of `priors/default.json`: made by the evaluation's calibration on its simulated city. */
export const defaultPriors: Priors = unwrapShipped();

function unwrapShipped(): Priors {
  const parsed = parsePriors(shipped);
  if (!parsed.ok) throw new Error(`the shipped priors are broken: ${parsed.detail ?? ''}`);
  return parsed.value;
}
