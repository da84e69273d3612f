// The ranking by bounds alone, until every caller speaks the words of `types.ts`.
export { rankApart } from './aside.ts';
export type { Rider, SortedContacts } from './aside.ts';
export { bestNote, intervalOf } from './interval.ts';
export { P_VERIFY } from './rank.ts';
export { MAX_WINDOW_REACH_MS, windowsFor } from './windows.ts';
export type { Window } from './windows.ts';
export type { Basis, Interval, Leg, Name, Presence, RankedContact, Run, RunStop, StopBounds, Tier } from './model.ts';
