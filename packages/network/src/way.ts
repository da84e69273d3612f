// How far a place lies off a vehicle's way along its stops, where only the stops are known and not the road between them.
import type { Point } from './distance.ts';
import { onPlane, planeAt } from './match-path.ts';

/**
 * Roads are longer than the straight line between two stops, by about a third in cities. A place is on the way between
 * them when going over it is no longer than that: an ellipse around both, as wide as the road may swing.
 */
const DETOUR = 1.4;

export type Way = {
  /** Metres beside the way at least; 0 on it. Grows as fast as the place moves away. */
  readonly offM: (place: Point) => number;
};

/** Undefined with fewer than two stops: one place is no way. `lines` are ways of one vehicle, each in order of travel. */
export function wayAlong(lines: readonly (readonly Point[])[]): Way | undefined {
  const long = lines.filter((stops) => stops.length >= 2);
  const origin = long[0]?.[0];
  if (origin === undefined) return undefined;
  const plane = planeAt(origin);
  const legs = long.flatMap((stops) => {
    const on = stops.map((stop) => onPlane(plane, stop));
    return on.slice(1).flatMap((to, n) => {
      const from = on[n];
      return from === undefined ? [] : [{ from, to, roadM: DETOUR * apart(from.x, from.y, to.x, to.y) }];
    });
  });
  return {
    offM(place) {
      const { x, y } = onPlane(plane, place);
      let least = Infinity;
      for (const { from, to, roadM } of legs) {
        const overM = apart(from.x, from.y, x, y) + apart(x, y, to.x, to.y);
        least = Math.min(least, Math.max(0, (overM - roadM) / 2));
        if (least === 0) break;
      }
      return least;
    },
  };
}

function apart(x1: number, y1: number, x2: number, y2: number): number {
  return Math.sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2);
}
