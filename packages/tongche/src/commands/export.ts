// `export`: what an import of that kind takes, out of the running platform.
import { extname, resolve } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import { leadingWords, readFlags } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { operatorAccess, operatorFlags, signInOperator } from '../operator-client.ts';
import { importKind } from './import.ts';

/** Throws ConfigError with one line for whatever the person can put right. */
export async function exportCommand(context: Context, args: readonly string[]): Promise<void> {
  const { words, rest } = leadingWords(args, ['KIND', 'FILE'], 'export');
  const flags = readFlags('export', rest, operatorFlags);
  const [kindText = '', fileText = ''] = words;
  const kind = importKind('export', kindText);
  const file = resolve(context.calledFrom, fileText);
  const ending = extname(file).toLowerCase();
  const endings = kind === 'gtfs' ? ['.zip'] : kind === 'line-stops' ? ['.csv'] : ['.csv', '.xlsx'];
  if (!endings.includes(ending))
    throw new ConfigError(`export: ${kind} goes into a file ending in ${endings.join(' or ')}`);
  const format = ending === '.xlsx' ? 'xlsx' : 'csv';
  const client = await signInOperator(operatorAccess(context, flags, process.env));
  try {
    const bytes = await client.download(`/operator/api/exports/${kind}?format=${format}`, file);
    context.print(`${Math.ceil(bytes / 1000)} KB: ${file}`);
  } finally {
    await client.signOut();
  }
}
