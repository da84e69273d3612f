// The transport operator's process: rides it cannot open, vehicles, runs, shifts. Knows rides, no people.
export { buildPlatform } from './build.ts';
export type { NewStaff, PlatformOptions, RunningPlatform } from './build.ts';
export { Config, configOfProcess, Secrets } from './config.ts';
export { events } from './events.ts';
export { ASSISTED, CREW, IMPLAUSIBLE, LATE, REUSE } from './rides/flags.ts';
export { notePlaces } from './relay/note-place.ts';
export type { NotePlace } from './relay/note-place.ts';
export { ridePartitions } from './roll.ts';
export { matchTags, ridesOfSpans } from './store/rides.ts';
export { insertRuns } from './store/runs.ts';
export { rewriteDay } from './store/seal.ts';
export type { Sealed } from './store/seal.ts';
