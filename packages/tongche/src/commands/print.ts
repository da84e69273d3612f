// `print`: stickers or posters of chosen codes as one PDF, made by the running platform.
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PrintJob, VehicleList } from '@tongche/contract';
import type { PrintRequest } from '@tongche/contract';
import { templates } from '@tongche/print';
import type { Template } from '@tongche/print';
import { ConfigError, parseConfig } from '@tongche/runtime';
import { needed, readFlags, wholeNumber } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { operatorAccess, operatorFlags, signInOperator } from '../operator-client.ts';
import type { OperatorClient } from '../operator-client.ts';

const flagsTaken = {
  ...operatorFlags,
  template: 'text',
  out: 'text',
  units: 'text',
  batch: 'text',
  line: 'text',
} as const;
const pollMs = 300;
const pageRows = 200;
const maxBatch = 999_999_999;
/** How a fault names what the platform said. */
const answer = 'answer of the platform';

function isTemplate(text: string): text is Template {
  return Object.hasOwn(templates, text);
}

/** Units that mostly serve the line, all pages of the list. */
async function unitsOfLine(client: OperatorClient, line: string): Promise<string[]> {
  const units: string[] = [];
  let after: string | null = '';
  while (after !== null) {
    const query = new URLSearchParams({ line, limit: String(pageRows), ...(after === '' ? {} : { after }) });
    const page: VehicleList = parseConfig(VehicleList, await client.get(`/operator/api/vehicles?${query}`), answer);
    units.push(...page.rows.map(({ unit }) => unit.unitId));
    after = page.next;
  }
  if (units.length === 0) throw new ConfigError(`print: no vehicle serves the line "${line}"`);
  return units;
}

type Choice = Pick<PrintRequest, 'unitIds' | 'batchId'>;

async function choice(
  client: OperatorClient,
  { units, batch, line }: { readonly units?: string; readonly batch?: string; readonly line?: string },
): Promise<Choice> {
  if ([units, batch, line].filter((one) => one !== undefined).length !== 1) {
    throw new ConfigError('print: say what to print: --units A,B, --batch N or --line L');
  }
  if (batch !== undefined) return { batchId: wholeNumber('print', 'batch', batch, [1, maxBatch]) };
  if (line !== undefined) return { unitIds: await unitsOfLine(client, line) };
  return {
    unitIds: (units ?? '')
      .split(',')
      .map((unit) => unit.trim())
      .filter((unit) => unit !== ''),
  };
}

async function made(client: OperatorClient, wish: PrintRequest): Promise<PrintJob> {
  let job = parseConfig(PrintJob, await client.post('/operator/api/prints', wish), answer);
  while (job.state === 'working') {
    await wait(pollMs);
    job = parseConfig(PrintJob, await client.get(`/operator/api/prints/${job.printId}`), answer);
  }
  if (job.state === 'failed') throw new ConfigError('print: it could not be made; the log of the platform says why');
  return job;
}

/** Throws ConfigError with one line for whatever the person can put right. */
export async function print(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('print', args, flagsTaken);
  const template = needed('print', 'template', flags.template);
  if (!isTemplate(template)) {
    throw new ConfigError(`print: there is no template "${template}"; there are ${Object.keys(templates).join(', ')}`);
  }
  const out = resolve(context.calledFrom, needed('print', 'out', flags.out));
  const client = await signInOperator(operatorAccess(context, flags, process.env));
  try {
    const job = await made(client, { ...(await choice(client, flags)), template });
    const bytes = await client.download(`/operator/api/prints/${job.printId}/file`, out);
    context.print(`${job.total} pages, ${Math.ceil(bytes / 1000)} KB: ${out}`);
  } finally {
    await client.signOut();
  }
}
