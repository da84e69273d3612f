// Networks without a timetable: one row per stop of each line and direction, as map services and transport bureaus hand
// them out. Coordinates come in three systems; the city has WGS 84.
import { toWgs84 } from '../coordinates.ts';
import type { Coordinates } from '../coordinates.ts';
import type { Point } from '../distance.ts';
import type { Dir, Mode, Name } from '../model.ts';
import { networkOf } from './line-network.ts';
import type { NetworkParts } from './line-network.ts';
import { listCsv } from './list-write.ts';
import type { ListRow } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListContext, ListRead, ListSpec } from './lists.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

/** One row: a call at a stop. '' and undefined where the list does not say. */
export type LineStop = {
  /** What tells the lists of one file apart; the line's own name where there is no number. */
  readonly listKey: string;
  readonly lineId: string;
  readonly lineName: Name;
  readonly shortName: string;
  readonly mode: Mode | undefined;
  readonly colour: string;
  readonly dir: Dir | undefined;
  readonly headsign: Name | undefined;
  readonly seq: number;
  readonly stopId: string;
  readonly stopName: Name;
  readonly at: Point;
};

export type LineStopsOptions = {
  /** The system of a file whose headings do not name it (`bd09_lon` does). WGS 84 when absent. */
  readonly coordinates?: Coordinates;
  /** What the lines are where the list does not say and their names do not show it. Buses when absent. */
  readonly mode?: Mode;
};

export type LineStopsRead = ListRead<LineStop> & { readonly parts: NetworkParts };

export const SPEC: ListSpec = {
  file: 'line_stops.csv',
  columns: [
    { key: 'line_no', words: ['线路序号', '方向编号', '单程编号'] },
    { key: 'line_id', words: ['线路编号', '线路代码', 'route_id'] },
    { key: 'line_name', words: ['线路', '线路名称', '线路名', 'line', 'route', 'line_name_zh'], prose: true },
    { key: 'line_name_en', words: ['线路英文名称', '线路英文名'], prose: true },
    { key: 'line_short_name', words: ['线路简称', '短线路名'], prose: true },
    { key: 'mode', words: ['类型', '线路类型', '方式'] },
    { key: 'colour', words: ['颜色', '线路颜色', 'color'] },
    { key: 'dir', words: ['方向', '上下行', 'direction', 'direction_id'] },
    { key: 'headsign', words: ['终点', '开往', '方向名称', 'headsign_zh'], prose: true },
    { key: 'headsign_en', words: ['终点英文', '开往英文'], prose: true },
    { key: 'seq', words: ['站序', '序号', '站点序号', '顺序', 'sequence', 'stop_sequence'] },
    { key: 'stop_id', words: ['站点编号', '站点代码', '车站编号'] },
    {
      key: 'stop_name',
      words: ['站名', '站点', '站点名称', '车站', '车站名称', 'name', 'stop_name_zh', 'stop'],
      prose: true,
    },
    { key: 'stop_name_en', words: ['英文站名', '站点英文名称', 'name_en'], prose: true },
    {
      key: 'lon',
      words: ['经度', 'lng', 'longitude', 'bd09_lon', 'bd09_lng', 'gcj02_lon', 'gcj02_lng', 'wgs84_lon', 'wgs84_lng'],
    },
    { key: 'lat', words: ['纬度', 'latitude', 'bd09_lat', 'gcj02_lat', 'wgs84_lat'] },
  ],
  needed: [['line_name', 'line_id'], ['seq'], ['stop_name'], ['lon'], ['lat']],
};
const MODE_WORDS: Readonly<Record<string, Mode>> = {
  bus: 'bus',
  公交: 'bus',
  公交车: 'bus',
  metro: 'metro',
  subway: 'metro',
  地铁: 'metro',
  轨道: 'metro',
  轨道交通: 'metro',
  ferry: 'ferry',
  轮渡: 'ferry',
  taxi: 'taxi',
  出租车: 'taxi',
  coach: 'coach',
  大巴: 'coach',
  客运: 'coach',
};
const DIR_WORDS: Readonly<Record<string, Dir>> = { 0: 0, 1: 1, 上行: 0, 下行: 1, 去程: 0, 返程: 1, 往: 0, 返: 1 };
const MAX_SEQUENCE = 10_000;

