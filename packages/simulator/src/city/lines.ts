// The lines of Haijing: where they go, how fast, how often, and what drives on them.
import type { Mode } from '@tongche/network';
import type { PlaceKey, StationKey } from './places.ts';

/** Between `from` and `to` (hours of the service day, past 24 after midnight) a departure every `headwayMin` minutes. */
export type Period = { readonly from: number; readonly to: number; readonly headwayMin: number };

export type LinePlan = {
  readonly id: string;
  readonly shortName: string;
  readonly zh: string;
  readonly en: string;
  readonly mode: Exclude<Mode, 'taxi'>;
  /** GTFS route type. */
  readonly type: number;
  readonly colour: string;
  readonly stops: readonly PlaceKey[] | readonly StationKey[];
  /** Cruising speed between stops, as the crow flies. */
  readonly speedKmh: number;
  readonly dwellS: number;
  /** Shortest rest at a terminus before the vehicle goes back. */
  readonly layoverS: number;
  readonly workdays: readonly Period[];
  readonly weekends: readonly Period[];
  /** Departures of the small hours, made by vehicles of their own, every night alike. */
  readonly night?: readonly Period[];
};

const BUS_WORKDAYS: readonly Period[] = [
  { from: 6, to: 7, headwayMin: 12 },
  { from: 7, to: 9.5, headwayMin: 10 },
  { from: 9.5, to: 17, headwayMin: 12 },
  { from: 17, to: 19.5, headwayMin: 10 },
  { from: 19.5, to: 24, headwayMin: 15 },
];
const BUS_WEEKENDS: readonly Period[] = [
  { from: 6, to: 8, headwayMin: 15 },
  { from: 8, to: 20, headwayMin: 12 },
  { from: 20, to: 24, headwayMin: 15 },
];
const LATE: Period = { from: 24, to: 25.5, headwayMin: 15 };
/** Haijing never sleeps, so that a demonstration finds its buses running at any hour. */
const NIGHT: readonly Period[] = [{ from: 0, to: 6, headwayMin: 20 }];
const METRO: readonly Period[] = [{ from: 6, to: 24, headwayMin: 10 }];
const BUS = { mode: 'bus', type: 3, speedKmh: 19, dwellS: 25, layoverS: 480, night: NIGHT } as const;
const BUS_TIMES = { workdays: BUS_WORKDAYS, weekends: BUS_WEEKENDS } as const;
const LATE_TIMES = { workdays: [...BUS_WORKDAYS, LATE], weekends: [...BUS_WEEKENDS, LATE] } as const;
const METRO_PLAN = { mode: 'metro', type: 1, speedKmh: 38, dwellS: 40, layoverS: 300, night: NIGHT } as const;
const METRO_TIMES = { workdays: METRO, weekends: METRO } as const;

