// The face of the simulator: the demo city, phones and desks without a screen, and the replay of recorded rides.
export { DEMO_CITY_FILES, DEMO_CITY_NAME, DEMO_CITY_ZONE, makeDemoCity, writeDemoCity } from './city/index.ts';
export type { DemoCity, DemoCityFile } from './city/index.ts';
export {
  aboardWithCase,
  dayClock,
  DEFAULT_DAY,
  gradeList,
  LIVE_ACCOUNT,
  maskOf,
  MAX_RIDERS,
  noteBefore,
  openDraws,
  planDay,
  simulateDay,
} from './day/index.ts';
export type {
  DayCity,
  DayClock,
  DayParameters,
  DayPlan,
  DayResult,
  DayStatistics,
  Draws,
  Grade,
  Interlude,
  PlannedRide,
  Progress,
  Rider,
  RiderId,
  SimulateOptions,
} from './day/index.ts';
export { openCaller, refusalOf } from './phone/caller.ts';
export type { Answer, Caller } from './phone/caller.ts';
export { otpInbox } from './phone/otp-inbox.ts';
export { openPhone, PhoneRefused } from './phone/phone.ts';
export type { Phone, PhoneOptions, PhoneWorld, Scan, ScanOptions } from './phone/phone.ts';
export { allContacts, ConsoleRefused, openConsole, sendMessages, traceCase } from './casework/console.ts';
export type { Console, Person, Signer } from './casework/console.ts';
export { readExpected, readRides, readVisits } from './replay/files.ts';
export { planReplay } from './replay/plan.ts';
export { replay } from './replay/replay.ts';
export type { ReplayCity, ReplayResult } from './replay/replay.ts';
export { writeReplayCity } from './replay/write-city.ts';
