// Wiring of the registrar: two listeners, one database, one folder of key slots, the providers of text messages.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fallback, openProviders } from '@tongche/connectors';
import type { MessageGateway, Provider } from '@tongche/connectors';
import type { PageSettings } from '@tongche/contract';
import { createMetrics, createServer, firstOf, internalClient, listen, targetsOf } from '@tongche/http';
import type { App, Listening } from '@tongche/http';
import { connect, migrate } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { bytesFrom, ConfigError, openSlots } from '@tongche/runtime';
import type { Clock, Log, Random, Running } from '@tongche/runtime';
import { deriveAssisted } from './assist/derive.ts';
import { assistTokens } from './assist/token.ts';
import { checkConfig, checkSecrets } from './config.ts';
import type { Config, Secrets } from './config.ts';
import { openConsent } from './consent.ts';
import { events } from './events.ts';
import { openRelayDesk } from './jobs/relay.ts';
import type { Relay } from './jobs/relay.ts';
import { retire, retireKeys } from './jobs/retire.ts';
import { admissionDelivery } from './keys/delivery.ts';
import type { Delivery } from './keys/delivery.ts';
import { openIntake } from './keys/intake.ts';
import { openKeyring } from './keys/keyring.ts';
import { INTERNAL_BODY_BYTES, PUBLIC_BODY_BYTES, RETIRE_KEYS_EVERY_MS, RETIRE_ROWS_EVERY_MS } from './limits.ts';
import { openLogMirror } from './log-mirror.ts';
import { backgroundMessages } from './otp/messages.ts';
import type { Messages } from './otp/messages.ts';
import { otpDesk } from './otp/request.ts';
import { verifyOtp } from './otp/verify.ts';
import { bundleDigest, readPage, readWorker } from './pages/page-files.ts';
import { pageRoutes } from './pages/routes.ts';
import { assistRoutes } from './routes/assist.ts';
import { enrolRoutes } from './routes/enrol.ts';
import { internalRoutes } from './routes/internal.ts';
import { publicRoutes } from './routes/public.ts';
import { relayRoutes } from './routes/relay.ts';
import { openStores } from './store/stores.ts';
import { bytesOf, walletDesk } from './wallet.ts';
import { wechatDesk } from './wechat.ts';
import type { WechatDesk } from './wechat.ts';

export interface RegistrarOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
  /** In place of the configured providers. */
  readonly gateway?: MessageGateway;
}

export interface Registrar extends Running {
  readonly public: Listening;
  readonly internal: Listening;
  /** Hex digest of the passenger bundle that is served. */
  readonly bundleSha256: string;
  /** For tests: the jobs that otherwise follow the clock, and what runs in the background of answers. */
  readonly relay: Relay;
  readonly delivery: Delivery;
  readonly messages: Messages;
  retire(): Promise<void>;
}

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

function settingsOf(config: Config): PageSettings {
  const { authority, vault, platformUrl, consent, retentionDays, mode, smsProvider, askName, languages } = config;
  return {
    authority,
    signP256: vault.p256,
    platformUrl,
    consentVersion: consent.version,
    retentionDays,
    demo: mode === 'demo',
    smsProvider,
    askName,
    languages,
  };
}

async function providersOf(options: RegistrarOptions): Promise<readonly Provider[]> {
  const { config, secrets, clock, log, gateway } = options;
  // One-time codes are either typed in or asked for again: their receipts tell nothing anybody waits for.
  const receipts = false;
  const providers: readonly Provider[] =
    gateway === undefined
      ? await openProviders({ providers: config.providers, secrets: secrets.providers, receipts, clock, log })
      : [{ name: 'given', channel: 'sms', gateway }];
  for (const one of providers) one.gateway.onReceipt(async () => {});
  return providers;
}

function openWechat(config: Config, secrets: Secrets, log: Log): WechatDesk | undefined {
  if (config.wechat === undefined) return undefined;
  const { wechatSecret: secret } = secrets;
  if (secret === undefined) throw new ConfigError('the mini-program needs "wechatSecret" among the secrets');
  return wechatDesk({ ...config.wechat, secret, consentVersion: config.consent.version, log });
}

function openPages(config: Config, settings: PageSettings, log: Log) {
  const { pages: folder, platformUrl } = config;
  const { sha256, files } = bundleDigest(folder);
  log.event(events.pages, { sha256, files });
  const page = (name: string) => readPage(folder, name, settings, platformUrl);
  return {
    sha256,
    pages: {
      index: page('index.html'),
      assist: page('assist.html'),
      notice: page('notice.html'),
      alias: existsSync(join(folder, 'alias.html')) ? page('alias.html') : undefined,
      worker: readWorker(folder, platformUrl),
      folder,
    },
  };
}

