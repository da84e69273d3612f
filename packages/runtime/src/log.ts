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
/** Short for whoever watches the log, long enough that a busy server writes once for hundreds of requests. */
const waitMs = 50;
/** Lines that wait are few kilobytes: a killed process loses little, a pipe takes them in one go. */
const maxWaitingChars = 16 * 1024;

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
  /**
   * From now on lines of `debug` and `info` wait a moment and are written together; anything graver is written at once,
   * after what waits. Returns what writes the waiting lines: to be called when the process ends. Absent where nothing waits.
   */
  readonly gather?: () => () => void;
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
  /** Receives whole lines with their newline, several at once after `gather`. Standard error when absent. */
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
  for (const field of Object.keys(fields)) {
    if (!event.fields.includes(field)) return `${event.name}: unknown field ${field}`;
  }
  for (const field of event.fields) {
    const value = fields[field];
    if (value === undefined) return `${event.name}: missing field ${field}`;
    if (value !== null && typeof value === 'object') return `${event.name}: the field ${field} is not a plain value`;
  }
  return undefined;
}

function clip(value: LogValue): LogValue {
  return typeof value === 'string' && value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value;
}

interface Lines {
  readonly write: (line: string) => void;
  readonly gather: () => void;
  /** Writes what waits. */
  readonly flush: () => void;
}

/** Hands lines on as they come or, once told to gather, several at once: each `write` is a call to the system. */
function linesTo(write: (lines: string) => void): Lines {
  let isGathering = false;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    write(lines);
  }
  return {
    write(line) {
      if (!isGathering) {
        write(line);
        return;
      }
      waiting += line;
      if (waiting.length >= maxWaitingChars) flush();
      else timer ??= setTimeout(flush, waitMs).unref();
    },
    gather() {
      isGathering = true;
    },
    flush,
  };
}

/** JSON lines of registered events. */
export function createLog(options: LogOptions): Log {
  const { process: processName, clock, write = (line) => void process.stderr.write(line) } = options;
  const lines = linesTo(write);
  const logger = pino(
    {
      base: { process: processName },
      level: options.level ?? 'info',
      timestamp: () => `,"time":${clock.now()}`,
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  );
  const log: Log = {
    event(event, fields) {
      const given = fields as Readonly<Record<string, LogValue>>;
      const wrong = wrongFields(event, given);
      if (wrong !== undefined) {
        if (options.strict === true) throw new Error(wrong);
        logger.error({ event: events.badField.name, wrong: clip(wrong) });
        lines.flush();
        return;
      }
      const line: Record<string, LogValue> = { event: event.name };
      for (const field of event.fields) line[field] = clip(given[field] ?? null);
      logger[event.level](line);
      if (event.level === 'warn' || event.level === 'error') lines.flush();
    },
    fault(where, error) {
      const name = error instanceof Error ? error.name : typeof error;
      log.event(events.fault, { where, name, code: textCode(error), at: placeOf(error) });
      if (options.showFaults === true) {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      }
    },
    gather() {
      lines.gather();
      return lines.flush;
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
