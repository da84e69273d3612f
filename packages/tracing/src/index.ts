// Who rode along: from presences and timelines to a ranked, explained list. Pure: no I/O, no clock, no randomness.
export { ENGINE, trace } from './trace.ts';
export { trainWindowsFor, windowsFor } from './asking.ts';
export type { CaseRides, Window, WindowReason } from './asking.ts';
export { placed, unitsByCode } from './bindings.ts';
export type { CodedPresence, UnitOfCode } from './bindings.ts';
export { burstRuns } from './bursts.ts';
export { canonicalText, recorded, traceBytes } from './digest.ts';
export type { Recorded } from './digest.ts';
export { deltaOf } from './delta.ts';
export type { Change } from './delta.ts';
export { windowOf } from './infectious.ts';
export type { Span } from './infectious.ts';
export { choosePolicy, followUpDays, parsePolicy } from './policy.ts';
export type { Policy, ZoneRule } from './policy.ts';
export { policies, policyById, policyFor } from './policies.ts';
export { defaultPriors, parsePriors } from './priors.ts';
export type {
  Attraction,
  Band,
  Basis,
  CallAt,
  CaseFacts,
  CodeBinding,
  Contact,
  DayRange,
  Exposure,
  Name,
  Presence,
  PresenceSource,
  Priors,
  Reason,
  RunCounts,
  RunTimes,
  Space,
  SpaceKind,
  StopEvidence,
  Tier,
  TimeSource,
  Trace,
  TraceInput,
  Via,
  World,
  Zone,
} from './types.ts';
export { ALARM_CASES, findClusters, WATCH_CASES } from './clusters.ts';
export type {
  ClusterCase,
  Cluster,
  ClusterInput,
  Clusters,
  ClusterStatus,
  Level,
  MatchedControl,
  OnsetSpread,
  RidersOn,
} from './cluster-types.ts';
export type { Control } from './family.ts';
export type { Incubation } from './incubation.ts';
export { candidatesOn, faultsOf, legByTime, pick } from './interview.ts';
export type { LegCandidate, LegCandidates, LegGround, Picked, ToldLeg } from './interview.ts';
export { patternWords } from './interview-words.ts';
export { localTime, weekdayOf } from './calendar.ts';
export { daysOf, weekdayWords } from './recurrence.ts';
export type { Recurrence } from './recurrence.ts';
export type { Weekday } from './calendar.ts';
export { gapsOf } from './gaps.ts';
export type { GapCode, GapInput, GapSuggestion } from './gaps.ts';
export { backwardDays, backwardRuns } from './backward.ts';
export type { BackwardCase, BackwardInput, BackwardRun } from './backward.ts';
export { coverageOf } from './coverage.ts';
export type { CoverageAdvice, CoverageInput, Estimate, RunCoverage } from './coverage.ts';
export type { ComparableRun } from './unregistered.ts';
export { noticeOf } from './notice.ts';
export type { Notice, NoticeFacts, Withheld } from './notice.ts';
export { sharingOf, sharingWords } from './sharing.ts';
export type { Sharing } from './sharing.ts';
export { wrongVehicles } from './wrong-vehicles.ts';
export type { WrongCode, WrongVehicle, WrongVehicleInput } from './wrong-vehicles.ts';
