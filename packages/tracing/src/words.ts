// Why somebody stands on the list, in words, for the person who decides whom to call. Never names the case.
import type { Leg, Name, Run, Tier } from './model.ts';

const PLACE_UNKNOWN: Name = { zh: '某站', en: 'a stop' };

function stopName(run: Run, seq: number | null): Name {
  return run.stops.find((stop) => stop.seq === seq)?.name ?? PLACE_UNKNOWN;
}

function lineName(run: Run): Name {
  return run.line ?? { zh: '该车', en: 'this vehicle' };
}

function minutesText(minutes: number): string {
  return minutes < 1 ? '<1' : String(Math.round(minutes));
}

/** 1..99: neither certain nor impossible. */
function percent(probability: number): number {
  return Math.min(Math.max(Math.round(probability * 100), 1), 99);
}

function legWords(leg: Leg, run: Run): Name {
  const line = lineName(run);
  const minutes = minutesText(leg.minutes);
  if (leg.fromSeq === null) {
    return {
      zh: `同乘同一班次（${line.zh}），该班次没有停站时间，需核实`,
      en: `On the same run (${line.en}), whose stop times are not known; to be verified`,
    };
  }
  const from = stopName(run, leg.fromSeq);
  const to = stopName(run, leg.toSeq);
  if (leg.certain && leg.sureToSeq !== null && leg.sureToSeq < (leg.toSeq ?? 0)) {
    const sure = stopName(run, leg.sureToSeq);
    return {
      zh: `同乘${line.zh}同一班次，自${from.zh}起至少同车到${sure.zh}，最远到${to.zh}，预计约 ${minutes} 分钟`,
      en: `On the same run of ${line.en}, together from ${from.en} to ${sure.en} at least and ${to.en} at most, about ${minutes} min expected`,
    };
  }
  if (leg.certain) {
    return {
      zh: `同乘${line.zh}同一班次，${from.zh}至${to.zh}之间同车约 ${minutes} 分钟`,
      en: `On the same run of ${line.en}, together for about ${minutes} min between ${from.en} and ${to.en}`,
    };
  }
  return {
    zh: `同乘${line.zh}同一班次，下车站不明，可能在${from.zh}至${to.zh}之间同车（可能性约 ${percent(leg.probability)}%，约 ${minutes} 分钟）`,
    en: `On the same run of ${line.en}; where one of them got off is not known. Possibly together between ${from.en} and ${to.en} (about ${percent(leg.probability)} %, ${minutes} min expected)`,
  };
}

/** `leg` is the strongest of `legs` shared rides. */
export function reasonFor(tier: Tier, leg: Leg, run: Run, legs: number): Name {
  const words = legWords(leg, run);
  const more = legs - 1;
  const head: Name = tier === 'close' ? { zh: '', en: '' } : { zh: '需核实：', en: 'To verify: ' };
  return {
    zh: `${head.zh}${words.zh}${more > 0 ? `；另有 ${more} 次同乘` : ''}。`,
    en: `${head.en}${words.en}${more > 0 ? `; and ${more} more shared ride${more > 1 ? 's' : ''}` : ''}.`,
  };
}