function openServers(config: Config, clock: Clock, log: Log, db: Database): { open: App; inner: App } {
  const metrics = createMetrics();
  const health = async () => {
    const row = await db.one<{ ok: number }>('select 1 as ok');
    return { ok: row?.ok === 1, checks: { database: row?.ok === 1 } };
  };
  const direct = config.proxies.length === 0;
  const open = createServer({
    name: 'registrar',
    clock,
    log,
    health,
    metrics,
    exposeMetrics: false,
    bodyLimit: PUBLIC_BODY_BYTES,
    // A kept connection would link one scan with the next; behind our proxy only the proxy holds it.
    ...(direct ? { dropConnection: ['/'] } : { trustProxy: config.proxies }),
    // A foreign name that points here (DNS rebinding) gets nothing.
    ...(config.mode === 'production' ? { hosts: [new URL(config.publicUrl).hostname] } : {}),
  });
  const inner = createServer({
    name: 'registrar-internal',
    clock,
    log,
    health,
    metrics,
    bodyLimit: INTERNAL_BODY_BYTES,
  });
  return { open, inner };
}

/** Starts the registrar. Throws ConfigError with one line for whatever the operator must change. */
export async function buildRegistrar(options: RegistrarOptions): Promise<Registrar> {
  const { config, secrets, clock, log } = options;
  checkConfig(config);
  checkSecrets(config, secrets);
  const random = bytesFrom(options.random);
  const settings = settingsOf(config);
  const { sha256: bundleSha256, pages } = openPages(config, settings, log);
  const slots = openSlots(config.slotsFolder, bytesOf(secrets.unsealKey), { random });
  const db = connect({ url: secrets.databaseUrl, max: config.databaseMax, name: 'registrar', log });
  await migrate(db, migrations, { app: 'registrar', log });
  const stores = openStores(db);
  const consent = await openConsent(config.consent, stores.consent, log);

  const platforms = targetsOf(config.platformInternal).map(internalClient);
  const platform = firstOf(platforms);
  const keyring = openKeyring({ slots, clock, zone: config.authority.zone, random });
  const delivery = admissionDelivery(platforms, keyring, clock, log);
  const onKeys = (): void => void delivery.run();
  const intake = await openIntake({ config, keyring, store: stores.bundles, log, onKeys });
  const mirror = await openLogMirror(stores.log, config.vault.ed25519, log);
  const retirement = { keyring, intake, stores, clock, log, retentionDays: config.retentionDays };
  await retire(retirement);

  const providers = await providersOf(options);
  const onRefused = (provider: string, reason: string) => log.event(events.otpProvider, { provider, reason });
  const messages = backgroundMessages(fallback({ providers, onRefused }), clock, log, random);
  const otp = otpDesk({ config, clock, log, random, keyring, messages });
  const { iss } = config.authority;
  const bundles = () => intake.bundles();
  const shared = { iss, clock, random, keyring, bundles };
  const wallets = walletDesk({ ...shared, denials: stores.denials, consentVersion: config.consent.version });
  const checking = { clock, keyring, store: stores.challenges, tries: config.otp.tries };
  const wechat = openWechat(config, secrets, log);
  const relay = openRelayDesk({ store: stores.relay, platform, clock, log, settings: config.relay });
  const tokens = assistTokens(platform, clock, log);

  const { open, inner } = openServers(config, clock, log, db);
  open.register(async (app) => pageRoutes(app, pages));
  open.register(async (app) =>
    enrolRoutes(app, { config, clock, otp, wallets, wechat, verify: (asked) => verifyOtp(checking, asked) }),
  );
  open.register(async (app) => relayRoutes(app, { config, clock, relay }));
  open.register(async (app) =>
    assistRoutes(app, { config, clock, tokens, derive: (asked) => deriveAssisted(shared, asked) }),
  );
  open.register(async (app) => publicRoutes(app, { config, clock, stores, bundles, settings, consent }));
  inner.register(async (app) => internalRoutes(app, { stores, intake, mirror, log }));

  const stopKeys = clock.every('retire-keys', RETIRE_KEYS_EVERY_MS, () => retireKeys(retirement));
  const stopRows = clock.every('retire-rows', RETIRE_ROWS_EVERY_MS, async () => retire(retirement));
  const internal = await listen(inner, config.internal);
  const outside = await listen(open, config.listen);
  void delivery.run();
  log.event(events.started, {
    publicUrl: config.publicUrl,
    internal: 'socket' in internal ? 'socket' : 'tcp',
    mode: config.mode,
  });

  async function close(): Promise<void> {
    stopKeys();
    stopRows();
    delivery.stop();
    relay.stop();
    await open.close();
    await inner.close();
    // The gateways settle what they were given; only then nothing is on its way any more.
    await Promise.all(providers.map(({ gateway }) => gateway.close()));
    await messages.idle();
    await platform.close();
    await db.end();
  }

  return {
    close,
    public: outside,
    internal,
    bundleSha256,
    relay,
    delivery,
    messages,
    retire: async () => retire(retirement),
  };
}
