// The whole evaluation: every seed, every compliance, every method, and the special graders.
import type { Priors } from '@tongche/tracing';
import { makeCity } from './city/city.ts';
import { gradeChains } from './grade/chains.ts';
import type { ChainGrade } from './grade/chains.ts';
import { gradeClusters } from './grade/clusters.ts';
import type { ClusterGrade } from './grade/clusters.ts';
import { gradeGaps } from './grade/gaps.ts';
import type { GapGrade } from './grade/gaps.ts';
import { acceptance } from './ladder/acceptance.ts';
import type { Acceptance } from './ladder/acceptance.ts';
import { climb, meanRungs } from './ladder/climb.ts';
import type { MeanRung, Rung } from './ladder/climb.ts';
import { askingOf, settingOf } from './ladder/setting.ts';
import type { Setting } from './ladder/setting.ts';
import { at } from './kit/columns.ts';
import type { Parameters } from './parameters.ts';
import { share } from './score/scores.ts';
import { meetingsOf } from './city/city.ts';
import { rowsOf } from './kit/columns.ts';

export interface EvaluationOptions {
  readonly seeds: readonly number[];
  readonly compliances: readonly number[];
  readonly parameters: Parameters;
  readonly priors: Priors;
  readonly progress: (line: string) => void;
}

export interface Evaluation {
  readonly rungs: readonly MeanRung[];
  readonly chains: ChainGrade | undefined;
  readonly gaps: GapGrade | undefined;
  readonly clusters: readonly ClusterGrade[];
  readonly acceptance: readonly Acceptance[];
}

/** Where the special graders look. */
const GRADED_AT = 0.85;
const CHAIN_STEP = 29;

interface Special {
  readonly chains: ChainGrade;
  readonly gaps: GapGrade;
  readonly clusters: readonly ClusterGrade[];
  readonly contactRate: number;
}

/** Of all true contacts, those who registered a ride that they truly shared. */
function contactRateOf({ city, registrations, cases }: Setting): number {
  let [registered, all] = [0, 0];
  for (const { person, key } of cases) {
    const met = new Map<number, boolean>();
    for (const stay of rowsOf(city.staysOfPerson, person)) {
      for (const { other } of meetingsOf(city, stay)) {
        const otherKey = at(registrations.keyOf, at(city.stays.person, other));
        if (otherKey === key) continue;
        met.set(otherKey, met.get(otherKey) === true || at(registrations.isRegistered, other) === 1);
      }
    }
    all += met.size;
    registered += [...met.values()].filter(Boolean).length;
  }
  return share(registered, all);
}

function special(setting: Setting, priors: Priors, trials: number): Special {
  const asking = askingOf(setting, priors, 1, 'all');
  const { infected } = setting.city.parameters.epidemic;
  return {
    chains: gradeChains(asking, CHAIN_STEP),
    gaps: gradeGaps(asking, setting.cases),
    clusters: [...infected, 0].map((count) => gradeClusters(setting, count, trials)),
    contactRate: contactRateOf(setting),
  };
}

/** The mean of each figure; counts are summed. */
function meanOf<T extends object>(grades: readonly T[], summed: readonly (keyof T)[]): T | undefined {
  const [first] = grades;
  if (first === undefined) return undefined;
  const entries = Object.keys(first).map((name) => {
    const sum = grades.reduce((total, grade) => total + Number(grade[name as keyof T]), 0);
    return [name, summed.includes(name as keyof T) ? sum : sum / grades.length];
  });
  return Object.fromEntries(entries) as T;
}

/** Deterministic: the same options give the same figures. */
export function evaluate({ seeds, compliances, parameters, priors, progress }: EvaluationOptions): Evaluation {
  const rungs: Rung[] = [];
  const specials: Special[] = [];
  const trials = Math.ceil(parameters.epidemic.trials / seeds.length);
  for (const seed of seeds) {
    const city = makeCity(seed, parameters);
    progress(`seed ${seed}: ${parameters.demand.riders} riders, ${city.stays.count} rides on ${city.runs.count} runs`);
    for (const compliance of compliances) {
      const setting = settingOf(city, compliance);
      rungs.push(...climb(setting, priors));
      if (compliance === GRADED_AT) specials.push(special(setting, priors, trials));
      progress(`seed ${seed}, compliance ${compliance}: done`);
    }
  }
  const counts = specials[0]?.clusters.length ?? 0;
  const measured = {
    rungs: meanRungs(rungs),
    chains: meanOf(
      specials.map(({ chains }) => chains),
      ['scans'],
    ),
    gaps: meanOf(
      specials.map(({ gaps }) => gaps),
      ['missing', 'suggestions', 'wrongVehicle'],
    ),
    clusters: Array.from({ length: counts }, (_, i) =>
      meanOf(
        specials.flatMap(({ clusters }) => clusters[i] ?? []),
        ['trials'],
      ),
    ).flatMap((grade) => grade ?? []),
    contactRate:
      specials.length === 0 ? undefined : specials.reduce((sum, one) => sum + one.contactRate, 0) / specials.length,
  };
  return { ...measured, acceptance: acceptance(measured) };
}
