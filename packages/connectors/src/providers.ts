// Opens the configured providers, in order: each a gateway behind its rates, whose message ids begin with its name so
// that two providers never speak of the same one. A provider's SDK is loaded only when it is configured.
import { readFileSync } from 'node:fs';

import type { Channel } from '@tongche/messages';
import { ConfigError } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';

import type { MessageGateway } from './gateway.ts';
import { limitedGateway } from './limited-gateway.ts';
import { channelOf, nameOf, passwordOf } from './provider-config.ts';
import type { ProviderConfig, ProviderSecrets } from './provider-config.ts';
import { ratesOf } from './rates.ts';
import { smppGateway } from './smpp-gateway.ts';
import { wechatGateway } from './wechat-gateway.ts';

export interface Provider {
  readonly name: string;
  readonly channel: Channel;
  readonly gateway: MessageGateway;
}

export interface ProvidersOptions {
  readonly providers: readonly ProviderConfig[];
  readonly secrets: ProviderSecrets;
  /** False where nobody waits for receipts: a provider's queue of them belongs to the process that does. */
  readonly receipts: boolean;
  readonly clock: Clock;
  readonly wireClock?: Clock;
  readonly log: Log;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(`${file}: cannot be read`);
  }
}

async function openGateway(provider: ProviderConfig, options: ProvidersOptions): Promise<MessageGateway> {
  const { log, secrets } = options;
  const wire = options.wireClock === undefined ? {} : { wireClock: options.wireClock };
  const name = nameOf(provider);
  const secret = secrets[name];
  switch (provider.kind) {
    case 'smpp': {
      const { throughputPerS, ...settings } = provider;
      const pace = throughputPerS === undefined ? {} : { throughputPerS };
      const password = passwordOf(secrets, name) ?? '';
      return smppGateway({ ...settings, ...pace, ...wire, password, clock: options.clock, log });
    }
    case 'tencent': {
      if (secret === undefined || !('secretId' in secret)) break;
      const { tencentGateway } = await import('./tencent-gateway.ts');
      const pullMs = options.receipts ? provider.receiptsEveryMs : 0;
      return tencentGateway({ ...provider, ...secret, ...wire, pullMs, log });
    }
    case 'aliyun': {
      if (secret === undefined || !('accessKeyId' in secret)) break;
      const { aliyunGateway } = await import('./aliyun-gateway.ts');
      const pullMs = options.receipts ? provider.receiptsEveryMs : 0;
      return aliyunGateway({ ...provider, ...secret, ...wire, pullMs, log });
    }
    case 'smtp': {
      const { smtpGateway } = await import('./smtp-gateway.ts');
      const { caFile, user, ...settings } = provider;
      const password = passwordOf(secrets, name);
      return smtpGateway({
        ...settings,
        ...wire,
        ...(caFile === undefined ? {} : { ca: readCa(caFile) }),
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
        log,
      });
    }
    case 'wechat': {
      if (secret === undefined || !('appSecret' in secret)) break;
      return wechatGateway({ ...provider, ...wire, secret: secret.appSecret, log });
    }
  }
  throw new ConfigError(`the secrets of provider "${name}" are not of its kind`);
}

/** Puts the provider's name before its message ids, on both ways. */
export function namedGateway(name: string, gateway: MessageGateway): MessageGateway {
  const prefix = `${name}:`;
  return {
    async send(message) {
      const outcome = await gateway.send(message);
      if (outcome.kind !== 'accepted') return outcome;
      return { ...outcome, gatewayIds: outcome.gatewayIds.map((id) => prefix + id) };
    },
    onReceipt(handler) {
      gateway.onReceipt((receipt) => handler({ ...receipt, gatewayId: prefix + receipt.gatewayId }));
    },
    awaitReceipts(messages) {
      const ours = messages.filter(({ gatewayId }) => gatewayId.startsWith(prefix));
      gateway.awaitReceipts?.(ours.map((one) => ({ ...one, gatewayId: one.gatewayId.slice(prefix.length) })));
    },
    connected: () => gateway.connected(),
    room: () => gateway.room(),
    onRoom: (handler) => gateway.onRoom(handler),
    close: () => gateway.close(),
  };
}

/** Call checkProviders first. Throws ConfigError; what was opened before is closed again. */
export async function openProviders(options: ProvidersOptions): Promise<readonly Provider[]> {
  const opened: Provider[] = [];
  try {
    for (const provider of options.providers) {
      const gateway = await openGateway(provider, options);
      const rates = 'rates' in provider && !provider.rates ? [] : ratesOf[provider.kind];
      const limited = limitedGateway({ gateway, rates, clock: options.clock });
      const name = nameOf(provider);
      opened.push({ name, channel: channelOf(provider), gateway: namedGateway(name, limited) });
    }
    return opened;
  } catch (error) {
    await Promise.allSettled(opened.map(({ gateway }) => gateway.close()));
    throw error;
  }
}
