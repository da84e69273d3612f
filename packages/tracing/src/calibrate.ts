// From the probability the model computes to the one that was observed for such pairs.
import { stronger, weaker } from './stay.ts';
import type { Stay } from './stay.ts';
import type { Priors } from './types.ts';

type Points = readonly (readonly [number, number])[];

function along(points: Points, raw: number): number {
  let before = points[0] ?? [0, 0];
  if (raw <= before[0]) return before[0] <= 0 ? before[1] : (before[1] * raw) / before[0];
  for (const point of points) {
    if (raw <= point[0]) {
      const width = point[0] - before[0];
      return width <= 0 ? point[1] : before[1] + ((point[1] - before[1]) * (raw - before[0])) / width;
    }
    before = point;
  }
  return before[1];
}

/** Rises with `raw`; what cannot have been stays at 0. */
export function calibrated({ calibration }: Priors, raw: number, a: Stay, b: Stay): number {
  if (raw <= 0) return 0;
  const weak = weaker(a.basis, b.basis);
  const points =
    a.kind === 'time'
      ? calibration['no-timeline']
      : (calibration[`${stronger(a.basis, b.basis)}+${weak}`] ?? calibration[weak]);
  return points === undefined ? raw : Math.min(Math.max(along(points, raw), 0), 1);
}
