// Casework: the health authority's web console. It holds staff accounts and sessions, passes signed orders on, opens nothing.
export { buildCasework, caseworkMigrations, type CaseworkRunning } from './build.ts';
export { Config, Secrets } from './config.ts';
export { events } from './events.ts';
