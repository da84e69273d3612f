// The process that sends approved messages, once. Knows addresses and texts for as long as they wait; no keys, no cases.
export { buildNotifier } from './build.ts';
export type { Notifier, NotifierOptions } from './build.ts';
export { Config, Secrets } from './config.ts';
export { events } from './events.ts';
