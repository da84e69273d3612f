// Told rides and their candidates in words, for the investigator who picks.
import { clockWords, dateWords, localTime } from './calendar.ts';
import type { Weekday } from './calendar.ts';
import type { LegCandidate } from './interview.ts';
import { weekdayWords } from './recurrence.ts';
import type { Name, RunTimes } from './types.ts';

const SOME_VEHICLE: Name = { zh: '该车辆', en: 'this vehicle' };
const SOME_STOP: Name = { zh: '某站', en: 'a stop' };

/** 1..99: neither certain nor impossible. */
export function percentWords(probability: number): number {
  return Math.min(Math.max(Math.round(probability * 100), 1), 99);
}

export function stopWords(run: RunTimes, seq: number): Name {
  return run.stops.find((stop) => stop.seq === seq)?.name ?? SOME_STOP;
}

export function lineWords(run: RunTimes | undefined): Name {
  return run?.line ?? SOME_VEHICLE;
}

/** "4路，07:38 从市场站上车，比所述晚 3 分钟；可能性约 83%". */
export function candidateWords(candidate: Omit<LegCandidate, 'text'>, run: RunTimes, zone: string): Name {
  const { boardLo, boardHi, boardedMs, offMin, probability, recorded } = candidate;
  const { day, minute } = localTime(boardedMs, zone);
  const [date, line, from, to] = [dateWords(day), lineWords(run), stopWords(run, boardLo), stopWords(run, boardHi)];
  const off = Math.round(Math.abs(offMin));
  const share = percentWords(probability);
  const where: Name =
    boardLo === boardHi
      ? { zh: `${from.zh}上车`, en: `boarding at ${from.en}` }
      : { zh: `在${from.zh}至${to.zh}之间上车`, en: `boarding between ${from.en} and ${to.en}` };
  const apart: Name =
    off === 0
      ? { zh: '与所述时间一致', en: 'at the time told' }
      : {
          zh: `比所述时间${offMin > 0 ? '晚' : '早'} ${off} 分钟`,
          en: `${off} min ${offMin > 0 ? 'after' : 'before'} the time told`,
        };
  const own: Name =
    recorded === null ? { zh: '', en: '' } : { zh: '；本人已登记该班次', en: '; registered on this run already' };
  return {
    zh: `${date.zh} ${clockWords(minute)} ${line.zh}，${where.zh}，${apart.zh}；可能性约 ${share}%${own.zh}`,
    en: `${date.en} ${clockWords(minute)} ${line.en}, ${where.en}, ${apart.en}; about ${share} % likely${own.en}`,
  };
}

/** "工作日约 07:35，4路", "weekdays about 07:35, line 4". */
export function patternWords(weekdays: readonly Weekday[], minute: number, line: Name | null): Name {
  const days = weekdayWords(weekdays);
  const name = line ?? SOME_VEHICLE;
  return {
    zh: `${days.zh}约 ${clockWords(minute)}，${name.zh}`,
    en: `${days.en} about ${clockWords(minute)}, ${name.en}`,
  };
}
