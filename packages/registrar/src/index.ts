// The health authority's online process: pages, one-time codes, wallets, the relay, assisted registration, notices,
// lists and the public log's mirror. Holds keys of yesterday..+7 and no directory of passengers.
export { buildRegistrar } from './build.ts';
export type { Registrar, RegistrarOptions } from './build.ts';
export { Config, Secrets } from './config.ts';
export { events } from './events.ts';
export { packWallet } from './wallet-pack.ts';
