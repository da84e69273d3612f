// Who rode along: from rides and timelines to windows and a ranked, explained list. Pure: no I/O, no clock, no randomness.
export { bestNote, intervalOf } from './interval.ts';
export { P_VERIFY, rank } from './rank.ts';
export type { RankInput } from './rank.ts';
export { MAX_WINDOW_REACH_MS, windowsFor } from './windows.ts';
export type { Window } from './windows.ts';
export type { Basis, Interval, Leg, Name, Presence, RankedContact, Run, RunStop, StopBounds, Tier } from './model.ts';
