// Configuration and secrets of the casework process.
import { ListenConfig, TargetConfig } from '@tongche/http';
import { Type, type Static } from 'typebox';

export const Config = Type.Object({
  mode: Type.Union([Type.Literal('demo'), Type.Literal('production')]),
  /** Where browsers connect. Loopback or behind the authority's proxy. */
  listen: ListenConfig,
  /** The one origin pages are served from; passkeys are bound to its host name. */
  origin: Type.String(),
  zone: Type.String(),
  /** Folder of the built console. */
  pages: Type.String(),
  vault: TargetConfig,
  databaseMax: Type.Integer({ minimum: 1, maximum: 50, default: 4 }),
});
export type Config = Static<typeof Config>;

export const Secrets = Type.Object({
  /** postgres://role:password@host/database, a socket folder percent-encoded as host. */
  databaseUrl: Type.String({ minLength: 1 }),
  /** Demonstration only: development authenticators by person, P-256 scalars in base64url. */
  demoKeys: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type Secrets = Static<typeof Secrets>;
