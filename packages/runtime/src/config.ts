// Configuration and secrets: one typed object each, read and checked once at the start of a process.
import { readFileSync, statSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Something the operator must change before the process can start. The message is one line for a terminal. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message.replaceAll(/\s*\n\s*/g, ' '));
    this.name = 'ConfigError';
  }
}

/** Far above any real configuration; a wrong path (a log, a dump) is refused before it is read. */
const maxFileBytes = 4 * 1024 * 1024;

/** Parts of a schema that hold values, not schemas. */
const valueParts: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'required']);
/** Parts that hold schemas under names of the configuration's own. */
const namedParts: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs']);

/** A copy with every value changed. Own names, not keys: TypeBox keeps its kind in a property that is not enumerable. */
function mapOwn(source: object, change: (name: string, value: unknown) => unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(source))) {
    Object.defineProperty(copy, name, { ...descriptor, value: change(name, descriptor.value) });
  }
  return copy;
}

/** The same schema with unknown keys refused in every object that does not say otherwise. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = mapOwn(schema, (name, value) => {
    if (valueParts.has(name)) return value;
    return namedParts.has(name) && typeof value === 'object' && value !== null
      ? mapOwn(value, (_name, inner) => closed(inner))
      : closed(value);
  });
  const isObject = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  if (isObject && !('patternProperties' in copy)) copy['additionalProperties'] = false;
  return copy;
}

function keyPath(pointer: string): string {
  return pointer === '' ? 'the file' : `"${pointer.slice(1).replaceAll('/', '.')}"`;
}

function explain(schema: TSchema, value: unknown): string {
  const found = Value.Errors(schema, value);
  const unknown = found.find((error) => error.keyword === 'additionalProperties');
  if (unknown !== undefined) {
    const names = (unknown.params as { additionalProperties: readonly string[] }).additionalProperties;
    const prefix = unknown.instancePath === '' ? '' : `${unknown.instancePath.slice(1).replaceAll('/', '.')}.`;
    return `unknown key ${names.map((name) => `"${prefix}${name}"`).join(', ')}`;
  }
  const missing = found.find((error) => error.keyword === 'required');
  if (missing !== undefined) {
    const names = (missing.params as { requiredProperties: readonly string[] }).requiredProperties;
    return `missing ${names.map((name) => `"${name}"`).join(', ')} in ${keyPath(missing.instancePath)}`;
  }
  const first = found[0];
  return first === undefined ? 'not valid' : `${keyPath(first.instancePath)} ${first.message}`;
}

/**
 * Checks a value against a schema: defaults are filled in, unknown keys are errors at any depth.
 * Throws ConfigError naming `source` and the key path; values are never part of the message.
 */
export function parseConfig<Schema extends TSchema>(schema: Schema, value: unknown, source: string): Static<Schema> {
  const strictSchema = closed(schema) as Schema;
  const filled = Value.Default(strictSchema, Value.Clone(value));
  if (!Value.Check(strictSchema, filled)) throw new ConfigError(`${source}: ${explain(strictSchema, filled)}`);
  return filled;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > maxFileBytes) throw new ConfigError(`${file}: ${size} bytes, more than ${maxFileBytes} are not read`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    throw new ConfigError(`${file}: not valid JSON`);
  }
}

/** Reads a JSON configuration file. Throws ConfigError. */
export function readConfig<Schema extends TSchema>(schema: Schema, file: string): Static<Schema> {
  return parseConfig(schema, readJson(file), file);
}

/** As readConfig, and refuses a file that group or others may read or write. */
export function readSecrets<Schema extends TSchema>(schema: Schema, file: string): Static<Schema> {
  const value = readJson(file);
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new ConfigError(`${file}: others can read these secrets (mode ${mode.toString(8)}); run chmod 600 on it`);
  }
  return parseConfig(schema, value, file);
}
