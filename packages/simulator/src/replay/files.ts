// Reads the three files of a replay: rides, stop visits, expected fellow riders. Plain or gzip, told by their bytes.
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { ConfigError } from '@tongche/runtime';

/** One recorded ride. `runId` is '' where the recording does not know the run. Times are seconds of the service day. */
export interface RideRow {
  readonly date: string;
  readonly line: string;
  readonly direction: string;
  readonly runId: string;
  readonly boardS: number;
  readonly boardSeq: number;
  readonly alightSeq: number;
  readonly card: string;
}
/** One call of a run at a stop; a time is undefined where the file leaves it blank. */
export interface VisitRow {
  readonly date: string;
  readonly line: string;
  readonly direction: string;
  readonly runId: string;
  readonly seq: number;
  readonly arriveS: number | undefined;
  readonly departS: number | undefined;
}
export interface ExpectedCase {
  readonly card: string;
  readonly fromDate: string;
  readonly toDate: string;
  readonly fellowRiders: readonly string[];
}

const gzipMagic = [0x1f, 0x8b];
const secondsOf = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

async function textOf(what: string, file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new ConfigError(
      `${what}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
    );
  }
  try {
    return (gzipMagic.every((byte, index) => bytes[index] === byte) ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch {
    throw new ConfigError(`${what}: ${file} is not whole gzip data`);
  }
}

type Cells = Readonly<Record<string, string>>;

async function rowsOf(what: string, file: string, columns: readonly string[]): Promise<readonly Cells[]> {
  const text = await textOf(what, file);
  let rows: Cells[];
  try {
    rows = parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true, relax_column_count: true });
  } catch (error) {
    throw new ConfigError(`${what}: ${file} is not a CSV file (${(error as { code?: string }).code ?? 'unreadable'})`);
  }
  const missing = columns.filter((column) => rows[0] !== undefined && rows[0][column] === undefined);
  if (rows.length === 0) throw new ConfigError(`${what}: ${file} has no rows`);
  if (missing.length > 0) throw new ConfigError(`${what}: ${file} has no column ${missing.join(', ')}`);
  return rows;
}

/** Seconds from '08:12:33' or '25:10:00'; undefined for a blank. Throws ConfigError naming file and row. */
function seconds(text: string | undefined, where: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  const [, hours, minutes, rest = '0'] = secondsOf.exec(text) ?? [];
  if (hours === undefined) throw new ConfigError(`${where}: "${text}" is not a time`);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}

function whole(text: string | undefined, where: string): number {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isInteger(value) || value < 0)
    throw new ConfigError(`${where}: "${text ?? ''}" is not a stop number`);
  return value;
}

function dateOf(text: string | undefined, where: string): string {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text))
    throw new ConfigError(`${where}: "${text ?? ''}" is not a date`);
  return text;
}

export async function readRides(file: string): Promise<readonly RideRow[]> {
  const rows = await rowsOf('rides', file, [
    'service_date',
    'line',
    'direction',
    'run_id',
    'board_time',
    'board_seq',
    'alight_seq',
    'card',
  ]);
  return rows.map((row, index) => {
    const where = `rides: ${file} row ${index + 2}`;
    const boardS = seconds(row['board_time'], where);
    if (boardS === undefined) throw new ConfigError(`${where}: board_time is blank`);
    if ((row['card'] ?? '') === '') throw new ConfigError(`${where}: card is blank`);
    return {
      date: dateOf(row['service_date'], where),
      line: row['line'] ?? '',
      direction: row['direction'] ?? '',
      runId: row['run_id'] ?? '',
      boardS,
      boardSeq: whole(row['board_seq'], where),
      alightSeq: whole(row['alight_seq'], where),
      card: row['card'] ?? '',
    };
  });
}

export async function readVisits(file: string): Promise<readonly VisitRow[]> {
  const rows = await rowsOf('visits', file, [
    'service_date',
    'line',
    'direction',
    'run_id',
    'stop_seq',
    'arrival_time',
    'departure_time',
  ]);
  return rows.map((row, index) => {
    const where = `visits: ${file} row ${index + 2}`;
    return {
      date: dateOf(row['service_date'], where),
      line: row['line'] ?? '',
      direction: row['direction'] ?? '',
      runId: row['run_id'] ?? '',
      seq: whole(row['stop_seq'], where),
      arriveS: seconds(row['arrival_time'], where),
      departS: seconds(row['departure_time'], where),
    };
  });
}

interface ExpectedLine {
  readonly index_card?: unknown;
  readonly from_date?: unknown;
  readonly to_date?: unknown;
  readonly co_riders?: unknown;
}

export async function readExpected(file: string): Promise<readonly ExpectedCase[]> {
  const lines = (await textOf('expected', file)).split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new ConfigError(`expected: ${file} has no lines`);
  return lines.map((line, index) => {
    const where = `expected: ${file} line ${index + 1}`;
    let value: ExpectedLine;
    try {
      value = JSON.parse(line) as ExpectedLine;
    } catch {
      throw new ConfigError(`${where}: not JSON`);
    }
    const { index_card: card, from_date: from, to_date: to, co_riders: riders } = value;
    if (typeof card !== 'string' || typeof riders !== 'object' || riders === null)
      throw new ConfigError(`${where}: index_card or co_riders is missing`);
    return {
      card,
      fromDate: dateOf(from as string, where),
      toDate: dateOf(to as string, where),
      fellowRiders: Object.keys(riders),
    };
  });
}
