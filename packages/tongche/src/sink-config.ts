// Reads the files of the message sink.
import { SinkConfig, SinkSecrets } from '@tongche/connectors';
import { parseConfig } from '@tongche/runtime';
import { readJson } from './private-files.ts';

export type { SinkConfig, SinkSecrets };

/** Throws ConfigError naming the file and the key. */
export function readSinkConfig(file: string): SinkConfig {
  return parseConfig(SinkConfig, readJson(file), file);
}

/** Throws ConfigError naming the file. */
export function readSinkSecrets(file: string): SinkSecrets {
  return parseConfig(SinkSecrets, readJson(file), file);
}
