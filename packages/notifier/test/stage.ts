// What a notifier needs around it: a vault's database with an outbox, its own database, and a message centre.
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';

import { aliyunSink, createSinkBook, httpSink, nameOf, smppSink, tencentSink } from '@tongche/connectors';
import type { HttpSink, SmppSink, SmppSinkOptions } from '@tongche/connectors';
import { countByState, grantNotifier, outboxMigrations } from '@tongche/outbox';
import type { NewMessage } from '@tongche/outbox';
import { connect } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { memoryLog, parseConfig, silentLog, systemClock } from '@tongche/runtime';
import type { Clock } from '@tongche/runtime';

import { buildNotifier, Config } from '../src/index.ts';
import type { Notifier, Secrets } from '../src/index.ts';

/** One engine for all tests of a file. */
const engine = await testEngine();
const account = { systemId: 'notifier', password: 'secret1' };
const signName = '同车';
const tencent = { secretId: 'AKIDtest', secretKey: 'tencent-key' };
const aliyun = { accessKeyId: 'LTAItest', accessKeySecret: 'aliyun-key' };
const CHECK_EVERY_MS = 20;
const GIVE_UP_MS = 30_000;

/** Waits for something another process or a server does. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  const giveUpMs = Date.now() + GIVE_UP_MS;
  while (!(await check())) {
    if (Date.now() > giveUpMs) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
  }
}

export function wordingOf(text: string): NewMessage['wording'] {
  return { template: 'fellow-rider', version: 1, values: { check: text }, text };
}

export interface Stage {
  /** The notifier's clock. */
  readonly clock: Clock;
  readonly realClock: Clock;
  /** The vault's own connection. */
  readonly vault: Database;
  /** The notifier's role in the vault's database. */
  readonly asNotifier: Database;
  readonly sink: SmppSink;
  /** Tencent and Aliyun; its messages and those of `sink` are in one book. */
  readonly web: HttpSink;
  secretsOf(config: Config): Secrets;
  config(more?: Partial<Config>): Config;
  /** `instead`: the one before is closed first. */
  startNotifier(more?: Partial<Config>, instead?: boolean): Promise<Notifier>;
  /** Generated; `more` is added to the text of the n-th. */
  makeMessages(count: number, more?: (n: number) => string): readonly NewMessage[];
  /** How many messages stand in each state. */
  states(): Promise<Readonly<Record<string, number>>>;
  /** How many messages still have their text. */
  textsKept(): Promise<number>;
  countAtSink(text: string): number;
  /** Resolves once the sink holds so many messages. */
  sinkHas(count: number): Promise<void>;
}

export interface StageOptions {
  readonly clock?: Clock;
  readonly receipts?: SmppSinkOptions['receipts'];
  /** Providers of text messages, in order; SMPP alone when absent. */
  readonly via?: readonly ProviderName[];
}

export type ProviderName = 'smpp' | 'tencent' | 'aliyun';

export async function openStage(t: TestContext, options: StageOptions = {}): Promise<Stage> {
  const realClock = systemClock((error, job) => {
    throw new Error(`job ${job}`, { cause: error });
  });
  const clock = options.clock ?? realClock;
  const vaultDatabase = await testDatabase(engine, outboxMigrations);
  const own = await testDatabase(engine);
  await engine.grantConnect({ database: vaultDatabase.database, role: own.role });
  await vaultDatabase.db.tx('grant', (tx) => grantNotifier(tx, own.role));
  const outboxUrl = engine.url(vaultDatabase.database, own.role, own.password);
  const asNotifier = connect({ url: outboxUrl, max: 2, name: 'as-notifier', log: silentLog });
  const shared = {
    host: '127.0.0.1',
    port: 0,
    receipts: options.receipts ?? ('deliver' as const),
    maxMessages: 5_000,
    book: createSinkBook(5_000),
    clock: realClock,
    log: silentLog,
  };
  const sink = await smppSink({ ...shared, credentials: [account] });
  const web = await httpSink({
    ...shared,
    providers: [
      tencentSink({ ...tencent, sdkAppId: '1400006666', signName, templates: { '1110': '{1}' } }),
      aliyunSink({ ...aliyun, signName, templates: { SMS_1: '${check}' } }),
    ],
  });
  const secrets = { smpp: { password: account.password }, tencent, aliyun };
  const http = { protocol: 'http', signName, answerWaitMs: 1_000, receiptsEveryMs: 50 };
  const known: Readonly<Record<ProviderName, object>> = {
    smpp: { kind: 'smpp', host: '127.0.0.1', port: sink.port, systemId: account.systemId, sender: '10690001' },
    tencent: {
      ...http,
      kind: 'tencent',
      endpoint: `sms.localhost:${web.port}`,
      sdkAppId: '1400006666',
      templates: { 'fellow-rider': { id: '1110', text: '核对码{check}' } },
      windowSize: 10,
    },
    aliyun: {
      ...http,
      kind: 'aliyun',
      endpoint: `127.0.0.1:${web.port}`,
      templates: { 'fellow-rider': { id: 'SMS_1', text: '核对码{check}' } },
      windowSize: 10,
    },
  };
  function secretsOf(config: Config): Secrets {
    const names = config.providers.map(nameOf);
    const providers = Object.fromEntries(Object.entries(secrets).filter(([name]) => names.includes(name)));
    return { databaseUrl: own.url, outboxUrl, providers };
  }
  const running = new Set<Notifier>();
  t.after(async () => {
    for (const notifier of running) await notifier.close();
    await sink.close();
    await web.close();
    await asNotifier.end();
    // First the database in which the notifier's role has rights, then the role.
    await vaultDatabase.close();
    await own.close();
  });
  function config(more: Partial<Config> = {}): Config {
    const given = {
      mode: 'demo',
      listen: { host: '127.0.0.1', port: 0 },
      zone: 'Asia/Shanghai',
      quiet: { fromHour: 0, toHour: 0 },
      providers: (options.via ?? ['smpp']).map((name) => known[name]),
    };
    return parseConfig(Config, { ...given, ...more }, 'the test');
  }
  return {
    clock,
    realClock,
    vault: vaultDatabase.db,
    asNotifier,
    sink,
    web,
    secretsOf,
    config,
    async startNotifier(more, instead = false) {
      if (instead) for (const one of running) await one.close();
      const settings = config(more);
      const notifier = await buildNotifier({ config: settings, secrets: secretsOf(settings), clock, log: memoryLog() });
      const close = async (): Promise<void> => {
        if (running.delete(tracked)) await notifier.close();
      };
      const tracked = { ...notifier, close };
      running.add(tracked);
      return tracked;
    },
    makeMessages(count, more = () => '') {
      return Array.from({ length: count }, (_, n) => {
        const messageId = randomUUID();
        const address = `86138${String(n).padStart(8, '0')}`;
        return {
          messageId,
          routes: [{ channel: 'sms', address }],
          wording: wordingOf(`第${n}位，编号${messageId}${more(n)}`),
          urgent: false,
        } as const;
      });
    },
    states: () => countByState(vaultDatabase.db),
    async textsKept() {
      const { rows } = await vaultDatabase.db.query<{ readonly n: number }>(
        'select count(wording) as n from outbox.message',
      );
      return rows[0]?.n ?? 0;
    },
    countAtSink: (text) => sink.messages().filter((message) => message.text.endsWith(text)).length,
    sinkHas(count) {
      return new Promise((resolve) => {
        const check = (): void => {
          if (sink.messages().length < count) return;
          stop();
          resolve();
        };
        const stop = sink.onChange(check);
        check();
      });
    },
  };
}
