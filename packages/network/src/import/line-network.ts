// Makes a network of lists of stops: which rows are one place, which lists are two directions of one line.
import { distanceM } from '../distance.ts';
import type { CityCode, CityData, Dir, Direction, Line, Mode, Name, Stop, Unit } from '../model.ts';
import type { LineStop } from './line-stops.ts';
import { DEFAULT_COLOUR } from './lines.ts';
import { plainText } from './row.ts';

/** A city without its timetable. */
export type NetworkParts = {
  readonly lines: readonly Line[];
  readonly directions: readonly Direction[];
  readonly stops: readonly Stop[];
};

/**
 * Stops of one name within this distance are one place: the two sides of a street and the arms of a junction. Places
 * that share a name by chance lie kilometres apart; in Shenzhen hardly any pair lies between 500 m and 5 km.
 */
export const SAME_PLACE_M = 250;
/** Lists of a line that begin and end this much nearer to each other's far end run the other way. */
const CLEARLY_M = 500;
/** Ids stay readable; a longer name is cut. */
const MAX_ID_NAME = 40;

type List = { readonly first: LineStop; readonly stops: readonly Stop[] };

/**
 * The rules: a list is the rows of one `line_no` (else line and direction) in order of `seq`. Lists whose names differ
 * only in their ends, "650路(锦程文丰-凤凰山脚)", are one line. Its first list is direction 0; another one is direction 0
 * or 1 by where it begins and ends, the longest of each is kept. A metro listed one way runs both ways.
 */
export function networkOf(
  calls: readonly LineStop[],
  usualMode: Mode,
): { readonly parts: NetworkParts; readonly notes: readonly string[] } {
  const placeOf = newPlaces();
  const byLine = new Map<string, List[]>();
  const counts = { 'lists-repeated': 0, 'lists-too-short': 0, 'variants-left-out': 0, 'reverse-added': 0 };
  const sequences = new Set<string>();
  for (const rows of Map.groupBy(calls, ({ listKey, dir }) => JSON.stringify([listKey, dir])).values()) {
    const list = listOf(rows, placeOf);
    if (list === undefined) {
      counts['lists-too-short'] += 1;
      continue;
    }
    const id = lineIdOf(list.first);
    const sequence = JSON.stringify([id, list.first.dir, ...list.stops.map((stop) => stop.id)]);
    if (sequences.has(sequence)) counts['lists-repeated'] += 1;
    else byLine.set(id, [...(byLine.get(id) ?? []), list]);
    sequences.add(sequence);
  }
  const lines: Line[] = [];
  const directions: Direction[] = [];
  const stops = new Map<string, Stop>();
  for (const [id, lists] of byLine) {
    const line = lineOf(id, lists[0]?.first, usualMode);
    if (line === undefined) continue;
    lines.push(line);
    const kept = directionsOf(lists);
    counts['variants-left-out'] += lists.length - kept.size;
    for (const [dir, { first, stops: order }] of kept) {
      directions.push({ lineId: id, dir, headsign: headsignOf(first, order), stops: order.map((stop) => stop.id) });
      for (const stop of order) stops.set(stop.id, stop);
    }
    const [forth] = kept.values();
    if (line.mode !== 'metro' || kept.size !== 1 || forth === undefined || forth.first.dir !== undefined) continue;
    const back = forth.stops.toReversed();
    directions.push({
      lineId: id,
      dir: 1,
      headsign: back.at(-1)?.name ?? line.name,
      stops: back.map((stop) => stop.id),
    });
    counts['reverse-added'] += 1;
  }
  const notes = Object.entries(counts).flatMap(([word, count]) => (count === 0 ? [] : [`${word}: ${count}`]));
  return { parts: { lines, directions, stops: [...stops.values()] }, notes };
}

/** The stops of a list, each place once in a row; undefined with fewer than two. */
function listOf(rows: readonly LineStop[], placeOf: (call: LineStop) => Stop): List | undefined {
  const ordered = [...rows].sort((a, b) => a.seq - b.seq);
  const stops = ordered.map(placeOf).filter((stop, at, all) => all[at - 1]?.id !== stop.id);
  const [first] = ordered;
  return first === undefined || stops.length < 2 ? undefined : { first, stops };
}

/** For each direction its longest list, of equally long ones the first. */
function directionsOf(lists: readonly List[]): ReadonlyMap<Dir, List> {
  const kept = new Map<Dir, List>();
  for (const list of lists) {
    const [forth] = lists;
    const dir = list.first.dir ?? (forth === undefined || !isReverse(forth.stops, list.stops) ? 0 : 1);
    const rival = kept.get(dir);
    if (rival === undefined || list.stops.length > rival.stops.length) kept.set(dir, list);
  }
  return new Map([...kept].sort(([a], [b]) => a - b));
}

