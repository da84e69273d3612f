// What every process needs around its rules: clock, randomness, configuration, registered log events, key slots,
// lifecycle.
export { coarseClock, settableClock, systemClock } from './clock.ts';
export type { Clock, Job, SettableClock, Stop } from './clock.ts';
export { ConfigError, parseConfig, readConfig, readSecrets } from './config.ts';
export { believe, LeapConfig } from './leap.ts';
export type { Leap, LeapRules } from './leap.ts';
export { createLog, defineEvents, events, memoryLog, silentLog } from './log.ts';
export type { EventSpec, Log, LogEvent, LogLevel, LogLine, LogOptions, LogValue } from './log.ts';
export { bytesFrom, seededRandom } from './random.ts';
export type { Random } from './random.ts';
export { openSlots, SlotError } from './slots.ts';
export type { Slots, SlotOptions } from './slots.ts';
export { runProcess } from './process.ts';
export type { ProcessOptions, Running } from './process.ts';
export { hashPassword, verifyPassword } from './password.ts';
