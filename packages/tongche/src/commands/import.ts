// `import`: a file into the running platform. Always checked first and reported; applied only when it is good, or by its
// good rows where the person says so.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { ImportKind, ImportReport } from '@tongche/contract';
import { ConfigError, parseConfig } from '@tongche/runtime';
import { leadingWords, readFlags } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { operatorAccess, operatorFlags, signInOperator } from '../operator-client.ts';

const flagsTaken = {
  ...operatorFlags,
  'dry-run': 'flag',
  'good-rows': 'flag',
  'as-of': 'text',
  coordinates: 'text',
  'plate-prefix': 'text',
  'bad-rows': 'text',
  passwords: 'text',
} as const;

const shownErrors = 20;
const answer = 'answer of the platform';
/** Something was left out or nothing was done: told apart from a wrong command line, which is 2. */
export const EXIT_BAD_ROWS = 1;

export function importKind(command: string, text: string): ImportKind {
  const kinds = ImportKind.anyOf.map((one) => one.const);
  const known = kinds.find((kind) => kind === text);
  if (known !== undefined) return known;
  throw new ConfigError(`${command}: there is no kind "${text}"; there are ${kinds.join(', ')}`);
}

function fileBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(`import: ${path} cannot be read: ${why}`);
  }
}

function show(context: Context, report: ImportReport): void {
  context.print(`${report.kind} ${report.name}: ${report.rows} rows, ${report.good} good, ${report.bad} bad`);
  for (const { what, added, changed, same, gone } of report.changes) {
    context.print(`  ${what}: ${added} new, ${changed} changed, ${same} the same, ${gone} gone`);
  }
  for (const note of report.notes) context.print(`  note: ${note}`);
  for (const { file, line, column, reason } of report.errors.slice(0, shownErrors)) {
    // A list is named as the person named it; of a feed, the table inside.
    context.print(
      `  ${report.kind === 'gtfs' ? file : report.name}:${line} ${column === '' ? reason : `${column}: ${reason}`}`,
    );
  }
  if (report.errorCount > shownErrors) context.print(`  … ${report.errorCount} errors in all`);
}

/** Throws ConfigError with one line for whatever the person can put right. */
export async function importCommand(context: Context, args: readonly string[]): Promise<void> {
  const { words, rest } = leadingWords(args, ['KIND', 'FILE'], 'import');
  const flags = readFlags('import', rest, flagsTaken);
  const [kindText = '', fileText = ''] = words;
  const kind = importKind('import', kindText);
  const file = resolve(context.calledFrom, fileText);
  const body = fileBytes(file);
  const client = await signInOperator(operatorAccess(context, flags, process.env));
  try {
    const query = new URLSearchParams({
      kind,
      name: basename(file).slice(0, 200),
      ...(flags['as-of'] === undefined ? {} : { asOf: flags['as-of'] }),
      ...(flags.coordinates === undefined ? {} : { coordinates: flags.coordinates }),
      ...(flags['plate-prefix'] === undefined ? {} : { platePrefix: flags['plate-prefix'] }),
    });
    const sent = await client.send(`/operator/api/imports?${query}`, 'application/octet-stream', body);
    const checked = parseConfig(ImportReport, sent, answer);
    show(context, checked);
    const path = `/operator/api/imports/${checked.importId}`;
    if (flags['bad-rows'] !== undefined && checked.bad > 0) {
      const to = resolve(context.calledFrom, flags['bad-rows']);
      await client.download(`${path}/bad-rows`, to);
      context.print(`rows to mend: ${to}`);
    }
    if (checked.errorCount > 0) process.exitCode = EXIT_BAD_ROWS;
    if (flags['dry-run'] === true) return context.print('checked only; nothing was taken in');
    if (checked.errorCount > 0 && flags['good-rows'] !== true) {
      return context.print('nothing was taken in; mend the file, or take its good rows with --good-rows');
    }
    const mode = flags['good-rows'] === true ? 'good-rows' : 'all-or-nothing';
    const applied = parseConfig(ImportReport, await client.post(`${path}/apply`, { mode }), answer);
    context.print(`taken in: ${applied.good} rows`);
    if (applied.passwordsCsv !== undefined) handOut(context, applied.passwordsCsv, flags.passwords);
  } finally {
    await client.signOut();
  }
}

/** First passwords go to a file only its owner reads, or to the screen when none is named: nobody can see them again. */
function handOut(context: Context, csv: string, to: string | undefined): void {
  if (to === undefined) {
    context.print('first passwords, shown this once:');
    return context.print(csv.trim());
  }
  const file = resolve(context.calledFrom, to);
  writeFileSync(file, csv, { mode: 0o600, flag: 'wx' });
  context.print(`first passwords: ${file}`);
}