/** Whether `other` runs against `forth`: by their ends, and where these lie together (circles) by the order of stops. */
function isReverse(forth: readonly Stop[], other: readonly Stop[]): boolean {
  const [a, b, c, d] = [forth[0], forth.at(-1), other[0], other.at(-1)];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  const along = distanceM(a, c) + distanceM(b, d);
  const against = distanceM(a, d) + distanceM(b, c);
  if (Math.abs(along - against) > CLEARLY_M) return against < along;
  const placeIn = new Map(forth.map(({ id }, at) => [id, at]));
  const shared = other.flatMap(({ id }) => placeIn.get(id) ?? []);
  const steps = shared.slice(1).map((at, index) => Math.sign(at - (shared[index] ?? at)));
  return steps.reduce((sum, step) => sum + step, 0) < 0;
}

/** Which calls are one place; see SAME_PLACE_M. Rows with a `stop_id` are one place by that alone. */
function newPlaces(): (call: LineStop) => Stop {
  const byName = new Map<string, Stop[]>();
  const byId = new Map<string, Stop>();
  const add = (id: string, name: Name, { at }: LineStop): Stop => {
    const stop = { id, name, lat: at.lat, lon: at.lon };
    byId.set(id, stop);
    return stop;
  };
  return (call) => {
    if (call.stopId !== '') return byId.get(call.stopId) ?? add(call.stopId, call.stopName, call);
    const name = { zh: withoutPlatform(call.stopName.zh), en: withoutPlatform(call.stopName.en) };
    const key = plainText(name.zh).toLowerCase();
    const known = byName.get(key) ?? [];
    let nearest: Stop | undefined;
    let nearestM = SAME_PLACE_M;
    for (const stop of known) {
      const meters = distanceM(stop, call.at);
      if (meters <= nearestM) [nearest, nearestM] = [stop, meters];
    }
    if (nearest !== undefined) return nearest;
    const place = `${call.at.lat.toFixed(4)},${call.at.lon.toFixed(4)}`;
    const stop = add(`${plainText(name.zh).slice(0, MAX_ID_NAME)}@${place}`, name, call);
    byName.set(key, [...known, stop]);
    return stop;
  };
}

/** 华富路② is a platform of 华富路. */
function withoutPlatform(name: string): string {
  return name.replace(/[\u2460-\u2473]$/u, '').trim() || name;
}

type LineName = { readonly base: string; readonly to: string };

/** "旅游5号线(h92旅游专线)(大鹏中心①-福田交通枢纽)": the last brackets name the ends when a dash stands in them. */
function splitName(text: string): LineName {
  const name = text.replaceAll('（', '(').replaceAll('）', ')').trim();
  if (!name.endsWith(')')) return { base: name, to: '' };
  let depth = 0;
  let dash = -1;
  for (let at = name.length - 1; at > 0; at -= 1) {
    if (name[at] === ')') depth += 1;
    else if (name[at] === '(') depth -= 1;
    else if (name[at] === '-' && depth === 1) dash = at;
    if (depth > 0) continue;
    return dash < 0 ? { base: name, to: '' } : { base: name.slice(0, at), to: name.slice(dash + 1, -1) };
  }
  return { base: name, to: '' };
}

function lineIdOf({ lineId, lineName }: LineStop): string {
  return lineId === ''
    ? plainText(capitals(splitName(lineName.zh).base))
        .split('/', 1)
        .join('')
    : lineId;
}

/** Lists write m105, vehicles M105. */
function capitals(text: string): string {
  return text.replace(/^[a-z]+(?=\d)|(?<=^[A-Za-z]*\d+)[a-z](?=[路线]?$)/g, (letters) => letters.toUpperCase());
}

function lineOf(id: string, first: LineStop | undefined, usualMode: Mode): Line | undefined {
  if (first === undefined) return undefined;
  const { lineId, lineName, shortName, mode: told, colour } = first;
  const base = lineId === '' ? capitals(splitName(lineName.zh).base) : lineName.zh;
  const mode = told ?? (/^\d+号线/.test(base) ? 'metro' : usualMode);
  const name = { zh: base, en: lineName.en === lineName.zh ? base : lineName.en };
  const short = /^([A-Za-z]*\d+[A-Za-z]*)[路线]$/.exec(base)?.[1] ?? base.split('/', 1).join('');
  return { id, name, shortName: shortName || short, mode, colour: colour || DEFAULT_COLOUR[mode] };
}

function headsignOf({ headsign, lineId, lineName }: LineStop, stops: readonly Stop[]): Name {
  if (headsign !== undefined) return headsign;
  const last = stops.at(-1)?.name ?? lineName;
  const to = lineId === '' ? withoutPlatform(splitName(lineName.zh).to) : '';
  return to === '' || to === last.zh ? last : { zh: to, en: to };
}

/** A city that has a network and a fleet but no timetable: no runs on any day. */
export function cityOfNetwork(
  parts: NetworkParts,
  rest: { readonly units: readonly Unit[]; readonly codes: readonly CityCode[]; readonly zone: string },
): CityData {
  return { ...rest, ...parts, runs: () => [] };
}
