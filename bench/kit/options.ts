// Options of a bench: whole numbers in a range and paths, every mistake one line.
import { parseArgs } from 'node:util';
import { ConfigError } from '@tongche/runtime';

export interface NumberOption {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}
/** Numbers by name; 'path' and 'flag' for the others. */
export type OptionSpec = Readonly<Record<string, NumberOption | 'path' | 'flag'>>;
export type Options<Spec extends OptionSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends 'path'
    ? string | undefined
    : Spec[Name] extends 'flag'
      ? boolean
      : number;
};

function numberOf(
  bench: string,
  name: string,
  text: string | undefined,
  { min, max, default: usual }: NumberOption,
): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new ConfigError(`${bench}: --${name} must be a number from ${min} to ${max}`);
  }
  return value;
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Throws ConfigError with one line that says what may be given. */
export function readOptions<const Spec extends OptionSpec>(
  bench: string,
  args: readonly string[],
  spec: Spec,
): Options<Spec> {
  const known = Object.entries(spec).map(([name, kind]) =>
    kind === 'flag' ? `--${name}` : `--${name} ${kind === 'path' ? 'PATH' : 'N'}`,
  );
  const options = Object.fromEntries(
    Object.entries(spec).map(([name, kind]) => [name, { type: kind === 'flag' ? 'boolean' : 'string' } as const]),
  );
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? '') : 'wrong arguments';
    throw new ConfigError(`${bench}: ${reason.toLowerCase()}; it takes ${known.join(', ')}`);
  }
  const read = Object.entries(spec).map(([name, kind]) => {
    if (kind === 'flag') return [name, values[name] === true];
    if (kind === 'path') return [name, values[name]];
    return [name, numberOf(bench, name, textOf(values[name]), kind)];
  });
  return Object.fromEntries(read) as Options<Spec>;
}

/** Runs a bench's main function; an expected mistake is one line and exit code 2. */
export async function runBench(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
