// What the limits of plausibility do to true rides, and what judging costs: boardings recorded on a bus line against doors
// and capacity, a city's real positions against "far away", and nanoseconds a ride at arrival.
// Run: npm run bench -- plausible. Without the folder of real data only the cost is measured.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MINUTE_MS } from '@tongche/protocol';
import { parseConfig } from '@tongche/runtime';
import { wayAlong } from '@tongche/network';
import type { Unit, Way } from '@tongche/network';
import { readAustin } from '../packages/network/src/import/austin-kit.ts';
import type { CityHolder } from '../packages/platform/src/city/city.ts';
import type { VehicleDays } from '../packages/platform/src/city/vehicle-days.ts';
import { Config, plausibilityLimits } from '../packages/platform/src/config.ts';
import type { Assigned } from '../packages/platform/src/rides/assign.ts';
import { rideJudge } from '../packages/platform/src/rides/judge.ts';
import { aboardAtLeast, isFarAway, loadLimit, minuteLimit } from '../packages/platform/src/rides/plausibility.ts';

const data = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../shared/data');
const usual = parseConfig(Config.properties.plausibility, {}, 'what a city has that sets nothing');
const limits = plausibilityLimits({ plausibility: usual });
const rounded = (value: number): number => Math.round(value * 1_000_000) / 1_000_000;

/** Recorded rides by run and minute: the most at once, and the share that would be doubtful for buses of a size. */
function crowds(file: string) {
  const [head = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  const at = (name: string): number => head.split(',').indexOf(name);
  const [date, run, time] = [at('service_date'), at('run_id'), at('board_time')];
  const runs = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const cells = line.split(',');
    const [hours = 0, minutes = 0] = (cells[time] ?? '').split(':').map(Number);
    // Where the recording knows no run, the rides of an hour are taken for one: that can only make it fuller.
    const key = cells[run] === '' ? `${cells[date]} ${hours}` : (cells[run] ?? '');
    const heads = runs.get(key) ?? new Map<number, number>();
    heads.set(hours * 60 + minutes, (heads.get(hours * 60 + minutes) ?? 0) + 1);
    runs.set(key, heads);
  }
  let [most, mostAboard] = [0, 0];
  const bySize = [20, 40, 80].map((capacity) => ({ capacity, doubtful: 0 }));
  for (const heads of runs.values()) {
    for (const [minute, n] of heads) {
      most = Math.max(most, n);
      for (const size of bySize) {
        const bus = { kind: 'bus', capacity: size.capacity } as const;
        const crowded = minuteLimit(bus, limits);
        const aboard = aboardAtLeast((ago) => heads.get(minute - ago) ?? 0, limits.stayMin.bus, crowded);
        mostAboard = Math.max(mostAboard, aboard);
        if (n > crowded || aboard > loadLimit(bus, limits)) size.doubtful += n;
      }
    }
  }
  return { rides: lines.length, runs: runs.size, mostInMinute: most, mostAboard: rounded(mostAboard), bySize };
}

/** Minutes of buses on the trip they name: those that would be far from it, and those of the next line's, which are. */
async function distances(date: string) {
  const { runs, stops, vehicles } = await readAustin(data, date);
  const ways = new Map<string, Way | undefined>();
  for (const { runKey, stops: calls } of runs) {
    const tripId = runKey.slice(runKey.indexOf(':') + 1);
    if (!ways.has(tripId)) ways.set(tripId, wayAlong([calls.flatMap(({ stopId }) => stops.get(stopId) ?? [])]));
  }
  const others = [...ways.values()];
  const count = { minutes: 0, far: 0, elsewhere: 0, elsewhereFar: 0 };
  for (const positions of vehicles.values()) {
    for (const [n, { tripId, atMs }] of positions.entries()) {
      const way = ways.get(tripId ?? '');
      if (way === undefined) continue;
      const boardedMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
      const near = positions.slice(Math.max(0, n - 20), n + 20);
      count.minutes += 1;
      if (isFarAway(near, way, boardedMs, limits)) count.far += 1;
      const other = others[(n * 7_919) % others.length];
      if (other === undefined || other === way) continue;
      count.elsewhere += 1;
      if (isFarAway(near, other, boardedMs, limits)) count.elsewhereFar += 1;
    }
  }
  return { date, ...count };
}

/** An ordinary ride: its run known, the vehicle seen every twenty seconds, a new minute for every third. */
function cost(rides: number) {
  const stops = Array.from({ length: 24 }, (_, seq) => ({ seq, stopId: `s${seq}`, arrMs: 0, depMs: 0 }));
  const run = { runKey: 'r', lineId: 'l', dir: 0, day: 1, vehicleId: 'v', stops } as const;
  const places = new Map(stops.map(({ stopId, seq }) => [stopId, { lat: 22.5 + seq / 200, lon: 114 }]));
  const city = { current: { stop: (id: string) => places.get(id), directionsOf: () => [] } } as unknown as CityHolder;
  const days = { daysOf: () => [], boardedBefore: () => () => 3 } as unknown as VehicleDays;
  const fixes = Array.from({ length: 10 }, (_, n) => ({ lat: 22.55 + n / 1_000, lon: 114, atMs: n * 20_000 }));
  const judge = rideJudge({ city, days, limits, seen: () => fixes.slice() });
  const unit: Unit = { unitId: 'u', kind: 'bus', label: { zh: '', en: '' }, vehicleId: 'v', capacity: 80 };
  let bits = 0;
  let assigned: Assigned = { run: { runId: 1, run, dispatched: false }, boardSeq: 3, basis: 'schedule' };
  const claim = { unit, boardedMs: 180_000, isBound: true, isCrew: false };
  const began = process.cpuUsage();
  for (let n = 0; n < rides; n += 1) {
    if (n % 3 === 0) assigned = { ...assigned };
    bits |= judge.arriving(claim, { assigned, inMinute: 3, no: 40, settle: () => undefined });
  }
  const { user, system } = process.cpuUsage(began);
  return { rides, bits, nsEach: Math.round(((user + system) * 1_000) / rides) };
}

const isHere = existsSync(join(data, 'local-only'));
cost(100_000);
console.log(
  JSON.stringify({
    bench: 'plausible',
    cost: cost(1_000_000),
    ...(isHere
      ? {
          crowds: crowds(join(data, 'local-only/afc/chongqing-211-202308-rides.csv.gz')),
          distances: [await distances('2016-11-25'), await distances('2016-12-16')],
        }
      : { skipped: 'no folder of real data (TONGCHE_DATA)' }),
  }),
);
