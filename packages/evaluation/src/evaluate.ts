// The whole evaluation: every seed, every compliance, every method, and the special graders.
import { Worker } from 'node:worker_threads';
import type { Priors } from '@tongche/tracing';
import { makeCity, meetingsOf } from './city/city.ts';
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
import { at, rowsOf } from './kit/columns.ts';
import type { Parameters } from './parameters.ts';
import { share } from './score/scores.ts';

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

/** What one city gives. */
export interface SeedResult {
  readonly rungs: readonly Rung[];
  readonly special: Special | undefined;
}

export interface SeedOptions extends Omit<EvaluationOptions, 'seeds' | 'progress'> {
  readonly seed: number;
  /** Outbreaks that are tried in this city, of each size. */
  readonly trials: number;
}

/** Deterministic: the same options give the same figures. */
export function evaluateSeed(options: SeedOptions, progress: (line: string) => void): SeedResult {
  const { seed, compliances, parameters, priors, trials } = options;
  const city = makeCity(seed, parameters);
  progress(`seed ${seed}: ${parameters.demand.riders} riders, ${city.stays.count} rides on ${city.runs.count} runs`);
  let graded: Special | undefined;
  const rungs = compliances.flatMap((compliance) => {
    const setting = settingOf(city, compliance);
    const climbed = climb(setting, priors);
    if (compliance === GRADED_AT) graded = special(setting, priors, trials);
    progress(`seed ${seed}, compliance ${compliance}: done`);
    return climbed;
  });
  return { rungs, special: graded };
}

function together(results: readonly SeedResult[]): Evaluation {
  const specials = results.flatMap(({ special }) => special ?? []);
  const kinds = specials[0]?.clusters.length ?? 0;
  const rates = specials.map(({ contactRate }) => contactRate);
  const measured = {
    rungs: meanRungs(results.flatMap(({ rungs }) => rungs)),
    chains: meanOf(
      specials.map(({ chains }) => chains),
      ['scans'],
    ),
    gaps: meanOf(
      specials.map(({ gaps }) => gaps),
      ['missing', 'suggestions', 'wrongVehicle'],
    ),
    clusters: Array.from({ length: kinds }, (_, i) =>
      meanOf(
        specials.flatMap(({ clusters }) => clusters[i] ?? []),
        ['trials'],
      ),
    ).flatMap((grade) => grade ?? []),
    contactRate: rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
  };
  return { ...measured, acceptance: acceptance(measured) };
}

function seedsOf({ seeds, compliances, parameters, priors }: EvaluationOptions): readonly SeedOptions[] {
  const trials = Math.ceil(parameters.epidemic.trials / seeds.length);
  return seeds.map((seed) => ({ seed, compliances, parameters, priors, trials }));
}

/** In this thread, one city after another. */
export function evaluate(options: EvaluationOptions): Evaluation {
  return together(seedsOf(options).map((one) => evaluateSeed(one, options.progress)));
}

/** What a worker says: a line of progress, or its result at the end. */
export type SeedMessage = { readonly line: string } | { readonly result: SeedResult };

function inWorker(options: SeedOptions, progress: (line: string) => void): Promise<SeedResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: options });
    worker.on('message', (message: SeedMessage) => {
      if ('line' in message) progress(message.line);
      else resolve(message.result);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a worker ended with ${code} before its result`)));
  });
}

/** The same figures as `evaluate`, from so many cities at a time; each takes about a gigabyte. */
export async function evaluateInWorkers(options: EvaluationOptions, workers: number): Promise<Evaluation> {
  const left = seedsOf(options).map((seed, index) => ({ seed, index }));
  const results: SeedResult[] = [];
  async function work(): Promise<void> {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next.index] = await inWorker(next.seed, options.progress);
  }
  await Promise.all(Array.from({ length: workers }, work));
  return together(results);
}
