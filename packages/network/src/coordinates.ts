// The coordinates of mainland maps: GCJ-02 (AMap, Tencent) and BD-09 (Baidu) to WGS 84 and back.
// GCJ-02 has no published specification. The formula is the one known since 2010 and used by every open library
// (eviltransform, coordtransform, gcoord); its constants are the axis and eccentricity of the Krasovsky 1940 ellipsoid.
// BD-09 is the small second shift of Baidu's own converter. The formulas run one way only, so the way back is iterated.
import type { Point } from './distance.ts';

export type Coordinates = 'wgs84' | 'gcj02' | 'bd09';

const KRASOVSKY_A_M = 6_378_245;
const KRASOVSKY_EE = 0.006_693_421_622_965_943;
/** Baidu's angle unit: degrees in steps of 1/3000. */
const BAIDU_STEP = (Math.PI * 3000) / 180;
/** About a hundredth of a millimetre. */
const SETTLED_DEGREES = 1e-10;
/** Each round leaves under a tenth of the error; six do in practice. */
const MAX_ROUNDS = 30;

/** `[south, west, north, east]` in degrees. */
type Box = readonly [number, number, number, number];

/** Everything that is shifted lies in here: from Zengmu Ansha to Mohe, from Wuqia to Fuyuan. */
const CHINA: Box = [3, 73.4, 53.6, 134.8];
/**
 * Where maps are not shifted although the box above has them: coarse boxes, drawn so that none touches the mainland.
 * Hong Kong and Macau count as shifted: mainland maps draw them so, and a border through Shenzhen's checkpoints would
 * tear stops 500 m apart. Taiwan, Penghu included, is not shifted there. Kinmen and Matsu, in sight of the coast, are.
 */
const UNSHIFTED: readonly Box[] = [
  [21.7, 119.95, 25.4, 122.6], // Taiwan
  [23, 119.2, 24, 119.95], // Penghu
  [33, 124.6, 39.3, 131], // Korea
  [24, 129, 41.5, 134.8], // Japan
  [43, 131.4, 44.8, 134.8], // Vladivostok
  [45.6, 92, 53.6, 111.9], // Mongolia
  [49.4, 73.4, 53.6, 115.4], // Russia and Kazakhstan
  [3, 117, 21.3, 134.8], // the Philippines
  [3, 73.4, 20.4, 108.2], // the south of Asia
  [3, 102.1, 22.3, 106.5], // the north of Vietnam
  [3, 106.5, 21.4, 108.2], // Haiphong
  [3, 73.4, 26.6, 97.4], // India and Bangladesh
  [3, 73.4, 30, 81], // Delhi
  [26.6, 81, 27.75, 88], // Nepal
];

function inside([south, west, north, east]: Box, { lat, lon }: Point): boolean {
  return south <= lat && lat <= north && west <= lon && lon <= east;
}

/** Whether mainland maps draw a WGS 84 point shifted. Near land borders a strip of the neighbour counts as shifted. */
export function isShifted(point: Point): boolean {
  return inside(CHINA, point) && !UNSHIFTED.some((box) => inside(box, point));
}

/** Where mainland maps draw a WGS 84 point. The point itself outside China. */
export function wgs84ToGcj02(point: Point): Point {
  return isShifted(point) ? shift(point) : point;
}

/** Back to WGS 84, within a millimetre. The point itself outside China. */
export function gcj02ToWgs84(point: Point): Point {
  const candidate = undo(shift, point);
  return isShifted(candidate) ? candidate : point;
}

/** The point itself outside China. */
export function gcj02ToBd09(point: Point): Point {
  return isShifted(gcj02ToWgs84(point)) ? baiduShift(point) : point;
}

/** The point itself outside China. */
export function bd09ToGcj02(point: Point): Point {
  const candidate = undo(baiduShift, point);
  return isShifted(gcj02ToWgs84(candidate)) ? candidate : point;
}

export function wgs84ToBd09(point: Point): Point {
  return isShifted(point) ? baiduShift(shift(point)) : point;
}

export function bd09ToWgs84(point: Point): Point {
  const candidate = undo(shift, undo(baiduShift, point));
  return isShifted(candidate) ? candidate : point;
}

type Move = (point: Point) => Point;
const stay: Move = (point) => point;
const TO_WGS84: Readonly<Record<Coordinates, Move>> = { wgs84: stay, gcj02: gcj02ToWgs84, bd09: bd09ToWgs84 };
const FROM_WGS84: Readonly<Record<Coordinates, Move>> = { wgs84: stay, gcj02: wgs84ToGcj02, bd09: wgs84ToBd09 };

/** A point of a file in the coordinates of the file, as WGS 84. */
export function toWgs84(point: Point, from: Coordinates): Point {
  return TO_WGS84[from](point);
}

/** The other way about: a WGS 84 point as a map of these coordinates has it. */
export function fromWgs84(point: Point, to: Coordinates): Point {
  return FROM_WGS84[to](point);
}

/** The point that `forward` moves to `target`: steps by what is still missing until that is nothing. */
function undo(forward: Move, target: Point): Point {
  let { lat, lon } = target;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const reached = forward({ lat, lon });
    const missingLat = target.lat - reached.lat;
    const missingLon = target.lon - reached.lon;
    lat += missingLat;
    lon += missingLon;
    if (Math.abs(missingLat) < SETTLED_DEGREES && Math.abs(missingLon) < SETTLED_DEGREES) break;
  }
  return { lat, lon };
}

/** The shift itself, without regard to borders. */
function shift({ lat, lon }: Point): Point {
  const [northM, eastM] = shiftM(lat - 35, lon - 105);
  const phi = (lat * Math.PI) / 180;
  const curvature = 1 - KRASOVSKY_EE * Math.sin(phi) ** 2;
  const meridianM = (KRASOVSKY_A_M * (1 - KRASOVSKY_EE)) / curvature ** 1.5;
  const parallelM = (KRASOVSKY_A_M / Math.sqrt(curvature)) * Math.cos(phi);
  return { lat: lat + (northM / meridianM) * (180 / Math.PI), lon: lon + (eastM / parallelM) * (180 / Math.PI) };
}

/** Metres north and east, for degrees `y` north and `x` east of 35° N 105° E. */
function shiftM(y: number, x: number): readonly [northM: number, eastM: number] {
  const sine = (amplitude: number, angle: number): number => amplitude * Math.sin(angle * Math.PI);
  const both = sine(20, 6 * x) + sine(20, 2 * x);
  const north = both + sine(20, y) + sine(40, y / 3) + sine(160, y / 12) + sine(320, y / 30);
  const east = both + sine(20, x) + sine(40, x / 3) + sine(150, x / 12) + sine(300, x / 30);
  const root = Math.sqrt(Math.abs(x));
  return [
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (north * 2) / 3,
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (east * 2) / 3,
  ];
}

function baiduShift({ lat, lon }: Point): Point {
  const radius = Math.hypot(lon, lat) + 0.000_02 * Math.sin(lat * BAIDU_STEP);
  const angle = Math.atan2(lat, lon) + 0.000_003 * Math.cos(lon * BAIDU_STEP);
  return { lat: radius * Math.sin(angle) + 0.006, lon: radius * Math.cos(angle) + 0.0065 };
}
