// The console's own interface: sessions, passkeys, demonstration signing, and the table of what passes on to the vault.
import { Readable } from 'node:stream';
import { DemoSign, Empty, Refusal, RosterReply, type PendingKey } from '@tongche/contract';
import { RemoteError, type App, type InternalClient, type Request } from '@tongche/http';
import { Type } from 'typebox';
import type { Config, Secrets } from './config.ts';
import { signForDemo } from './demo.ts';
import { events } from './events.ts';
import type { Passkeys } from './passkeys.ts';
import type { Sessions } from './sessions.ts';
import type { StaffMember } from './store/staff.ts';
import { vaultRoutes } from './vault-routes.ts';

/** A trace of a busy fortnight opens a hundred thousand envelopes; approval writes ten thousand rows. */
const vaultTimeoutMs = 60_000;
const SignIn = Type.Object(
  { account: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);
const PasskeyResponse = Type.Object({ response: Type.Unknown() }, { additionalProperties: false });

export interface ApiParts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly sessions: Sessions;
  readonly passkeys: Passkeys;
  readonly vault: InternalClient;
}

/** Refusals of the vault reach the browser as they are; silence of the vault is `busy`. */
async function fromVault<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    throw new Refusal(error.code === 'unreachable' ? 'busy' : error.code, error.extra);
  }
}

function actorHeaders(member: StaffMember): Record<string, string> {
  return { 'x-actor': encodeURIComponent(member.person), 'x-role': member.role };
}

/** What is asked of the vault: the route's own path with the ids filled in, so that nothing else of a request's line passes. */
function vaultPath(template: string, request: Pick<Request, 'params' | 'url'>): string {
  const params = request.params as Readonly<Record<string, string>>;
  const path = template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const query = request.url.indexOf('?');
  return query < 0 ? path : path + request.url.slice(query);
}

export function addApi(app: App, parts: ApiParts): void {
  const { config, secrets, sessions, passkeys, vault } = parts;
  const production = config.mode === 'production';
  const cookie = { httpOnly: true, sameSite: 'strict', path: '/', secure: production } as const;

  function whoAsks(request: Request): Promise<StaffMember> {
    return sessions.require(request.cookies[sessions.cookieName]);
  }
  async function view(member: StaffMember): Promise<object> {
    const roster = await fromVault(vault.get('/roster', RosterReply, { headers: actorHeaders(member) }));
    const keyIds = roster.keys.filter((key) => key.person === member.person).map((key) => key.keyId);
    return {
      person: member.person,
      name: { zh: member.nameZh, en: member.nameEn },
      role: member.role,
      demo: config.mode === 'demo',
      zone: config.zone,
      keyIds,
    };
  }

  // Another site's page may not write with this browser's cookie: SameSite, and the origin must be ours.
  app.addHook('onRequest', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (request.headers.origin !== undefined && request.headers.origin !== config.origin)
      throw new Refusal('wrong-origin');
  });

  app.post('/api/session', { schema: { body: SignIn } }, async (request, reply) => {
    try {
      const { token, member } = await sessions.signIn(request.body.account, request.body.password);
      void reply.setCookie(sessions.cookieName, token, cookie);
      app.tongche.log.event(events.signedIn, { role: member.role });
      return await view(member);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'wrong-credentials')
        app.tongche.log.event(events.signInRefused, {});
      throw error;
    }
  });
  app.get('/api/session', async (request) => view(await whoAsks(request)));
  app.delete('/api/session', async (request, reply) => {
    await sessions.signOut(request.cookies[sessions.cookieName]);
    return reply.clearCookie(sessions.cookieName, cookie).code(204).send();
  });

  app.post('/api/passkeys/options', { schema: { body: Empty } }, async (request) => {
    const member = await whoAsks(request);
    const roster = await fromVault(vault.get('/roster', RosterReply, { headers: actorHeaders(member) }));
    return passkeys.options(
      member,
      roster.keys.filter((key) => key.person === member.person && !key.demo).map((key) => key.keyId),
    );
  });
  app.post('/api/passkeys', { schema: { body: PasskeyResponse } }, async (request) => {
    const member = await whoAsks(request);
    const key = await passkeys.verify(member, request.body.response);
    const pending: Record<keyof typeof PendingKey.properties, string> = {
      ...key,
      role: member.role,
      person: member.person,
    };
    return fromVault(vault.post('/roster/pending', pending, RosterReply, { headers: actorHeaders(member) }));
  });
  app.post('/api/demo/sign', { schema: { body: DemoSign } }, async (request) => {
    const member = await whoAsks(request);
    const key = secrets.demoKeys?.[member.person];
    if (production || key === undefined) throw new Refusal('demo-key-refused');
    return signForDemo(key, config.origin, request.body.hash);
  });

  for (const route of vaultRoutes) {
    app.route({
      method: route.method,
      url: `/api${route.path}`,
      schema: route.body === undefined ? {} : { body: route.body },
      ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
      handler: async (request, reply) => {
        const member = await whoAsks(request);
        if (route.roles !== undefined && !route.roles.includes(member.role)) throw new Refusal('forbidden');
        const path = vaultPath(route.path, request);
        const options = { headers: actorHeaders(member), timeoutMs: vaultTimeoutMs };
        if (route.isFile) {
          const { name, type, body } = await fromVault(vault.file(path, request.body, options));
          void reply
            .header('content-disposition', `attachment; filename="${name}"`)
            .header('cache-control', 'no-store');
          return reply.type(type).send(Readable.from(body, { objectMode: false }));
        }
        return fromVault(
          route.method === 'GET'
            ? vault.get(path, Type.Unknown(), options)
            : vault.post(path, request.body, Type.Unknown(), options),
        );
      },
    });
  }
  // Below /api nobody is answered with a page.
  app.get('/api/*', async () => {
    throw new Refusal('not-found');
  });
}
