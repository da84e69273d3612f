// The wire: every request, reply and event, and the error catalogue. Browsers use `import type` only.
export * from './errors.ts';
export * from './common.ts';
export * from './platform.ts';
export * from './staff.ts';
export * from './registrar.ts';
export * from './internal.ts';
export * from './casework.ts';
export * from './casework-contacts.ts';
export * from './casework-exports.ts';
export * from './casework-interview.ts';
export * from './operator.ts';
export * from './operator-doubts.ts';
export * from './operator-doubts.ts';
