// What was promised of the trace, beside what was reached. A miss is reported; nothing is tuned until it is gone.
import type { ChainGrade } from '../grade/chains.ts';
import type { ClusterGrade } from '../grade/clusters.ts';
import type { GapGrade } from '../grade/gaps.ts';
import type { MeanRung } from './climb.ts';
import type { MethodName } from './methods.ts';

export interface Acceptance {
  readonly id: string;
  readonly asked: string;
  /** Null where the run did not measure it. */
  readonly seen: Readonly<Record<string, number>> | null;
  readonly reached: boolean | null;
}

export interface Measured {
  readonly rungs: readonly MeanRung[];
  readonly chains: ChainGrade | undefined;
  readonly gaps: GapGrade | undefined;
  readonly clusters: readonly ClusterGrade[];
  /** Share of true contacts who registered a ride that they shared with the case. */
  readonly contactRate: number | undefined;
}

/** The compliance at which everything is promised. */
const COMPLIANCE = 0.85;

type Check = readonly [
  id: string,
  asked: string,
  look: (it: Measured) => Readonly<Record<string, number>> | null,
  ok: (seen: Readonly<Record<string, number>>) => boolean,
];

function rung({ rungs }: Measured, method: MethodName, threshold: number | null, compliance = COMPLIANCE) {
  return rungs.find((one) => one.method === method && one.threshold === threshold && one.compliance === compliance);
}

function cluster({ clusters }: Measured, infected: number) {
  return clusters.find((one) => one.infected === infected);
}

/** Values by name, or null where any is missing. */
function all(values: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> | null {
  const entries = Object.entries(values);
  const known = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return known.length === entries.length ? Object.fromEntries(known) : null;
}

function value(seen: Readonly<Record<string, number>>, name: string): number {
  return seen[name] ?? Number.NaN;
}

const CHAINED = 'timeline, chained';
const TOLD = 'timeline, chained, interviewed';

/** Precision of the method without timelines at the highest threshold that still finds 95 of 100. */
function withoutTimeline({ rungs }: Measured) {
  const fitting = rungs.filter(
    ({ method, compliance, recall }) => method === 'no timeline' && compliance === COMPLIANCE && recall >= 0.95,
  );
  return fitting.toSorted((a, b) => b.precision - a.precision)[0];
}

const CHECKS: readonly Check[] = [
  [
    'A1',
    'p >= .10: recall >= .96, precision >= .80',
    (it) => all({ precision: rung(it, CHAINED, 0.1)?.precision, recall: rung(it, CHAINED, 0.1)?.recall }),
    (seen) => value(seen, 'recall') >= 0.96 && value(seen, 'precision') >= 0.8,
  ],
  [
    'A2',
    'best F1 >= .92; with interview >= .945',
    (it) => all({ f1: rung(it, CHAINED, 0.1)?.bestF1, interviewed: rung(it, TOLD, 0.1)?.bestF1 }),
    (seen) => value(seen, 'f1') >= 0.92 && value(seen, 'interviewed') >= 0.945,
  ],
  [
    'A3',
    'minutes-weighted recall at .10 >= .97',
    (it) => all({ minutesRecall: rung(it, CHAINED, 0.1)?.minutesRecall }),
    (seen) => value(seen, 'minutesRecall') >= 0.97,
  ],
  [
    'A4',
    'list at most 40 % of the list of 60 min',
    (it) => {
      const lists = all({
        listed: rung(it, CHAINED, 0.1)?.listLength,
        of: rung(it, 'same vehicle, 60 min', null)?.listLength,
      });
      return lists === null ? null : { ...lists, share: value(lists, 'listed') / value(lists, 'of') };
    },
    (seen) => value(seen, 'share') <= 0.4,
  ],
  [
    'A5',
    'ECE <= .03, Brier <= .065; ECE at compliance .5 <= .05',
    (it) =>
      all({
        ece: rung(it, CHAINED, 0.1)?.ece,
        brier: rung(it, CHAINED, 0.1)?.brier,
        eceAtHalf: rung(it, CHAINED, 0.1, 0.5)?.ece,
      }),
    (seen) => value(seen, 'ece') <= 0.03 && value(seen, 'brier') <= 0.065 && value(seen, 'eceAtHalf') <= 0.05,
  ],
  [
    'A6',
    'chained ends within 400 m: >= .80',
    ({ chains }) => all({ within400m: chains?.within400m, named: chains?.named }),
    (seen) => value(seen, 'within400m') >= 0.8,
  ],
  [
    'A7',
    'no timeline: precision >= .55 at recall >= .95',
    (it) => all({ precision: withoutTimeline(it)?.precision, recall: withoutTimeline(it)?.recall }),
    (seen) => value(seen, 'precision') >= 0.55,
  ],
  [
    'A8',
    'half the timelines: F1 between none and all',
    (it) =>
      all({
        none: rung(it, 'no timeline', 0.1)?.bestF1,
        half: rung(it, 'half the timelines, chained', 0.1)?.bestF1,
        all: rung(it, CHAINED, 0.1)?.bestF1,
      }),
    (seen) => value(seen, 'none') <= value(seen, 'half') && value(seen, 'half') <= value(seen, 'all'),
  ],
  [
    'A9',
    'missing rides told: share of all true contacts >= .95 x share of contacts registered',
    (it) =>
      all({
        before: rung(it, TOLD, 0.1)?.recallOfAll,
        after: rung(it, 'missing rides told', 0.1)?.recallOfAll,
        contactRate: it.contactRate,
      }),
    (seen) => value(seen, 'after') >= 0.95 * value(seen, 'contactRate'),
  ],
  [
    'A10',
    'stretch: >= .60 of missing rides suggested, <= .20 of suggestions wrong',
    ({ gaps }) => all({ suggested: gaps?.suggested, wrong: gaps?.wrong }),
    (seen) => value(seen, 'suggested') >= 0.6 && value(seen, 'wrong') <= 0.2,
  ],
  [
    'A11',
    '8 infected among 200 cases: alarmed >= .95; 200 alone: false alarms <= .05',
    (it) => all({ alarmed: cluster(it, 8)?.alarmed, falseAlarms: cluster(it, 0)?.falseAlarms }),
    (seen) => value(seen, 'alarmed') >= 0.95 && value(seen, 'falseAlarms') <= 0.05,
  ],
  [
    'A12',
    'stretch: >= .50 of scans on a wrong vehicle stand out',
    ({ gaps }) => all({ flagged: gaps?.wrongVehicleFlagged, rightFlagged: gaps?.rightFlagged }),
    (seen) => value(seen, 'flagged') >= 0.5,
  ],
];

export function acceptance(measured: Measured): readonly Acceptance[] {
  return CHECKS.map(([id, asked, look, ok]) => {
    const seen = look(measured);
    return { id, asked, seen, reached: seen === null ? null : ok(seen) };
  });
}
