// What one trace works out once and uses often: models of runs, spaces, stays, days.
import { dayOf, dayStartMs } from '@tongche/protocol/formats';
import { calibrated } from './calibrate.ts';
import { modelOf } from './run-model.ts';
import type { Days } from './own-rides.ts';
import type { RunModel } from './run-model.ts';
import { stayFor, stayOn } from './stay.ts';
import type { Stay } from './stay.ts';
import { trainOf } from './station-trains.ts';
import type { Exposure, Presence, Space, SpaceKind, TraceInput } from './types.ts';

/** Days of somebody's life end in the small hours, not at midnight. */
const DAY_ENDS_MS = 3 * 3_600_000;
/** A presence without a run belongs to one that was under way then: so long before and after. */
const BEFORE_RUN_MS = 15 * 60_000;
const AFTER_RUN_MS = 5 * 60_000;

export interface Scene {
  readonly input: TraceInput;
  space(unit: string): Space;
  /** What two people shared: the unit they registered in, or a train of which no carriage is known. */
  shared(exposure: Pick<Exposure, 'zone' | 'unit' | 'runKey'>): Space;
  model(runKey: string, unit: string): RunModel | undefined;
  /** On the run's stops where there are any, else by how long rides last. */
  stay(presence: Presence, runKey: string | null): Stay;
  /** The run on which two presences can have met; null: none is known; undefined: they were on different ones. */
  commonRun(a: Presence, b: Presence): string | null | undefined;
  calibrated(probability: number, a: Stay, b: Stay): number;
  readonly days: Days;
}

function unknownSpace(unit: string): Space {
  const label = { zh: unit, en: unit };
  return {
    unit,
    kind: 'bus',
    vehicle: unit,
    carriageNo: null,
    label,
    plate: null,
    capacity: null,
    air: 'unknown',
    litresPerSecond: null,
  };
}

/** Riders of a station ride its trains. */
function rideKind({ kind }: Space): SpaceKind {
  return kind === 'station' ? 'carriage' : kind;
}

export function sceneOf(input: TraceInput): Scene {
  const { world, priors, zone, attraction } = input;
  const models = new Map<string, RunModel | null>();
  const spaces = new Map<string, Space>();

  function space(unit: string): Space {
    const known = spaces.get(unit);
    if (known !== undefined) return known;
    const found = world.space(unit) ?? unknownSpace(unit);
    spaces.set(unit, found);
    return found;
  }

  function model(runKey: string, unit: string): RunModel | undefined {
    const known = models.get(runKey);
    if (known !== undefined) return known ?? undefined;
    const run = world.run(runKey);
    const made =
      run === undefined ? undefined : modelOf(run, { kind: rideKind(space(unit)), zone, priors, attraction });
    models.set(runKey, made ?? null);
    return made;
  }

  /** Whether a presence without a run was on this one. */
  function isOn(presence: Presence, runKey: string): boolean {
    const known = model(runKey, presence.unit);
    if (known === undefined) return false;
    const fromMs = (known.depMs[0] ?? 0) - BEFORE_RUN_MS;
    const toMs = (known.arrMs[known.count - 1] ?? 0) + AFTER_RUN_MS;
    return presence.staff || (presence.boardedMs >= fromMs && presence.boardedMs < toMs);
  }

  return {
    input,
    space,
    shared({ zone: how, unit, runKey }) {
      const run = how === 'same-train' && runKey !== null ? world.run(runKey) : undefined;
      return run === undefined ? space(unit) : trainOf(run.vehicle, world.unitsOf(run.vehicle).map(space));
    },
    model,
    stay(presence, runKey) {
      const on = runKey === null ? undefined : model(runKey, presence.unit);
      return on === undefined ? stayFor(presence, space(presence.unit).kind, priors) : stayOn(presence, on, priors);
    },
    commonRun(a, b) {
      if (a.runKey === b.runKey) return a.runKey;
      // A shift holds over every run of its vehicle.
      if (a.runKey !== null && (b.runKey === null || b.staff)) return isOn(b, a.runKey) ? a.runKey : undefined;
      if (b.runKey !== null && (a.runKey === null || a.staff)) return isOn(a, b.runKey) ? b.runKey : undefined;
      return undefined;
    },
    calibrated: (probability, a, b) => calibrated(priors, probability, a, b),
    days: {
      lifeDay: (ms) => dayOf(ms - DAY_ENDS_MS, zone),
      dayStartMs: (ms) => dayStartMs(dayOf(ms, zone), zone),
    },
  };
}
