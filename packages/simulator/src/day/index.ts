// A simulated day: its plan, its truth, and how it is played through a running city.
export { dayClock } from './clock.ts';
export type { DayClock } from './clock.ts';
export { openDraws } from './draws.ts';
export type { Draws } from './draws.ts';
export type { DayPlan, PlannedRide, Rider, RiderId } from './model.ts';
export { noteBefore } from './notes.ts';
export { DEFAULT_DAY } from './parameters.ts';
export type { DayParameters } from './parameters.ts';
export { maskOf, MAX_RIDERS } from './people.ts';
export { planDay } from './plan.ts';
export { LIVE_ACCOUNT } from './shifts.ts';
export { simulateDay } from './simulate.ts';
export type { DayCity, DayResult, Interlude, Progress, SimulateOptions } from './simulate.ts';
export type { DayStatistics } from './statistics.ts';
export { aboardWithCase, gradeList } from './truth.ts';
export type { Grade } from './truth.ts';
