// Command line arguments: known flags only, every mistake one line.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '@tongche/runtime';
import { REPOSITORY } from './layout.ts';

/** What an entry point knows about its surroundings. */
export interface Context {
  /** Folder the person called from; relative paths begin there. */
  readonly calledFrom: string;
  readonly print: (line: string) => void;
  /** Whether a person looks at the output of this process. */
  readonly isTerminal: boolean;
  /** Folder of another PostgreSQL's programs (PG_BIN); the packaged one when absent. */
  readonly postgresBin: string | undefined;
}

/** Flags by name: 'text' takes a value, 'flag' none. */
export type FlagSpec = Readonly<Record<string, 'text' | 'flag'>>;

export type Flags<Spec extends FlagSpec> = {
  readonly [Name in keyof Spec]?: Spec[Name] extends 'text' ? string : boolean;
};

function listOf(spec: FlagSpec): string {
  const names = Object.entries(spec).map(([name, kind]) => `--${name}${kind === 'text' ? ' VALUE' : ''}`);
  return names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`;
}

/** Values that begin with a dash, as one in 64 codes and key ids does, are tied to their flag. */
function tied(args: readonly string[], spec: FlagSpec): readonly string[] {
  const isFlag = (arg: string): boolean => Object.hasOwn(spec, /^--([^=]+)/.exec(arg)?.[1] ?? '');
  const out: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const next = args[at + 1] ?? '';
    const takesText = arg.startsWith('--') && spec[arg.slice(2)] === 'text';
    if (takesText && next.startsWith('-') && !isFlag(next)) {
      out.push(`${arg}=${next}`);
      at += 1;
    } else out.push(arg);
  }
  return out;
}

/** Throws ConfigError with one line that lists what the command takes. */
export function readFlags<const Spec extends FlagSpec>(
  command: string,
  args: readonly string[],
  spec: Spec,
): Flags<Spec> {
  const options = Object.fromEntries(
    Object.entries(spec).map(([name, kind]) => [name, { type: kind === 'text' ? 'string' : 'boolean' } as const]),
  );
  try {
    const { values } = parseArgs({ args: [...tied(args, spec)], options, strict: true, allowPositionals: false });
    return values as Flags<Spec>;
  } catch (error) {
    const text = error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? '') : 'wrong arguments';
    throw new ConfigError(`${command}: ${text.replace(/^\w/, (letter) => letter.toLowerCase())}; ${listOf(spec)}`);
  }
}

/** The words a command begins with, before its flags. Throws ConfigError when there are fewer or more. */
export function leadingWords(
  args: readonly string[],
  names: readonly string[],
  command: string,
): { readonly words: readonly string[]; readonly rest: readonly string[] } {
  const first = args.findIndex((arg) => arg.startsWith('--'));
  const words = first < 0 ? args : args.slice(0, first);
  if (words.length !== names.length) throw new ConfigError(`${command}: it is called as ${command} ${names.join(' ')}`);
  return { words, rest: first < 0 ? [] : args.slice(first) };
}

/** The flag's text. Throws ConfigError when it is absent. */
export function needed(command: string, name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new ConfigError(`${command}: --${name} is needed`);
  return value;
}

/** Data folder: what was asked for, else `data` in the repository. */
export function dataFolder(context: Context, given: string | undefined): string {
  return given === undefined ? resolve(REPOSITORY, 'data') : resolve(context.calledFrom, given);
}

/** A whole number in a range. Throws ConfigError. */
export function wholeNumber(command: string, name: string, text: string, range: readonly [number, number]): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < range[0] || value > range[1]) {
    throw new ConfigError(`${command}: --${name} must be a number from ${range[0]} to ${range[1]}`);
  }
  return value;
}