export const LINES: readonly LinePlan[] = [
  {
    ...BUS,
    ...LATE_TIMES,
    id: 'bus-1',
    shortName: '1路',
    zh: '1路 海京站—东港客运站',
    en: 'Line 1 Railway Station - East Harbour',
    colour: '2f6f9f',
    stops: [
      'station',
      'stationFront',
      'apricot',
      'egret',
      'bell',
      'tide',
      'market',
      'wharf',
      'cape',
      'aquarium',
      'surf',
      'pearl',
      'shell',
      'gull',
      'harbour',
    ],
  },
  {
    ...BUS,
    ...BUS_TIMES,
    id: 'bus-2',
    shortName: '2路',
    zh: '2路 植物园—老码头',
    en: 'Line 2 Botanical Garden - Old Wharf',
    colour: '3f7d4e',
    stops: [
      'botanic',
      'campus',
      'campusEast',
      'ginkgo',
      'station',
      'stationFront',
      'apricot',
      'egret',
      'bell',
      'tide',
      'theatre',
      'market',
      'wharf',
    ],
  },
  {
    ...BUS,
    ...BUS_TIMES,
    id: 'bus-5',
    shortName: '5路',
    zh: '5路 西山枢纽—货运码头',
    en: 'Line 5 Xishan Interchange - Cargo Dock',
    colour: '9a5b2d',
    stops: [
      'west',
      'kiln',
      'westlake',
      'lotus',
      'tea',
      'weaver',
      'listen',
      'bell',
      'tide',
      'library',
      'canal',
      'cotton',
      'park',
      'glass',
      'dock',
    ],
  },
  {
    ...BUS,
    ...BUS_TIMES,
    id: 'bus-8',
    shortName: '8路',
    zh: '8路 翠湖水库—渔灯巷',
    en: 'Line 8 Jade Reservoir - Fishlamp Lane',
    colour: '6d5a9c',
    stops: [
      'reservoir',
      'northGate',
      'north',
      'bamboo',
      'plum',
      'school',
      'river',
      'bluestone',
      'bell',
      'tide',
      'market',
      'lamp',
    ],
  },
  {
    ...BUS,
    ...BUS_TIMES,
    id: 'bus-12',
    shortName: '12路',
    zh: '12路 渔港—市第一医院',
    en: 'Line 12 Fishing Port - First City Hospital',
    colour: '2d7f86',
    stops: [
      'fishPort',
      'tideSouth',
      'boatTown',
      'boat',
      'mill',
      'salt',
      'listen',
      'lamp',
      'market',
      'theatre',
      'tide',
      'civic',
      'museum',
      'hospital',
    ],
  },
  {
    ...BUS,
    ...BUS_TIMES,
    id: 'bus-16',
    shortName: '16路',
    zh: '16路 鹿鸣泉—软件园东',
    en: 'Line 16 Deer Spring - Software Park East',
    colour: '8c4a4a',
    stops: [
      'spring',
      'temple',
      'west',
      'kiln',
      'westlake',
      'lotus',
      'tea',
      'weaver',
      'egret',
      'bluestone',
      'river',
      'hospital',
      'stadium',
      'orchard',
      'tech',
      'techEast',
    ],
  },
  {
    ...BUS,
    ...BUS_TIMES,
    id: 'bus-m20',
    shortName: 'M20',
    zh: 'M20 环城线 海京大学—东港客运站',
    en: 'M20 Round the City: University - East Harbour',
    colour: '4b6cb0',
    stops: [
      'campus',
      'campusEast',
      'ginkgo',
      'coach',
      'station',
      'apricot',
      'school',
      'plum',
      'hospital',
      'dawn',
      'orchard',
      'tech',
      'techEast',
      'cloud',
      'expo',
      'stadium',
      'canal',
      'cotton',
      'park',
      'glass',
      'dock',
      'harbour',
    ],
  },
  {
    ...BUS,
    ...LATE_TIMES,
    id: 'bus-k3',
    shortName: 'K3',
    zh: 'K3 机场快线 海京机场—老码头',
    en: 'K3 Airport Express Bus: Airport - Old Wharf',
    colour: 'a06a1f',
    speedKmh: 28,
    stops: [
      'airport',
      'airRoad',
      'expo',
      'cloud',
      'techEast',
      'tech',
      'stadium',
      'museum',
      'civic',
      'tide',
      'theatre',
      'wharf',
    ],
  },
  {
    ...METRO_PLAN,
    ...METRO_TIMES,
    id: 'metro-1',
    shortName: '1号线',
    zh: '地铁1号线',
    en: 'Metro Line 1',
    colour: 'b23a48',
    stops: ['west', 'mirror', 'tea', 'bell', 'tide', 'library', 'cotton', 'orchard', 'tech', 'expo', 'airport'],
  },
  {
    ...METRO_PLAN,
    ...METRO_TIMES,
    id: 'metro-2',
    shortName: '2号线',
    zh: '地铁2号线',
    en: 'Metro Line 2',
    colour: '23706b',
    stops: ['campus', 'station', 'bluestone', 'tide', 'market', 'wharf', 'surf', 'shell', 'harbour'],
  },
  {
    id: 'ferry-1',
    shortName: '灯塔岛轮渡',
    zh: '灯塔岛轮渡',
    en: 'Lighthouse Island Ferry',
    mode: 'ferry',
    type: 4,
    colour: '1f6f9a',
    stops: ['wharf', 'sandbar', 'island'],
    speedKmh: 18,
    dwellS: 120,
    layoverS: 600,
    workdays: [{ from: 6.5, to: 21, headwayMin: 30 }],
    weekends: [{ from: 6.5, to: 22, headwayMin: 20 }],
  },
  {
    id: 'coach-1',
    shortName: '云麓专线',
    zh: '海京—云麓古城',
    en: 'Haijing - Yunlu Old Town',
    mode: 'coach',
    type: 200,
    colour: '56518f',
    stops: ['coach', 'springTown', 'terrace', 'mountain'],
    speedKmh: 48,
    dwellS: 180,
    layoverS: 1_500,
    workdays: [{ from: 7, to: 19, headwayMin: 60 }],
    weekends: [{ from: 7, to: 20, headwayMin: 45 }],
  },
];
