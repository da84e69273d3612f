// The message sink as a process: a message centre on loopback and the page that shows what it received.
import { sinkPage, smppSink } from '@tongche/connectors';
import type { SinkPage, SmppSink } from '@tongche/connectors';
import { ConfigError } from '@tongche/runtime';
import type { Clock, Log, Running } from '@tongche/runtime';
import type { SinkConfig, SinkSecrets } from './sink-config.ts';

export interface RunningSink extends Running {
  readonly sink: SmppSink;
  readonly page: SinkPage;
}

function explain(port: number, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' ? new ConfigError(`port ${port} is already taken by another program`) : error;
}

export async function buildSink(options: {
  readonly config: SinkConfig;
  readonly secrets: SinkSecrets;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<RunningSink> {
  const { config, secrets, clock, log } = options;
  const { host, smppPort, pagePort, maxMessages } = config;
  const { credentials } = secrets;
  const sink = await smppSink({
    host,
    port: smppPort,
    credentials,
    receipts: 'deliver',
    maxMessages,
    clock,
    log,
  }).catch((error: unknown) => {
    throw explain(smppPort, error);
  });
  try {
    const page = await sinkPage({ sink, host, port: pagePort, clock, log });
    return {
      sink,
      page,
      async close() {
        await page.close();
        await sink.close();
      },
    };
  } catch (error) {
    await sink.close();
    throw explain(pagePort, error);
  }
}
