// Climbs the ladder in one city: every method, every threshold.
import type { Priors } from '@tongche/tracing';
import { THRESHOLDS } from '../parameters.ts';
import { judgedCase } from '../score/judge.ts';
import { bestF1, brier, calibrationError, scoresAt } from '../score/scores.ts';
import type { Judged, Scores } from '../score/scores.ts';
import { METHODS } from './methods.ts';
import type { Method, MethodName } from './methods.ts';
import type { Setting } from './setting.ts';

/** Figures of one method at one threshold in one city. */
export interface Rung extends Scores {
  readonly method: MethodName;
  readonly compliance: number;
  /** Null for a rule without probabilities. */
  readonly threshold: number | null;
  /** Over everybody who is named at all (from 0.002 on), and over those on the list (from 0.05 on). */
  readonly ece: number;
  readonly brier: number;
  readonly eceListed: number;
  readonly brierListed: number;
  readonly bestF1: number;
  /** Of all true contacts, whoever registered. */
  readonly recallOfAll: number;
  readonly precisionOfAll: number;
}

const LISTED = 0.05;

function rungs(method: Method, setting: Setting, judged: readonly Judged[], ofAll: readonly Judged[]): readonly Rung[] {
  const cases = setting.cases.length;
  const quality = {
    ece: calibrationError(judged, 0),
    brier: brier(judged, 0),
    eceListed: calibrationError(judged, LISTED),
    brierListed: brier(judged, LISTED),
    bestF1: bestF1(judged)?.f1 ?? 0,
  };
  return (method.isNaive ? [null] : THRESHOLDS).map((threshold) => {
    const all = scoresAt(ofAll, threshold ?? 0, cases);
    return {
      method: method.name,
      compliance: setting.compliance,
      threshold,
      ...scoresAt(judged, threshold ?? 0, cases),
      ...quality,
      recallOfAll: all.recall,
      precisionOfAll: all.precision,
    };
  });
}

export function climb(setting: Setting, priors: Priors, methods: readonly Method[] = METHODS): readonly Rung[] {
  return methods.flatMap((method) => {
    const name = method.open(setting, priors);
    const [judged, ofAll]: [Judged[], Judged[]] = [[], []];
    for (const one of setting.cases) {
      const named = name(one);
      judged.push(...judgedCase(one, named, 'foundable'));
      ofAll.push(...judgedCase(one, named, 'all'));
    }
    return rungs(method, setting, judged, ofAll);
  });
}

/** The same figures over several cities: their mean, and the worst precision and recall of any. */
export interface MeanRung extends Rung {
  readonly seeds: number;
  readonly worstPrecision: number;
  readonly worstRecall: number;
}

const MEASURES = [
  'precision',
  'recall',
  'minutesRecall',
  'listLength',
  'ece',
  'brier',
  'eceListed',
  'brierListed',
  'bestF1',
  'recallOfAll',
  'precisionOfAll',
] as const;

export function meanRungs(rungs: readonly Rung[]): readonly MeanRung[] {
  const groups = Map.groupBy(rungs, ({ method, compliance, threshold }) => `${method}/${compliance}/${threshold}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const means = MEASURES.map((name) => [name, group.reduce((sum, rung) => sum + rung[name], 0) / group.length]);
    return {
      ...first,
      ...Object.fromEntries(means),
      seeds: group.length,
      worstPrecision: Math.min(...group.map(({ precision }) => precision)),
      worstRecall: Math.min(...group.map(({ recall }) => recall)),
    };
  });
}
