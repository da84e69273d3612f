// The face of the package: tokens are in './tokens.css'; here are formatting, dictionaries and shared pieces.
export { ApiError, makeCall } from './api.ts';
export type { Call } from './api.ts';
export * from './doubts.ts';
export * from './format.ts';
export * from './i18n.ts';
export * from './pieces.ts';
