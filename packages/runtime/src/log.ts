// Logs are registered events: names with a fixed list of fields that hold ids and counts, never text of people or
// of faults. A package declares its events once; what is not declared cannot be written.
import { pino } from 'pino';
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogValue = string | number | boolean | null;

/** What a package writes down for one event. `meaning` goes to the generated list of events. */
export interface EventSpec {
  readonly fields: readonly string[];
  readonly level?: LogLevel;
  readonly meaning?: string;
}

export interface LogEvent<Field extends string = string> {
  readonly name: string;
  readonly level: LogLevel;
  readonly fields: readonly Field[];
  readonly meaning: string;
}

/** Names the pino line itself uses. */
const reservedFields: ReadonlySet<string> = new Set(['level', 'time', 'process', 'event']);
/** An id or a template fits; a body or a stack does not. */
const maxTextLength = 200;

/** Declares the events of a package; event names become `<prefix>.<key>`. */
export function defineEvents<const Specs extends Readonly<Record<string, EventSpec>>>(
  prefix: string,
  specs: Specs,
): { readonly [Key in keyof Specs]: LogEvent<Specs[Key]['fields'][number]> } {
  const events: Record<string, LogEvent> = {};
  for (const [key, { fields, level = 'info', meaning = '' }] of Object.entries(specs)) {
    const reserved = fields.find((field) => reservedFields.has(field));
    if (reserved !== undefined) throw new Error(`event ${prefix}.${key}: the field ${reserved} is reserved`);
    events[key] = { name: `${prefix}.${key}`, level, fields, meaning };
  }
  return events as { readonly [Key in keyof Specs]: LogEvent<Specs[Key]['fields'][number]> };
}

export interface Log {
  /** Writes one event. Every declared field must be given, and no other. */
  readonly event: <Field extends string>(event: LogEvent<Field>, fields: { readonly [Key in Field]: LogValue }) => void;
  /** Writes `runtime.fault` for something that was not expected: its class, code and place, never its text. */
  readonly fault: (where: string, error: unknown) => void;
}

export const events = defineEvents('runtime', {
  fault: {
    fields: ['where', 'name', 'code', 'at'],
    level: 'error',
    meaning: 'Something unexpected was thrown. `at` is the nearest place in the code; the text is left out.',
  },
  badField: {
    fields: ['wrong'],
    level: 'error',
    meaning: 'An event was written with other fields than declared; the event itself was left out.',
  },
});

export interface LogOptions {
  readonly process: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Receives whole lines with their newline. Standard error when absent. */
  readonly write?: (line: string) => void;
  readonly level?: LogLevel;
  /** Throw when an event's fields are not the declared ones, instead of writing `runtime.badField`. For tests. */
  readonly strict?: boolean;
  /** Development only: print the text and stack of faults, which may hold data, to standard error. */
  readonly showFaults?: boolean;
}

/** First line of a stack that is in this repository, as `file:line`. Frames hold no values. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return '';
  const frames = error.stack.split('\n').filter((line) => line.startsWith('    at '));
  const frame = frames.find((line) => !line.includes('node_modules') && !line.includes('node:')) ?? frames[0] ?? '';
  return /([^/\\(]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? '';
}

function textCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' || typeof code === 'number' ? String(code).slice(0, 40) : '';
}

function wrongFields(event: LogEvent, fields: Readonly<Record<string, LogValue>>): string | undefined {
  const wrong = Object.keys(fields).find((field) => !event.fields.includes(field));
  if (wrong !== undefined) return `${event.name}: unknown field ${wrong}`;
  const missing = event.fields.find((field) => fields[field] === undefined);
  if (missing !== undefined) return `${event.name}: missing field ${missing}`;
  const odd = Object.entries(fields).find(([, value]) => value !== null && typeof value === 'object');
  return odd === undefined ? undefined : `${event.name}: the field ${odd[0]} is not a plain value`;
}

function clip(value: LogValue): LogValue {
  return typeof value === 'string' && value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value;
}

/** JSON lines of registered events. */
export function createLog(options: LogOptions): Log {
  const { process: processName, clock, write = (line) => void process.stderr.write(line) } = options;
  const logger = pino(
    {
      base: { process: processName },
      level: options.level ?? 'info',
      timestamp: () => `,"time":${clock.now()}`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  const log: Log = {
    event(event, fields) {
      const given = fields as Readonly<Record<string, LogValue>>;
      const wrong = wrongFields(event, given);
      if (wrong !== undefined) {
        if (options.strict === true) throw new Error(wrong);
        logger.error({ event: events.badField.name, wrong: clip(wrong) });
        return;
      }
      const clipped = Object.fromEntries(event.fields.map((field) => [field, clip(given[field] ?? null)]));
      logger[event.level]({ event: event.name, ...clipped });
    },
    fault(where, error) {
      const name = error instanceof Error ? error.name : typeof error;
      log.event(events.fault, { where, name, code: textCode(error), at: placeOf(error) });
      if (options.showFaults === true) {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      }
    },
  };
  return log;
}

export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly process: string;
  readonly time: number;
  readonly [field: string]: LogValue;
}

/** A strict log that keeps its lines for tests. */
export function memoryLog(processName = 'test'): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as LogLine);
  const log = createLog({ process: processName, clock: { now: () => 0 }, write, level: 'debug', strict: true });
  return { event: log.event, fault: log.fault, lines };
}

/** A log that writes nothing. */
export const silentLog: Log = { event() {}, fault() {} };