/**
 * Reads the lists of a network and makes lines, directions and stops of them (`line-network.ts` has the rules).
 * Equal files give equal ids.
 */
export async function readLineStops(source: Source, options: LineStopsOptions = {}): Promise<LineStopsRead> {
  const calls = new Map<string, LineStop>();
  const read = (row: Row, context: ListContext): void => {
    const call = readCall(row, systemOf(context, options));
    const key = JSON.stringify([call.listKey, call.dir, call.seq]);
    if (calls.has(key)) row.fail('seq', 'duplicate');
    if (row.ok()) calls.set(key, call);
  };
  const list = await readList(source, SPEC, read, () => calls.values());
  const { parts, notes } = networkOf(list.rows, options.mode ?? 'bus');
  return { ...list, notes: [...list.notes, ...notes], parts };
}

/** Headings that name a system are right; nobody writes them by accident. */
function systemOf(context: ListContext, options: LineStopsOptions): Coordinates {
  const heading = `${context.heading('lon')} ${context.heading('lat')}`.toLowerCase();
  const named = (['bd09', 'gcj02', 'wgs84'] as const).find((system) => heading.includes(system));
  const system = named ?? options.coordinates ?? 'wgs84';
  context.note(`coordinates: ${system}`);
  return system;
}

function readCall(row: Row, system: Coordinates): LineStop {
  const lineId = row.text('line_id');
  const zh = lineId === '' ? row.required('line_name') : row.text('line_name') || lineId;
  const stopZh = row.required('stop_name');
  const at = { lat: row.number('lat', -90, 90), lon: row.number('lon', -180, 180) };
  const colour = row.text('colour').toLowerCase();
  if (!/^(?:#?[0-9a-f]{6})?$/.test(colour)) row.fail('colour', 'unknown-value');
  const headsign = row.text('headsign');
  return {
    listKey: row.text('line_no') || lineId || zh,
    lineId,
    lineName: { zh, en: row.text('line_name_en') || zh },
    shortName: row.text('line_short_name'),
    mode: readWord(row, 'mode', MODE_WORDS),
    colour: colour === '' ? '' : `#${colour.replace('#', '')}`,
    dir: readWord(row, 'dir', DIR_WORDS),
    headsign: headsign === '' ? undefined : { zh: headsign, en: row.text('headsign_en') || headsign },
    seq: row.integer('seq', 0, MAX_SEQUENCE),
    stopId: row.text('stop_id'),
    stopName: { zh: stopZh, en: row.text('stop_name_en') || stopZh },
    at: row.ok() ? rounded(toWgs84(at, system)) : at,
  };
}

function readWord<T>(row: Row, column: string, words: Readonly<Record<string, T>>): T | undefined {
  const word = row.text(column).toLowerCase();
  if (word === '') return undefined;
  if (!Object.hasOwn(words, word)) row.fail(column, 'unknown-value');
  return words[word];
}

/** To a centimetre, so that numbers stay short and read back the same. */
function rounded({ lat, lon }: Point): Point {
  return { lat: Number(lat.toFixed(7)), lon: Number(lon.toFixed(7)) };
}

export const LINE_STOPS_HEADER: readonly string[] = SPEC.columns
  .map(({ key }) => (key === 'lon' || key === 'lat' ? `wgs84_${key}` : key))
  .filter((key) => key !== 'line_no');

/** The network's rows under `LINE_STOPS_HEADER`; reading them back gives equal parts. */
export function lineStopsRows({ lines, directions, stops }: NetworkParts): readonly ListRow[] {
  const lineById = new Map(lines.map((line) => [line.id, line]));
  const stopById = new Map(stops.map((stop) => [stop.id, stop]));
  return directions.flatMap(({ lineId, dir, headsign, stops: order }) => {
    const line = lineById.get(lineId);
    if (line === undefined) return [];
    const { name, shortName, mode, colour } = line;
    const start = [lineId, name.zh, name.en, shortName, mode, colour, dir, headsign.zh, headsign.en];
    return order.flatMap((stopId, at) => {
      const stop = stopById.get(stopId);
      return stop === undefined ? [] : [[...start, at + 1, stopId, stop.name.zh, stop.name.en, stop.lon, stop.lat]];
    });
  });
}

export function lineStopsCsv(parts: NetworkParts): string {
  return listCsv(LINE_STOPS_HEADER, lineStopsRows(parts));
}
