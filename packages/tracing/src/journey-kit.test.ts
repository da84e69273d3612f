// A week of commuters in a town on a grid, as it was and as it was registered: made here, the same for the same seed.
import { instantAt } from './calendar.ts';
import { randomOf } from './cluster-kit.test.ts';
import type { CallAt, Presence, RunTimes, World } from './types.ts';

export const zone = 'Asia/Shanghai';
/** A Monday. */
export const MONDAY = 18_288;
const SIDE = 24;
const STEP_DEGREES = 460 / 111_195;
const MINUTE_MS = 60_000;

export function name(text: string) {
  return { zh: `${text}站`, en: `Stop ${text}` };
}

/** Places of a line, in order of direction 0. */
type Line = readonly number[];

interface Leg {
  readonly line: number;
  readonly dir: 0 | 1;
  readonly board: number;
  readonly alight: number;
}

/** One true ride. `presence`: how it was registered; null: not at all. `isWrong`: on a vehicle it was not. */
export interface TrueRide {
  readonly day: number;
  readonly run: RunTimes;
  readonly boardSeq: number;
  readonly alightSeq: number;
  readonly presence: Presence | null;
  readonly isWrong: boolean;
}

export interface Week {
  readonly world: World;
  readonly runs: readonly RunTimes[];
  /** By commuter. */
  readonly rides: readonly (readonly TrueRide[])[];
}

interface Town {
  readonly lines: readonly Line[];
  readonly runs: Map<string, RunTimes>;
  readonly random: () => number;
}

function pointOf(placeId: number, dir: number): { readonly lat: number; readonly lon: number } {
  // The stops of the two directions lie across the road from one another.
  const [row, column] = [Math.floor(placeId / SIDE), placeId % SIDE];
  return {
    lat: 22.5 + row * STEP_DEGREES + dir * 0.0002,
    lon: 114 + (column * STEP_DEGREES) / Math.cos((22.5 * Math.PI) / 180),
  };
}

/** A line that bends once: along a row, then along a column. */
function lineOf(random: () => number): Line {
  const [row, column, turn] = [0, 0, 0].map(() => 2 + Math.floor(random() * (SIDE - 4))) as [number, number, number];
  const along = Array.from({ length: 12 }, (_, i) => row * SIDE + ((turn + i) % SIDE)).filter(
    (_, i) => turn + i < SIDE,
  );
  const corner = along.at(-1) ?? row * SIDE + column;
  const step = row > SIDE / 2 ? -SIDE : SIDE;
  return [...along, ...Array.from({ length: 10 }, (_, i) => corner + (i + 1) * step)];
}

const HEADWAY_MIN = 10;
const FIRST_MIN = 6 * 60;
const VEHICLES = 20;

/** The run of a line and direction that leaves its first stop in the `index`-th interval of a day. */
function runOf(town: Town, leg: Pick<Leg, 'line' | 'dir'>, day: number, index: number): RunTimes {
  const runKey = `${day}:${leg.line}:${leg.dir}:${index}`;
  const known = town.runs.get(runKey);
  if (known !== undefined) return known;
  const places = town.lines[leg.line] ?? [];
  const ordered = leg.dir === 0 ? places : places.toReversed();
  const startMs = instantAt(day, FIRST_MIN + index * HEADWAY_MIN, zone);
  const stops = ordered.map((placeId, seq): CallAt => {
    const arrMs = startMs + seq * 100_000;
    const stopId = `p${placeId}d${leg.dir}`;
    return {
      seq,
      stopId,
      name: name(String(placeId)),
      ...pointOf(placeId, leg.dir),
      arrMs,
      depMs: arrMs + 20_000,
      source: 'avl',
    };
  });
  const vehicle = `l${leg.line}-${(index + leg.dir * 10) % VEHICLES}`;
  const line = { zh: `${leg.line}路`, en: `line ${leg.line}` };
  const run: RunTimes = { runKey, vehicle, lineId: String(leg.line), dir: leg.dir, line, stops };
  town.runs.set(runKey, run);
  return run;
}

const RUNS_A_DAY = 100;

