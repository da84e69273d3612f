// How good lists are: precision, recall, length, the best balance, and whether probabilities mean what they say.

/** Somebody whom a method names for a case, or whom it missed (probability 0). */
export interface Judged {
  readonly probability: number;
  readonly isContact: boolean;
  /** Minutes truly together, of contacts. */
  readonly minutes: number;
}

export interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly minutesRecall: number;
  /** People listed, a case. */
  readonly listLength: number;
}

/** 0 of 0 is 1: nothing was asked for, nothing was wrong. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

/** Lists of all cases together at one threshold (inclusive). */
export function scoresAt(judged: readonly Judged[], threshold: number, cases: number): Scores {
  let [listed, found, contacts, minutesFound, minutes] = [0, 0, 0, 0, 0];
  for (const one of judged) {
    const isListed = one.probability > 0 && one.probability >= threshold;
    if (isListed) listed += 1;
    if (!one.isContact) continue;
    contacts += 1;
    minutes += one.minutes;
    if (!isListed) continue;
    found += 1;
    minutesFound += one.minutes;
  }
  return {
    precision: share(found, listed),
    recall: share(found, contacts),
    minutesRecall: share(minutesFound, minutes),
    listLength: listed / cases,
  };
}

export interface CurvePoint {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Precision and recall at every probability that occurs, the highest first. */
export function precisionRecallCurve(judged: readonly Judged[]): readonly CurvePoint[] {
  const contacts = judged.filter((one) => one.isContact).length;
  const listed = judged.filter((one) => one.probability > 0).sort((a, b) => b.probability - a.probability);
  const points: CurvePoint[] = [];
  let found = 0;
  for (const [i, { probability, isContact }] of listed.entries()) {
    if (isContact) found += 1;
    if (listed[i + 1]?.probability === probability) continue;
    const precision = share(found, i + 1);
    const recall = share(found, contacts);
    const f1 = found === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    points.push({ threshold: probability, precision, recall, f1 });
  }
  return points;
}

/** The best harmonic mean of precision and recall over all thresholds; undefined where nobody is listed. */
export function bestF1(judged: readonly Judged[]): CurvePoint | undefined {
  return precisionRecallCurve(judged).reduce<CurvePoint | undefined>(
    (best, point) => (best === undefined || point.f1 > best.f1 ? point : best),
    undefined,
  );
}

/** Mean squared error of probabilities over those named with at least `from`. */
export function brier(judged: readonly Judged[], from: number): number {
  const named = judged.filter(({ probability }) => probability > 0 && probability >= from);
  const sum = named.reduce((total, { probability, isContact }) => total + (probability - (isContact ? 1 : 0)) ** 2, 0);
  return named.length === 0 ? 0 : sum / named.length;
}

const BINS = 10;

/** Expected calibration error: ten bins of equal width, over those named with at least `from`. */
export function calibrationError(judged: readonly Judged[], from: number): number {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, said: 0, seen: 0 }));
  let named = 0;
  for (const { probability, isContact } of judged) {
    const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))];
    if (probability <= 0 || probability < from || bin === undefined) continue;
    named += 1;
    bin.count += 1;
    bin.said += probability;
    bin.seen += isContact ? 1 : 0;
  }
  return named === 0 ? 0 : bins.reduce((sum, { said, seen }) => sum + Math.abs(said - seen), 0) / named;
}
