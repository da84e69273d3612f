// The face of message templates and their linter.
export type { Channel, Route, Wording } from './message.ts';
