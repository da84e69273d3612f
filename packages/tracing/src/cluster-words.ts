// What a cluster says, for an investigator. Counts only: no run, no person, no place.
import type { Cluster } from './cluster-types.ts';
import type { Level } from './cluster-types.ts';
import type { Name } from './types.ts';

const LEVELS: Readonly<Record<Level, Name>> = {
  run: { zh: '同一班次', en: 'one run' },
  'carriage-day': { zh: '同一登记单元当日各班次', en: 'one unit in one day' },
  'vehicle-day': { zh: '同一车辆当日各班次', en: 'one vehicle in one day' },
  'line-day': { zh: '同一线路当日各班次', en: 'one line in one day' },
};

function expectedText(expected: number): string {
  return expected < 0.01 ? '<0.01' : expected.toFixed(2);
}

/** "2e-9" as powers people read: at most one digit, never 0. */
function chanceText(chance: number): string {
  if (chance >= 0.001) return chance.toFixed(3);
  return `<10^${Math.max(Math.ceil(Math.log10(chance)), -99)}`;
}

function onsetWords({ onset }: Pick<Cluster, 'onset'>): Name {
  if (onset === null || onset.known === 0) return { zh: '', en: '' };
  return {
    zh: `；${onset.known} 名发病日期已知者中 ${onset.consistent} 名与该次暴露相符`,
    en: `; ${onset.consistent} of ${onset.known} known onsets fit an exposure there`,
  };
}

function matchedWords({ matched }: Pick<Cluster, 'matched'>): Name {
  if (matched === null) return { zh: '', en: '' };
  const alike = matched.p > 0.05;
  return {
    zh: `；对照（其他日期的同类 ${matched.groups} 组）有 ${matched.cases} 名病例${alike ? '，可能是同一批常客而非这一次' : ''}`,
    en: `; matched controls (${matched.groups} like it on other days) hold ${matched.cases} cases${alike ? ', so these may be regulars rather than this one occasion' : ''}`,
  };
}

export function clusterWords(cluster: Omit<Cluster, 'text'>): Name {
  const { observed, riders, status } = cluster;
  const level = LEVELS[cluster.level];
  const expected = expectedText(cluster.expected);
  const chance = chanceText(cluster.adjusted);
  const [onset, matched] = [onsetWords(cluster), matchedWords(cluster)];
  const head: Name =
    status === 'alarm'
      ? { zh: '疑似共同暴露', en: 'Common exposure suspected' }
      : { zh: '关注（病例数少或可能为偶然）', en: 'Watch (few cases, or possibly chance)' };
  return {
    zh: `${head.zh}：${level.zh}的 ${riders} 名登记乘客中有 ${observed} 名病例，按偶然预计 ${expected} 名，全部检验中偶然出现的概率 ${chance}${onset.zh}${matched.zh}。`,
    en: `${head.en}: ${observed} cases among the ${riders} registered riders of ${level.en}, where chance would put ${expected}; probability over all tests ${chance}${onset.en}${matched.en}.`,
  };
}