function nextRun(town: Town, leg: Leg, day: number, readyMs: number): RunTimes | undefined {
  const atStop = instantAt(day, FIRST_MIN, zone) + leg.board * 100_000;
  const index = Math.max(Math.ceil((readyMs - atStop) / (HEADWAY_MIN * MINUTE_MS)), 0);
  return index < RUNS_A_DAY ? runOf(town, leg, day, index) : undefined;
}

function legOn(town: Town, line: number, from?: number): Leg | undefined {
  const places = town.lines[line] ?? [];
  const dir = town.random() < 0.5 ? 0 : 1;
  const ordered = dir === 0 ? places : places.toReversed();
  const board = from === undefined ? Math.floor(town.random() * (ordered.length - 5)) : ordered.indexOf(from);
  const left = ordered.length - 1 - board;
  if (board < 0 || left < 4) return undefined;
  return { line, dir, board, alight: board + 3 + Math.floor(town.random() * (left - 3)) };
}

function placeAt(town: Town, { line, dir }: Leg, seq: number): number {
  const places = town.lines[line] ?? [];
  return places[dir === 0 ? seq : places.length - 1 - seq] ?? -1;
}

function wayOf(town: Town): readonly Leg[] {
  const first = legOn(town, Math.floor(town.random() * town.lines.length)) ?? wayOf(town)[0];
  if (first === undefined || town.random() > 0.35) return first === undefined ? [] : [first];
  const change = placeAt(town, first, first.alight);
  const others = town.lines.flatMap((places, i) => (i !== first.line && places.includes(change) ? i : []));
  const second =
    others.length === 0 ? undefined : legOn(town, others[Math.floor(town.random() * others.length)] ?? 0, change);
  return second === undefined ? [first] : [first, second];
}

function backOf(town: Town, way: readonly Leg[]): readonly Leg[] {
  return way.toReversed().map(({ line, dir, board, alight }) => {
    const last = (town.lines[line] ?? []).length - 1;
    return { line, dir: dir === 0 ? 1 : 0, board: last - alight, alight: last - board };
  });
}

interface Rules {
  readonly compliance: number;
  readonly wrongShare: number;
}

/** The vehicle of some other run of the line on that day, at that moment: anywhere along it, either way, or standing. */
function elsewhereOn(
  town: Town,
  run: RunTimes,
  day: number,
  atMs: number,
): Pick<Presence, 'unit' | 'runKey'> | undefined {
  const line = Number(run.lineId);
  const dir = town.random() < 0.5 ? 0 : 1;
  const back = Math.floor(town.random() * 4);
  const index = Math.floor((atMs - instantAt(day, FIRST_MIN, zone)) / (HEADWAY_MIN * MINUTE_MS)) - back;
  if (index < 0) return undefined;
  const other = runOf(town, { line, dir }, day, index);
  if (other.runKey === run.runKey) return undefined;
  const isUnderWay = (other.stops.at(-1)?.arrMs ?? 0) > atMs;
  return { unit: other.vehicle, runKey: isUnderWay ? other.runKey : null };
}

function ride(
  town: Town,
  rules: Rules,
  at: { person: string; day: number; leg: Leg; readyMs: number },
): TrueRide | undefined {
  const run = nextRun(town, at.leg, at.day, at.readyMs);
  const board = run?.stops[at.leg.board];
  if (run === undefined || board === undefined) return undefined;
  const common = { day: at.day, run, boardSeq: at.leg.board, alightSeq: at.leg.alight };
  const boardedMs = Math.round(board.arrMs - Math.log(1 - town.random()) * 25_000);
  const wrong = town.random() < rules.wrongShare ? elsewhereOn(town, run, at.day, boardedMs) : undefined;
  if (town.random() >= rules.compliance) return { ...common, presence: null, isWrong: false };
  const presence: Presence = {
    id: `${at.person}-${run.runKey}`,
    person: at.person,
    unit: run.vehicle,
    runKey: run.runKey,
    via: 'scan',
    boardedMs,
    boardSeq: null,
    goneMs: null,
    evidence: [],
    row: null,
    party: 0,
    staff: false,
    doubtful: false,
    ...wrong,
  };
  return { ...common, presence, isWrong: wrong !== undefined };
}

