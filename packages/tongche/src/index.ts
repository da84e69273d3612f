// The face of the command line: composition of all processes in one, for tests, replay and benchmarks.
export { composeCity } from './compose.ts';
export type { Adjustments, ComposeOptions, Composed } from './compose.ts';
export type { CityFiles } from './configs.ts';
export { demoBus } from './demo-bus.ts';
export type { DemoBus } from './demo-bus.ts';
export { CASEWORK_PEOPLE, PLATFORM_STAFF } from './demo-people.ts';
export { layoutOf } from './layout.ts';
export { encodeLogKey } from './log-check.ts';
export type { Layout, Ports, ProcessName } from './layout.ts';
export { provision } from './provision.ts';
export type { Installation, ProvisionOptions } from './provision.ts';
