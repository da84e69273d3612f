// Where to listen and whom to call, as they stand in configuration files. Every process's schema uses these.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Target } from './client.ts';

const Tls = Type.Object({ key: Type.String(), cert: Type.String(), ca: Type.Optional(Type.String()) });

/** Schema of `Listen`: a Unix socket, or a host and port (0 takes a free one). */
export const ListenConfig = Type.Union([
  Type.Object({ socket: Type.String() }),
  Type.Object({ host: Type.String(), port: Type.Integer({ minimum: 0, maximum: 65_535 }), tls: Type.Optional(Tls) }),
]);

/** Schema of `Target`: a Unix socket, or an address, with a client certificate where the other side asks for one. */
export const TargetConfig = Type.Union([
  Type.Object({ socket: Type.String() }),
  Type.Object({ url: Type.String(), tls: Type.Optional(Tls) }),
]);

/** Processes of one kind on several hosts, which share what they know. */
export const TargetsConfig = Type.Union([TargetConfig, Type.Array(TargetConfig, { minItems: 1, maxItems: 32 })]);

export function targetsOf(targets: Static<typeof TargetsConfig>): readonly Target[] {
  return Array.isArray(targets) ? targets : [targets];
}
