// Wires the notifier: two databases, the providers, one sender. Everything it needs is an argument.
import { fileURLToPath } from 'node:url';

import { openProviders } from '@tongche/connectors';
import type { MessageGateway, Provider } from '@tongche/connectors';
import { createServer, listen } from '@tongche/http';
import type { Listening } from '@tongche/http';
import {
  OUTBOX_CHANNEL,
  awaitingReceipts,
  blankSettled,
  forgetTried,
  markInterrupted,
  markReceiptless,
} from '@tongche/outbox';
import { connect, migrate } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { systemClock } from '@tongche/runtime';
import type { Clock, Log, Running } from '@tongche/runtime';

import { checkConfig } from './config.ts';
import type { Config, Secrets } from './config.ts';
import { events } from './events.ts';
import { quietHours } from './quiet-hours.ts';
import { createReach } from './reach.ts';
import { createReceipts } from './receipts.ts';
import { createSender } from './sender.ts';
import { becomeSole } from './sole.ts';

const HOUSEKEEPING_MS = 60_000;
/** Networks report within 72 hours or never. */
const AWAIT_RECEIPTS_MS = 72 * 3_600_000;
const MAX_AWAITED = 50_000;
const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export interface NotifierOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Times databases and network; the system's clock when absent. */
  readonly wireClock?: Clock;
  readonly log: Log;
  /** In place of the configured providers, for text messages. */
  readonly gateway?: MessageGateway;
}

export interface Notifier extends Running {
  /** Where health and metrics are served. */
  readonly internal: Listening;
}

/** Throws ConfigError when a setting is wrong, a port is taken or another notifier is running. */
export async function buildNotifier(options: NotifierOptions): Promise<Notifier> {
  const { config, secrets, log } = options;
  checkConfig(config, secrets);
  const inbox = connect({ url: secrets.databaseUrl, max: config.connections, name: 'notifier', log });
  const outbox = connect({ url: secrets.outboxUrl, max: config.connections, name: 'notifier-outbox', log });
  try {
    await migrate(inbox, migrations, { app: 'notifier', log });
    return await start(options, inbox, outbox);
  } catch (error) {
    await Promise.allSettled([inbox.end(), outbox.end()]);
    throw error;
  }
}

async function start(options: NotifierOptions, inbox: Database, outbox: Database): Promise<Notifier> {
  const { config, clock, log } = options;
  // Databases and gateways are real, also where `clock` is a settable one: waiting for them takes real time.
  const wireClock = options.wireClock ?? systemClock((error, job) => log.fault(job, error));
  /** Undone in reverse order when the process closes, or when it cannot start after all. */
  const undo: (() => Promise<void> | void)[] = [];
  async function close(): Promise<void> {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  }
  try {
    const sole = await becomeSole({ db: inbox, clock: wireClock, log, onRegained: () => sender.wake() });
    undo.push(() => sole.release());
    log.event(events.started, { interrupted: await markInterrupted(outbox, clock.now()) });
    await forgetTried(outbox);

    const providers = await providersOf(options, wireClock);
    const receipts = createReceipts({ inbox, outbox, clock, log, onPutBack: () => sender.wake() });
    for (const { gateway } of providers) gateway.onReceipt((receipt) => receipts.take(receipt));
    const quiet = quietHours(config.quiet, config.zone);
    const sender = createSender({
      outbox,
      providers,
      reach: createReach(wireClock, config.downAfterMs),
      receipts,
      quiet,
      clock,
      wireClock,
      log,
      mayClaim: () => sole.held(),
    });
    undo.push(async () => {
      sender.stop();
      await Promise.all(providers.map(({ gateway }) => gateway.close()));
      await sender.idle();
      await receipts.idle();
    });
    for (const { gateway } of providers) gateway.onRoom(() => sender.wake());
    await resumeReceipts(outbox, providers, clock.now());
    const wake = (): void => sender.wake();
    undo.push(await outbox.listen(OUTBOX_CHANNEL, wake, { onReconnect: wake }));
    undo.push(clock.every('notifier-poll', config.pollMs, () => sender.wake()));
    async function housekeeping(): Promise<void> {
      await receipts.sweep();
      await keepHouse(outbox, config, clock.now(), log);
    }
    undo.push(clock.every('notifier-housekeeping', HOUSEKEEPING_MS, housekeeping));

    const server = createServer({
      name: 'notifier',
      clock,
      log,
      health: async () => {
        await Promise.all([inbox.query('select 1'), outbox.query('select 1')]);
        const checks = { gateway: everyChannelConnected(providers), sole: sole.held(), inFlight: sender.inFlight() };
        return { ok: checks.gateway && checks.sole, checks };
      },
    });
    const internal = await listen(server, config.listen);
    undo.push(() => server.close());
    await housekeeping();
    sender.wake();
    return {
      internal,
      async close() {
        await close();
        await Promise.all([inbox.end(), outbox.end()]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function providersOf(options: NotifierOptions, wireClock: Clock): Promise<readonly Provider[]> {
  const { config, secrets, clock, log, gateway } = options;
  if (gateway !== undefined) return [{ name: 'given', channel: 'sms', gateway }];
  const list = { providers: config.providers, secrets: secrets.providers };
  return openProviders({ ...list, receipts: true, clock, wireClock, log });
}

/** Healthy while each channel has one provider with a connection. */
function everyChannelConnected(providers: readonly Provider[]): boolean {
  return providers.every(({ channel }) => providers.some((one) => one.channel === channel && one.gateway.connected()));
}

/** For providers that must be asked for each receipt: what an earlier process was still waiting for. */
async function resumeReceipts(outbox: Database, providers: readonly Provider[], nowMs: number): Promise<void> {
  const parts = await awaitingReceipts(outbox, nowMs - AWAIT_RECEIPTS_MS, MAX_AWAITED);
  const awaited = parts.map(({ gatewayId, address: to, acceptedMs }) => ({ gatewayId, to, acceptedMs }));
  for (const { gateway } of providers) gateway.awaitReceipts?.(awaited);
}

/** What time alone decides: accepted without receipts is uncertain, settled texts are destroyed. */
async function keepHouse(outbox: Database, config: Config, nowMs: number, log: Log): Promise<void> {
  const receiptless = await markReceiptless(outbox, nowMs - config.receiptWaitMs);
  if (receiptless > 0) log.event(events.receiptless, { count: receiptless });
  const blanked = await blankSettled(outbox, nowMs - config.keepTextMs, nowMs);
  if (blanked > 0) log.event(events.blanked, { count: blanked });
}