function travel(
  town: Town,
  rules: Rules,
  person: string,
  day: number,
  way: readonly Leg[],
  startMs: number,
): readonly TrueRide[] {
  const rides: TrueRide[] = [];
  let readyMs = startMs;
  for (const leg of way) {
    const made = ride(town, rules, { person, day, leg, readyMs });
    if (made === undefined) break;
    rides.push(made);
    readyMs = (made.run.stops[leg.alight]?.arrMs ?? readyMs) + 90_000;
  }
  return rides;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Five working days: there by the same way; back the same way (78 %), from elsewhere (13 %), or by other means. */
function weekOf(town: Town, rules: Rules, person: string): readonly TrueRide[] {
  const { random } = town;
  const way = wayOf(town);
  const [morning, evening] = [7.6 * 60 + normal(random) * 45, 17.7 * 60 + normal(random) * 55];
  return Array.from({ length: 5 }, (_, i) => MONDAY + i).flatMap((day) => {
    if (random() >= 0.88) return [];
    const out = travel(
      town,
      rules,
      person,
      day,
      way,
      instantAt(day, Math.max(morning, 370) + normal(random) * 7, zone),
    );
    const startMs = instantAt(day, evening + normal(random) * 22, zone);
    const drawn = random();
    if (drawn < 0.78) return [...out, ...travel(town, rules, person, day, backOf(town, way), startMs)];
    const other = drawn < 0.912 ? legOn(town, Math.floor(random() * town.lines.length)) : undefined;
    return [...out, ...(other === undefined ? [] : travel(town, rules, person, day, [other], startMs + 3_600_000))];
  });
}

/** `commuters` people over a working week. */
export function weekOfCommuters(seed: number, commuters: number, rules: Rules): Week {
  const random = randomOf(seed);
  const lines = Array.from({ length: 40 }, () => lineOf(random));
  const town: Town = { lines, runs: new Map(), random };
  const rides = Array.from({ length: commuters }, (_, i) => weekOf(town, rules, `c${i}`));
  const world: World = {
    run: (runKey) => town.runs.get(runKey),
    space: () => undefined,
    unitsOf: (vehicle) => [vehicle],
  };
  return { world, runs: [...town.runs.values()], rides };
}

export function registered(rides: readonly TrueRide[]): readonly Presence[] {
  return rides.flatMap(({ presence }) => presence ?? []);
}

/** Two people on one grid street: a line of eleven stops 460 m apart, and one that crosses it at stop 5. For cases by hand. */
export function byHand(): {
  readonly world: World;
  readonly ride: (
    day: number,
    line: 'A' | 'B',
    dir: 0 | 1,
    clock: string,
    board: number,
    fields?: Partial<Presence>,
  ) => Presence;
} {
  const runs = new Map<string, RunTimes>();
  const ride = (
    day: number,
    line: 'A' | 'B',
    dir: 0 | 1,
    clock: string,
    board: number,
    fields: Partial<Presence> = {},
  ): Presence => {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    const boardedMs = instantAt(MONDAY + day, hour * 60 + minute, zone);
    const runKey = `${line}${dir} ${day} ${clock}`;
    const stops = Array.from({ length: 11 }, (_, seq): CallAt => {
      const step = dir === 0 ? seq : 10 - seq;
      const placeId = line === 'A' ? 5 * SIDE + step : step * SIDE + 5;
      const arrMs = boardedMs - 10_000 + (seq - board) * 120_000;
      return {
        seq,
        stopId: `${line}${step}${dir}`,
        name: name(`${line}${step}`),
        ...pointOf(placeId, dir),
        arrMs,
        depMs: arrMs + 20_000,
        source: 'avl',
      };
    });
    runs.set(runKey, {
      runKey,
      vehicle: runKey,
      lineId: line,
      dir,
      line: { zh: `${line}线`, en: `line ${line}` },
      stops,
    });
    const none = { boardSeq: null, goneMs: null, evidence: [], row: null, party: 0, staff: false, doubtful: false };
    return { id: runKey, person: 'c', unit: runKey, runKey, via: 'scan', boardedMs, ...none, ...fields };
  };
  return { world: { run: (key) => runs.get(key), space: () => undefined, unitsOf: (vehicle) => [vehicle] }, ride };
}
