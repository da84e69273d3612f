// Settings of the message sink: stand-ins of message providers that deliver to nobody, for demonstrations and tests.
import { Type, type Static } from 'typebox';

const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
/** Text of approved templates by the provider's id. */
const Templates = Type.Record(Type.String(), Type.String());
/** The provider's answer by rule: numbers that end so get this code of its own. */
const Rules = Type.Optional(Type.Array(Type.Object({ toEndsWith: Type.String(), code: Type.String() })));

export const SinkConfig = Type.Object({
  host: Type.String(),
  smppPort: Port,
  pagePort: Port,
  /** Only the newest are kept, in memory. */
  maxMessages: Type.Integer({ minimum: 1 }),
  /** Providers over HTTP, all on one port. */
  http: Type.Optional(
    Type.Object({
      port: Port,
      tencent: Type.Optional(
        Type.Object({ sdkAppId: Type.String(), signName: Type.String(), templates: Templates, rules: Rules }),
      ),
      aliyun: Type.Optional(Type.Object({ signName: Type.String(), templates: Templates, rules: Rules })),
    }),
  ),
  mail: Type.Optional(Type.Object({ port: Port })),
  /** Fields of each approved subscription template, by its id. */
  wechat: Type.Optional(
    Type.Object({ port: Port, appId: Type.String(), templates: Type.Record(Type.String(), Type.Array(Type.String())) }),
  ),
});
export type SinkConfig = Static<typeof SinkConfig>;

export const SinkSecrets = Type.Object({
  /** Accounts at the message centre. */
  credentials: Type.Array(Type.Object({ systemId: Type.String(), password: Type.String() })),
  /** The account at all the others. */
  gateway: Type.Optional(Type.Object({ account: Type.String(), key: Type.String() })),
});
export type SinkSecrets = Static<typeof SinkSecrets>;
