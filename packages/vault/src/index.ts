// The vault: the health authority's offline process. Day keys and their destruction, the public log, cases, opening.
export { buildVault } from './vault.ts';
export type { Vault, VaultOptions } from './vault.ts';
export { Config, logOriginOf, Secrets } from './config.ts';
export { vaultPublicKeys } from './keys/signing.ts';
export { events } from './events.ts';
