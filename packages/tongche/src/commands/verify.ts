// `tongche verify`: anybody checks the authority's public log, from its address or from files somebody downloaded.
// It keeps the checkpoint it saw, so that the next check notices a log that was rewritten in between.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import { needed, readFlags } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { checkLog, parseLogKey } from '../log-check.ts';

const pageEntries = 1_000;
/** About ten years of a big city; beyond it something else answers. */
const maxEntries = 5_000_000;
const replyWithinMs = 30_000;
const defaultKept = 'tongche-checkpoint.txt';

interface Downloaded {
  readonly checkpoint: string;
  readonly entries: readonly string[];
}

async function textAt(url: string): Promise<string> {
  let reply: Response;
  try {
    reply = await fetch(url, { signal: AbortSignal.timeout(replyWithinMs), redirect: 'error' });
  } catch {
    throw new ConfigError(`verify: ${url} cannot be reached`);
  }
  if (!reply.ok) throw new ConfigError(`verify: ${url} answers ${reply.status}`);
  return reply.text();
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

async function fromUrl(url: string): Promise<Downloaded> {
  if (!URL.canParse(url)) throw new ConfigError(`verify: "${url}" is not an address`);
  const base = url.replace(/\/$/, '');
  const checkpoint = await textAt(`${base}/log/checkpoint`);
  const entries: string[] = [];
  while (entries.length < maxEntries) {
    const page = linesOf(await textAt(`${base}/log/entries.txt?from=${entries.length}&limit=${pageEntries}`));
    for (const entry of page) entries.push(entry);
    if (page.length < pageEntries) break;
  }
  return { checkpoint, entries };
}

/** A folder with the files `checkpoint` and `entries.txt`, as the log's addresses give them. */
function fromFolder(folder: string): Downloaded {
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      throw new ConfigError(`verify: ${join(folder, name)} cannot be read`);
    }
  };
  return { checkpoint: read('checkpoint'), entries: linesOf(read('entries.txt')) };
}

function keptCheckpoint(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError(`verify: ${file} cannot be read`);
  }
}

export async function verify(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('verify', args, { url: 'text', folder: 'text', key: 'text', keep: 'text' });
  const key = parseLogKey(needed('verify', 'key', flags.key));
  if (!key.ok) throw new ConfigError(`verify: --key: ${key.detail ?? key.code}`);
  if ((flags.url === undefined) === (flags.folder === undefined)) {
    throw new ConfigError('verify: give either --url or --folder');
  }
  const downloaded =
    flags.url === undefined ? fromFolder(resolve(context.calledFrom, flags.folder ?? '')) : await fromUrl(flags.url);
  const keptFile = resolve(context.calledFrom, flags.keep ?? defaultKept);
  const report = await checkLog({ key: key.value, ...downloaded, kept: keptCheckpoint(keptFile) });
  if (!report.ok) throw new ConfigError(`verify: MISMATCH (${report.code}): ${report.detail ?? ''}`);
  const { origin, size, root, kinds, before } = report.value;
  context.print(`${origin}: ${size} entries, root ${root}`);
  for (const [kind, count] of Object.entries(kinds).sort(([a], [b]) => a.localeCompare(b)))
    context.print(`  ${kind.padEnd(14)} ${count}`);
  context.print(
    before === undefined
      ? `First check; the checkpoint is kept in ${keptFile} for the next one.`
      : `Consistent with the last check of ${before} entries.`,
  );
  try {
    writeFileSync(keptFile, downloaded.checkpoint);
  } catch {
    throw new ConfigError(`verify: the log is right, but its checkpoint cannot be kept in ${keptFile}`);
  }
}
