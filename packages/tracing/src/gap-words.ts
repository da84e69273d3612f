// Suggestions in words, for the investigator who asks the case about them.
import { clockWords, dateWords } from './calendar.ts';
import type { GapCode, GapSuggestion } from './gaps.ts';
import type { Name } from './types.ts';

const UNKNOWN_LINE: Name = { zh: '某线路', en: 'an unknown line' };
const SOMEWHERE: Name = { zh: '不明地点', en: 'an unknown place' };

function wayWords({ from, to }: Pick<GapSuggestion, 'from' | 'to'>): Name {
  const [start, end] = [from?.name ?? SOMEWHERE, to?.name ?? SOMEWHERE];
  return { zh: `从${start.zh}到${end.zh}`, en: `from ${start.en} to ${end.en}` };
}

/** A question that can be read out to the case. */
export function gapWords(gap: Omit<GapSuggestion, 'text' | 'told'>): Name {
  const [date, name, way] = [dateWords(gap.day), gap.line ?? UNKNOWN_LINE, wayWords(gap)];
  const clock = gap.minute === null ? '' : clockWords(gap.minute);
  const { days, of } = gap.support ?? { days: 0, of: 0 };
  const words: Readonly<Record<GapCode, Name>> = {
    habit: {
      zh: `${date.zh}约 ${clock} 可能漏登${name.zh}（${way.zh}）：${of} 个同类日中有 ${days} 日乘坐，且前后两次乘车地点不相接。`,
      en: `${date.en} about ${clock}: a ride on ${name.en} (${way.en}) may be missing. It was taken on ${days} of ${of} such days, and the rides before and after do not meet.`,
    },
    'no-return': {
      zh: `${date.zh}可能漏登返程：${name.zh}（${way.zh}），下一次乘车又从原处开始。`,
      en: `${date.en}: the way back on ${name.en} (${way.en}) may be missing; the next ride begins where this one started.`,
    },
    jump: {
      zh: `${date.zh}起前后两次乘车地点不相接（${way.zh}），其间可能另有乘车或其他出行方式。`,
      en: `From ${date.en} the rides before and after do not meet (${way.en}); another ride, or another means, may lie between.`,
    },
    'blank-day': {
      zh: `${date.zh}没有任何登记，而${name.zh}（${way.zh}，约 ${clock}）在 ${of} 个同类日中有 ${days} 日乘坐；请核实当日是否外出。`,
      en: `Nothing is registered on ${date.en}, though ${name.en} (${way.en}, about ${clock}) was taken on ${days} of ${of} such days; ask whether they went out.`,
    },
  };
  return words[gap.code];
}
