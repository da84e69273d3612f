// Who was on an exposed run and is not registered: how many, roughly, and whether a public notice is worth it.
import { fromCount, fromRate, meanOf, quantileOf } from './unregistered.ts';
import type { ComparableRun } from './unregistered.ts';
import type { Name, RunCounts } from './types.ts';

export interface CoverageInput {
  readonly counts: RunCounts;
  /** Of the space; null: unknown. */
  readonly capacity: number | null;
  /** The same line, direction, hour and sort of day, where heads were counted. */
  readonly comparable: readonly ComparableRun[];
  /** From so many unregistered riders on a public notice is suggested; default 3. */
  readonly noticeFrom?: number;
}

/** A number with the bounds within which it lies nine times of ten. */
export interface Estimate {
  readonly heads: number;
  readonly lo: number;
  readonly hi: number;
}

/** `count-first`: nobody knows how many were aboard; ask the operator or the driver. */
export type CoverageAdvice = 'public-notice' | 'none' | 'count-first';

export interface RunCoverage {
  readonly runKey: string;
  readonly unit: string;
  readonly registered: number;
  /** What the estimate rests on; null: nothing. */
  readonly by: NonNullable<RunCounts['estimated']>['by'] | 'comparable' | null;
  readonly aboard: Estimate | null;
  readonly unregistered: Estimate | null;
  /** Registered of those aboard, 0..1. */
  readonly share: number | null;
  readonly advice: CoverageAdvice;
  readonly text: Name;
}

const NOTICE_FROM = 3;
const LOW = 0.05;
const HIGH = 0.95;

const BASES: Readonly<Record<NonNullable<RunCoverage['by']>, Name>> = {
  apc: { zh: '客流计数设备', en: 'passenger counters' },
  fares: { zh: '票款', en: 'fares' },
  driver: { zh: '驾驶员计数', en: 'the driver’s count' },
  taps: { zh: '刷卡数', en: 'card taps' },
  comparable: { zh: '同类班次的登记率', en: 'the registration rate of comparable runs' },
};

const ADVICE: Readonly<Record<CoverageAdvice, Name>> = {
  'public-notice': { zh: '建议就该班次发布公告', en: 'a public notice for this run is suggested' },
  none: { zh: '无需公告', en: 'no public notice is needed' },
  'count-first': { zh: '请先向运营方或驾驶员了解车上人数', en: 'ask the operator or the driver how many were aboard' },
};

function words(of: Omit<RunCoverage, 'text'>): Name {
  const advice = ADVICE[of.advice];
  if (of.by === null || of.unregistered === null || of.aboard === null) {
    return {
      zh: `已登记 ${of.registered} 人，车上人数不明；${advice.zh}。`,
      en: `${of.registered} registered; how many were aboard is not known; ${advice.en}.`,
    };
  }
  const basis = BASES[of.by];
  const { heads, lo, hi } = of.unregistered;
  return {
    zh: `已登记 ${of.registered} 人，估计车上 ${Math.round(of.aboard.heads)} 人、未登记约 ${Math.round(heads)} 人（${lo}–${hi}，依据${basis.zh}）；${advice.zh}。`,
    en: `${of.registered} registered of about ${Math.round(of.aboard.heads)} aboard; about ${Math.round(heads)} unregistered (${lo} to ${hi}, by ${basis.en}); ${advice.en}.`,
  };
}

/** Coverage of one exposed run. A count of heads goes before the rate of other runs. Throws a RangeError for impossible counts. */
export function coverageOf({ counts, capacity, comparable, noticeFrom = NOTICE_FROM }: CoverageInput): RunCoverage {
  const { runKey, unit, registered, estimated } = counts;
  const all = [registered, estimated?.heads ?? 0, ...comparable.flatMap((run) => [run.registered, run.aboard])];
  if (all.some((heads) => !Number.isInteger(heads) || heads < 0))
    throw new RangeError(`heads on run ${runKey} are no counts`);
  const heads =
    estimated === null
      ? fromRate(registered, comparable, capacity)
      : fromCount(registered, estimated.heads, estimated.by);
  const common = { runKey, unit, registered };
  if (heads === undefined) {
    const unknown = {
      ...common,
      by: null,
      aboard: null,
      unregistered: null,
      share: null,
      advice: 'count-first',
    } as const;
    return { ...unknown, text: words(unknown) };
  }
  const unregistered: Estimate = { heads: meanOf(heads), lo: quantileOf(heads, LOW), hi: quantileOf(heads, HIGH) };
  const [lo, hi] = [registered + unregistered.lo, registered + unregistered.hi];
  const aboard: Estimate = { heads: registered + unregistered.heads, lo, hi };
  const share = aboard.heads === 0 ? null : registered / aboard.heads;
  const by = estimated?.by ?? 'comparable';
  const advice = unregistered.heads >= noticeFrom ? 'public-notice' : 'none';
  const known = { ...common, by, aboard, unregistered, share, advice } as const;
  return { ...known, text: words(known) };
}
