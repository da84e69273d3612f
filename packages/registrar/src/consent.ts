// The text people agree to: read at start, hashed, kept for good. A changed text without a new version is refused, so
// that a version number in a ticket always means one text.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConsentReply } from '@tongche/contract';
import { toBase64Url } from '@tongche/protocol';
import { ConfigError } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import type { Config } from './config.ts';
import { events } from './events.ts';
import type { ConsentStore } from './store/consent.ts';

const ownFolder = fileURLToPath(new URL('../consent', import.meta.url));

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    throw new ConfigError(`${join(folder, name)}: the consent text is not there`);
  }
}

/** Throws ConfigError when this version already means another text. */
export async function openConsent(config: Config['consent'], store: ConsentStore, log: Log): Promise<ConsentReply> {
  const { version, folder = ownFolder } = config;
  const zh = readText(folder, 'zh.txt');
  const en = readText(folder, 'en.txt');
  const sha256 = createHash('sha256').update(`${zh}\n${en}`).digest();
  const kept = await store.keep({ version, sha256, zh, en });
  if (!sha256.equals(kept.sha256)) {
    throw new ConfigError(`the consent text changed but not its version (${version}): raise consent.version`);
  }
  log.event(events.consent, { version, sha256: sha256.toString('hex') });
  return { version, sha256: toBase64Url(sha256), zh, en };
}
