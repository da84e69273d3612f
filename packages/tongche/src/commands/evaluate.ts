// `evaluate`: how good the trace is, as JSON lines; or, with --calibrate, the priors that the engine ships with.
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  calibrate,
  CALIBRATION_SEEDS,
  COMPLIANCES,
  evaluateInWorkers,
  gradeRecording,
  PARAMETERS,
  TEST_SEEDS,
} from '@tongche/evaluation';
import type { RecordingFiles } from '@tongche/evaluation';
import { ConfigError } from '@tongche/runtime';
import { defaultPriors } from '@tongche/tracing';
import type { Priors } from '@tongche/tracing';
import type { Context } from '../arguments.ts';

const root = join(import.meta.dirname, '../../../..');
const PRIORS = join(root, 'packages/tracing/priors/default.json');
/** Everything is promised, and therefore learned, at this compliance. */
const CALIBRATED_AT = 0.85;
/** Each takes a gigabyte. */
const MAX_WORKERS = 2;
const USAGE = 'usage: npm run evaluate -- [--seeds 101,202] [--compliance 0.85,0.5] [--data DIR] | --calibrate';

export interface EvaluateArguments {
  readonly seeds: readonly number[];
  readonly compliances: readonly number[];
  readonly calibrates: boolean;
  readonly data: string | undefined;
}

function numbers(text: string | undefined, otherwise: readonly number[], isRight: (value: number) => boolean) {
  if (text === undefined) return otherwise;
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every(isRight)) throw new ConfigError(`${USAGE}; "${text}" is no such list`);
  return values;
}

/** Throws ConfigError with one line. */
export function evaluateArguments(args: readonly string[], from: string): EvaluateArguments {
  let values: { seeds?: string; compliance?: string; data?: string; calibrate?: boolean };
  try {
    const options = {
      seeds: { type: 'string' },
      compliance: { type: 'string' },
      data: { type: 'string' },
      calibrate: { type: 'boolean' },
    } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch {
    throw new ConfigError(USAGE);
  }
  const calibrates = values.calibrate === true;
  const seeds = numbers(
    values.seeds,
    calibrates ? CALIBRATION_SEEDS : TEST_SEEDS,
    (n) => Number.isInteger(n) && n >= 0,
  );
  const compliances = numbers(values.compliance, COMPLIANCES, (n) => n > 0 && n <= 1);
  if (calibrates && seeds.some((seed) => TEST_SEEDS.includes(seed)))
    throw new ConfigError('seeds of the published figures are never learned from: choose others');
  return { seeds, compliances, calibrates, data: values.data === undefined ? undefined : resolve(from, values.data) };
}

/** The recorded line, where its files are: `--data`, TONGCHE_DATA, or the folder beside the repository. */
function recording(data: string | undefined): RecordingFiles | undefined {
  const folder = join(data ?? process.env['TONGCHE_DATA'] ?? join(root, '../shared/data'), 'local-only/afc');
  const files = {
    rides: join(folder, 'chongqing-211-202308-rides.csv.gz'),
    visits: join(folder, 'chongqing-211-202308-stop-visits.csv.gz'),
    expected: join(folder, 'chongqing-211-expected-coriders.jsonl.gz'),
  };
  return Object.values(files).every((file) => existsSync(file)) ? files : undefined;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10_000) / 10_000 : value;
}

/** One member a line, lists of numbers on one line each. */
function priorsText(priors: Priors): string {
  const inner = (value: object) =>
    `{\n${Object.entries(value)
      .map(([key, each]) => `    ${JSON.stringify(key)}: ${JSON.stringify(each)}`)
      .join(',\n')}\n  }`;
  const wide = new Set(['stayMinutes', 'rideStops', 'calibration']);
  const members = Object.entries(priors).map(([key, value]: [string, unknown]) => {
    const isWide = wide.has(key) && typeof value === 'object' && value !== null;
    return `  ${JSON.stringify(key)}: ${isWide ? inner(value) : JSON.stringify(value)}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}

export async function evaluateCommand({ calledFrom, print }: Context, args: readonly string[]): Promise<void> {
  const { seeds, compliances, calibrates, data } = evaluateArguments(args, calledFrom);
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1_000);
  const progress = (line: string) => void process.stderr.write(`${seconds()} s: ${line}\n`);
  if (calibrates) {
    const base = { ...defaultPriors, calibration: {} };
    const priors = calibrate({ seeds, compliance: CALIBRATED_AT, parameters: PARAMETERS, base, progress });
    writeFileSync(PRIORS, priorsText(priors));
    print(JSON.stringify({ evaluate: 'calibrated', version: priors.version, chained: priors.chained, file: PRIORS }));
    return;
  }
  const say = (kind: string, value: object) => print(JSON.stringify({ evaluate: kind, ...value }, rounded));
  const options = { seeds, compliances, parameters: PARAMETERS, priors: defaultPriors, progress };
  const result = await evaluateInWorkers(options, Math.min(seeds.length, availableParallelism(), MAX_WORKERS));
  for (const rung of result.rungs) say('method', rung);
  if (result.chains !== undefined) say('chains', result.chains);
  if (result.gaps !== undefined) say('gaps', result.gaps);
  for (const grade of result.clusters) say('clusters', grade);
  const files = recording(data);
  if (files === undefined) print('the recorded line is not there (--data, TONGCHE_DATA or ../shared/data): left out');
  else
    for (const grade of await gradeRecording(files, defaultPriors))
      say('recording', { line: 'Chongqing 211', ...grade });
  for (const one of result.acceptance) say('acceptance', one);
  progress(`priors ${defaultPriors.version}, seeds ${seeds.join(', ')}`);
}
