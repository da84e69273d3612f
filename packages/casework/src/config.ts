// Configuration and secrets of the casework process.
import { Type, type Static } from 'typebox';

const Target = Type.Union([
  Type.Object({ socket: Type.String() }),
  Type.Object({
    url: Type.String(),
    tls: Type.Optional(Type.Object({ key: Type.String(), cert: Type.String(), ca: Type.String() })),
  }),
]);

export const Config = Type.Object({
  mode: Type.Union([Type.Literal('demo'), Type.Literal('production')]),
  /** Where browsers connect. Loopback or behind the authority's proxy. */
  listen: Type.Object({ host: Type.String(), port: Type.Integer({ minimum: 0, maximum: 65535 }) }),
  /** The one origin pages are served from; passkeys are bound to its host name. */
  origin: Type.String(),
  zone: Type.String(),
  /** Folder of the built console. */
  pages: Type.String(),
  vault: Target,
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
