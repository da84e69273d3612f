// `codes`: issue, list, move, replace and revoke codes of the running platform.
import { Batch, CodeList, CodeRow, UnitKind } from '@tongche/contract';
import type { IssueCodes } from '@tongche/contract';
import { ConfigError, parseConfig } from '@tongche/runtime';
import { leadingWords, needed, readFlags, wholeNumber } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { operatorAccess, operatorFlags, signInOperator } from '../operator-client.ts';
import type { OperatorClient } from '../operator-client.ts';

const answer = 'answer of the platform';
const pageRows = 200;
const codePattern = /^[A-Za-z0-9_-]{11}$/;

type Verb = (context: Context, args: readonly string[]) => Promise<void>;

/** `2026-11-20T08:12+08:00`, or without an offset the time of this machine. */
function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new ConfigError(`codes: "${text}" is no time like 2026-11-20T08:12`);
  return ms;
}

function codeOf(text: string): string {
  const code = /\/r\/([A-Za-z0-9_-]{11})/.exec(text)?.[1] ?? text;
  if (!codePattern.test(code)) throw new ConfigError(`codes: "${text}" is no code of 11 characters`);
  return code;
}

function line({ code, shortCode, purpose, state, unit }: CodeRow): string {
  return [code, shortCode, purpose, state, unit?.unitId ?? '-', unit?.plate ?? ''].join('\t').trimEnd();
}

async function asOperator<T>(
  context: Context,
  flags: Parameters<typeof operatorAccess>[1],
  work: (client: OperatorClient) => Promise<T>,
): Promise<T> {
  const client = await signInOperator(operatorAccess(context, flags, process.env));
  try {
    return await work(client);
  } finally {
    await client.signOut();
  }
}

const issue: Verb = async (context, args) => {
  const taken = {
    units: 'text',
    line: 'text',
    kind: 'text',
    missing: 'flag',
    'per-unit': 'text',
    crew: 'flag',
  } as const;
  const flags = readFlags('codes issue', args, { ...operatorFlags, ...taken });
  const { units, line: lineId, missing } = flags;
  const kind = UnitKind.anyOf.map((one) => one.const).find((one) => one === flags.kind);
  if (kind === undefined && flags.kind !== undefined) throw new ConfigError(`codes issue: no kind "${flags.kind}"`);
  const wish: IssueCodes = {
    ...(units === undefined ? {} : { unitIds: units.split(',').map((one) => one.trim()) }),
    ...(lineId === undefined ? {} : { lineId }),
    ...(kind === undefined ? {} : { kind }),
    ...(missing === undefined ? {} : { missing }),
    perUnit: wholeNumber('codes issue', 'per-unit', flags['per-unit'] ?? '1', [1, 20]),
    purpose: flags.crew === true ? 'crew' : 'passenger',
  };
  await asOperator(context, flags, async (client) => {
    const batch = parseConfig(Batch, await client.post('/operator/api/codes', wish), answer);
    context.print(`batch ${batch.batchId}: ${batch.codes} codes for ${batch.units} units`);
  });
};

const list: Verb = async (context, args) => {
  const flags = readFlags('codes list', args, { ...operatorFlags, unit: 'text', batch: 'text', state: 'text' });
  await asOperator(context, flags, async (client) => {
    let after: string | null = '';
    while (after !== null) {
      const { unit, batch, state } = flags;
      const query = new URLSearchParams({
        limit: String(pageRows),
        ...(unit === undefined ? {} : { unit }),
        ...(batch === undefined ? {} : { batch }),
        ...(state === undefined ? {} : { state }),
        ...(after === '' ? {} : { after }),
      });
      const page: CodeList = parseConfig(CodeList, await client.get(`/operator/api/codes?${query}`), answer);
      for (const row of page.rows) context.print(line(row));
      after = page.next;
    }
  });
};

const move: Verb = async (context, args) => {
  const { words, rest } = leadingWords(args, ['CODE'], 'codes move');
  const flags = readFlags('codes move', rest, { ...operatorFlags, to: 'text', from: 'text' });
  const wish = {
    unitId: needed('codes move', 'to', flags.to),
    ...(flags.from === undefined ? {} : { fromMs: instant(flags.from) }),
  };
  await changed(context, flags, `${codeOf(words[0] ?? '')}/move`, wish);
};

async function changed(
  context: Context,
  flags: Parameters<typeof operatorAccess>[1],
  path: string,
  body: object,
): Promise<void> {
  await asOperator(context, flags, async (client) =>
    context.print(line(parseConfig(CodeRow, await client.post(`/operator/api/codes/${path}`, body), answer))),
  );
}

function change(verb: 'replace' | 'revoke'): Verb {
  return async (context, args) => {
    const { words, rest } = leadingWords(args, ['CODE'], `codes ${verb}`);
    await changed(context, readFlags(`codes ${verb}`, rest, operatorFlags), `${codeOf(words[0] ?? '')}/${verb}`, {});
  };
}

const verbs: Readonly<Record<string, Verb>> = {
  issue,
  list,
  move,
  replace: change('replace'),
  revoke: change('revoke'),
};

/** Throws ConfigError with one line for whatever the person can put right. */
export async function codes(context: Context, args: readonly string[]): Promise<void> {
  const [name = '', ...rest] = args;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) throw new ConfigError(`codes: say what to do: ${Object.keys(verbs).join(', ')}`);
  await verb(context, rest);
}
