// Settings of the message sink: the SMPP message centre that delivers to nobody, for demonstrations and tests.
import { ConfigError } from '@tongche/runtime';
import { readJson } from './private-files.ts';

export interface SinkConfig {
  readonly host: string;
  readonly smppPort: number;
  readonly pagePort: number;
  /** Only the newest are kept, in memory. */
  readonly maxMessages: number;
}

export interface SinkSecrets {
  readonly credentials: readonly { readonly systemId: string; readonly password: string }[];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535;
}

/** Throws ConfigError naming the file and the key. */
export function readSinkConfig(file: string): SinkConfig {
  const value = readJson(file);
  if (!isObject(value)) throw new ConfigError(`${file}: not a JSON object`);
  const { host, smppPort, pagePort, maxMessages, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ConfigError(`${file}: unknown key "${unknown}"`);
  if (typeof host !== 'string') throw new ConfigError(`${file}: "host" must be a text`);
  if (!isPort(smppPort)) throw new ConfigError(`${file}: "smppPort" must be a port`);
  if (!isPort(pagePort)) throw new ConfigError(`${file}: "pagePort" must be a port`);
  if (typeof maxMessages !== 'number' || !Number.isInteger(maxMessages) || maxMessages < 1) {
    throw new ConfigError(`${file}: "maxMessages" must be a number from 1`);
  }
  return { host, smppPort, pagePort, maxMessages };
}

/** Throws ConfigError naming the file. */
export function readSinkSecrets(file: string): SinkSecrets {
  const value = readJson(file);
  const list = isObject(value) ? value['credentials'] : undefined;
  if (!Array.isArray(list)) throw new ConfigError(`${file}: "credentials" must be a list`);
  const credentials = list.map((entry: unknown) => {
    const { systemId, password } = isObject(entry) ? entry : {};
    if (typeof systemId !== 'string' || typeof password !== 'string') {
      throw new ConfigError(`${file}: every one of "credentials" has a systemId and a password`);
    }
    return { systemId, password };
  });
  return { credentials };
}
