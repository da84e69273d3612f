// The rungs of the ladder, from what anybody can do by hand to everything the system has.
import type { Priors } from '@tongche/tracing';
import type { NoteShare } from '../observe/notes.ts';
import type { TrueCase } from '../score/truth.ts';
import type { Interview } from './engine.ts';
import { namedBy, NO_INTERVIEW, traceCase } from './engine.ts';
import { sameDay, sameRun, within } from './naive.ts';
import type { Named } from './naive.ts';
import { askingOf } from './setting.ts';
import type { Setting } from './setting.ts';

export type MethodName =
  | 'same vehicle, same day'
  | 'same vehicle, 60 min'
  | 'same vehicle, 30 min'
  | 'same vehicle, 15 min'
  | 'same run'
  | 'no timeline'
  | 'timeline'
  | 'timeline, chained'
  | 'timeline, chained, interviewed'
  | 'timeline, web notes'
  | 'timeline, web notes, interviewed'
  | 'half the timelines, chained'
  | 'missing rides told';

export interface Method {
  readonly name: MethodName;
  /** Yes or no, without a probability to choose a threshold of. */
  readonly isNaive: boolean;
  open(setting: Setting, priors: Priors): (of: TrueCase) => Named;
}

function naive(name: MethodName, names: (setting: Setting, key: number) => Named): Method {
  return { name, isNaive: true, open: (setting) => (of) => names(setting, of.key) };
}

function engine(name: MethodName, known: number, notes: NoteShare, interview: Interview = NO_INTERVIEW): Method {
  return {
    name,
    isNaive: false,
    open(setting, priors) {
      const asking = askingOf(setting, priors, known, notes);
      return (of) => namedBy(traceCase(asking, of, interview));
    },
  };
}

const ENDS_TOLD: Interview = { rides: true, missing: false };

export const METHODS: readonly Method[] = [
  naive('same vehicle, same day', ({ registrations }, key) => sameDay(registrations, key)),
  naive('same vehicle, 60 min', ({ registrations }, key) => within(registrations, key, 60)),
  naive('same vehicle, 30 min', ({ registrations }, key) => within(registrations, key, 30)),
  naive('same vehicle, 15 min', ({ registrations }, key) => within(registrations, key, 15)),
  naive('same run', ({ registrations, timelines }, key) => sameRun(registrations, timelines, key)),
  engine('no timeline', 0, 'none'),
  engine('timeline', 1, 'none'),
  engine('timeline, chained', 1, 'all'),
  engine('timeline, chained, interviewed', 1, 'all', ENDS_TOLD),
  engine('timeline, web notes', 1, 'web'),
  engine('timeline, web notes, interviewed', 1, 'web', ENDS_TOLD),
  engine('half the timelines, chained', 0.5, 'all'),
  engine('missing rides told', 1, 'all', { rides: true, missing: true }),
];
