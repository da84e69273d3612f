// From the probabilities that the engine computes to those that were observed: one table for each pair of bases.
import type { Basis, Exposure, Priors } from '@tongche/tracing';
import { isTrueExposure, NO_INTERVIEW, traceCase } from '../ladder/engine.ts';
import type { Interview } from '../ladder/engine.ts';
import { askingOf } from '../ladder/setting.ts';
import type { Setting } from '../ladder/setting.ts';
import type { NoteShare } from '../observe/notes.ts';
import { calibrationPoints } from '../score/isotonic.ts';
import type { Seen } from '../score/isotonic.ts';

const STRENGTH: readonly Basis[] = ['observed', 'interviewed', 'chained', 'habitual', 'prior'];
/** Observations that a point of a table stands for, at least. */
const POINT = 400;
const SURELY_OWN = 0.98;

/** What the engine is allowed to know while it is watched: with and without notes, interviews and timelines. */
const WATCHED: readonly { readonly known: number; readonly notes: NoteShare; readonly interview: Interview }[] = [
  { known: 1, notes: 'all', interview: NO_INTERVIEW },
  { known: 1, notes: 'web', interview: { rides: true, missing: false } },
  { known: 1, notes: 'none', interview: NO_INTERVIEW },
  { known: 0, notes: 'none', interview: NO_INTERVIEW },
];

/** The engine's own key of a table. */
function keyOf({ basis, caseBasis, timeline }: Exposure): string {
  if (!timeline) return 'no-timeline';
  const pair = [basis, caseBasis].sort((a, b) => STRENGTH.indexOf(a) - STRENGTH.indexOf(b));
  return pair.join('+');
}

/** Everything seen in one setting, by table. `raw` are priors without tables. */
export function seenIn(setting: Setting, raw: Priors): ReadonlyMap<string, readonly Seen[]> {
  const seen = new Map<string, Seen[]>();
  for (const { known, notes, interview } of WATCHED) {
    const asking = askingOf(setting, raw, known, notes);
    for (const one of setting.cases) {
      for (const { exposures } of traceCase(asking, one, interview).contacts) {
        for (const exposure of exposures) {
          // Of a number that two use, tables know nothing: what is left of such a ride is counted on its own.
          if (exposure.zone === 'same-vehicle' || exposure.ownShare < SURELY_OWN) continue;
          const key = keyOf(exposure);
          const pair = { raw: exposure.probability / exposure.ownShare, isTrue: isTrueExposure(asking, one, exposure) };
          const list = seen.get(key);
          if (list === undefined) seen.set(key, [pair]);
          else list.push(pair);
        }
      }
    }
  }
  return seen;
}

export function tablesOf(seen: readonly ReadonlyMap<string, readonly Seen[]>[]): Priors['calibration'] {
  const keys = [...new Set(seen.flatMap((each) => [...each.keys()]))].sort();
  const tables = keys.map((key) => {
    const all = seen.flatMap((each) => each.get(key) ?? []);
    return [key, calibrationPoints(all, POINT)] as const;
  });
  return Object.fromEntries(tables.filter(([, points]) => points.length >= 2));
}
