// The message sink as a process: stand-ins of the configured providers on loopback, and one page that shows what all of
// them received.
import {
  aliyunSink,
  createSinkBook,
  httpSink,
  sinkPage,
  smppSink,
  smtpSink,
  tencentSink,
  wechatSink,
} from '@tongche/connectors';
import type { SinkPage, SmppSink, SmppSinkOptions } from '@tongche/connectors';
import { ConfigError } from '@tongche/runtime';
import type { Clock, Log, Running } from '@tongche/runtime';
import type { SinkConfig, SinkSecrets } from './sink-config.ts';

export interface RunningSink extends Running {
  /** The message centre; its book holds what every stand-in received. */
  readonly sink: SmppSink;
  readonly page: SinkPage;
}

export interface SinkOptions {
  readonly config: SinkConfig;
  readonly secrets: SinkSecrets;
  readonly clock: Clock;
  /** Times what browsers see; `clock` when absent. */
  readonly wireClock?: Clock;
  readonly log: Log;
  readonly receipts?: SmppSinkOptions['receipts'];
  readonly maxMessages?: number;
}

async function onPort<Opened>(port: number, opening: Promise<Opened>): Promise<Opened> {
  try {
    return await opening;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EADDRINUSE' ? new ConfigError(`port ${port} is already taken by another program`) : error;
  }
}

export async function buildSink(options: SinkOptions): Promise<RunningSink> {
  const { config, secrets, clock, log, receipts = 'deliver' } = options;
  const { host, smppPort, pagePort, http, mail, wechat } = config;
  const { credentials, gateway = { account: '', key: '' } } = secrets;
  const maxMessages = options.maxMessages ?? config.maxMessages;
  const shared = { host, maxMessages, book: createSinkBook(maxMessages), clock, log };
  const undo: (() => Promise<void>)[] = [];
  async function close(): Promise<void> {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  }
  try {
    const sink = await onPort(smppPort, smppSink({ ...shared, port: smppPort, credentials, receipts }));
    undo.push(() => sink.close());
    if (http !== undefined) {
      const { account, key } = gateway;
      const providers = [
        ...(http.tencent === undefined
          ? []
          : [tencentSink({ ...rulesOf(http.tencent), secretId: account, secretKey: key })]),
        ...(http.aliyun === undefined
          ? []
          : [aliyunSink({ ...rulesOf(http.aliyun), accessKeyId: account, accessKeySecret: key })]),
      ];
      const web = await onPort(http.port, httpSink({ ...shared, port: http.port, providers, receipts }));
      undo.push(() => web.close());
    }
    if (mail !== undefined) {
      const users = [{ user: gateway.account, password: gateway.key }];
      const post = await onPort(mail.port, smtpSink({ ...shared, port: mail.port, credentials: users }));
      undo.push(() => post.close());
    }
    if (wechat !== undefined) {
      const { port, appId, templates } = wechat;
      const standIn = await onPort(port, wechatSink({ ...shared, port, appId, secret: gateway.key, templates }));
      undo.push(() => standIn.close());
    }
    const pageClock = options.wireClock ?? clock;
    const page = await onPort(pagePort, sinkPage({ sink, host, port: pagePort, clock: pageClock, log }));
    undo.push(() => page.close());
    return { sink, page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without a key that is there but empty. */
function rulesOf<Provider extends { readonly rules?: readonly { toEndsWith: string; code: string }[] | undefined }>(
  provider: Provider,
) {
  const { rules, ...others } = provider;
  return { ...others, ...(rules === undefined ? {} : { rules }) };
}
