// A simulated day on every process of a city at once: rides a second and processor time a ride, phones included, as fast as
// answers come. Run: npm run bench -- day [riders]
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cityOf } from '@tongche/network/import';
import { removeData } from '@tongche/postgres';
import { nodeSuite } from '@tongche/protocol/node';
import { systemClock } from '@tongche/runtime';
import { dayClock, makeDemoCity, planDay, simulateDay, writeDemoCity } from '@tongche/simulator';
import { composeCity } from '@tongche/tongche';

const riders = Number(process.argv[2] ?? 3_500);
const seed = 20_260_501;
/** Thursday 19 November 2026, and the evening before it. */
const day = 20_776;
const startMs = Date.UTC(2026, 10, 18, 13);
const minuteMs = 60_000;
const relay = { minDelayMs: minuteMs, maxDelayMs: 10 * minuteMs, tickMs: 10 * minuteMs };

const dataDir = mkdtempSync(join(tmpdir(), 'tongche-bench-'));
const clock = dayClock(
  startMs,
  systemClock((error) => {
    throw error;
  }),
);
const plan = planDay(cityOf(makeDemoCity({ seed }).parts), day, { riders });
const files = await writeDemoCity(join(dataDir, 'demo-city'), { seed });
const city = await composeCity({
  dataDir,
  clock,
  proxies: true,
  maxMessages: 1_000,
  city: {
    gtfs: String(files.gtfs),
    fleet: String(files.fleet),
    codes: String(files.codes),
    vehicleRuns: String(files.vehicleRuns),
  },
  adjust: { registrar: (config) => ({ ...config, relay }) },
});
try {
  let before = process.cpuUsage();
  let isRiding = false;
  const { statistics, enrolMs, dayMs } = await simulateDay({
    plan,
    keeper: { account: 'driver', password: 'demo-driver' },
    city: {
      urls: city.urls,
      clock,
      suite: nodeSuite,
      onMessage: (handler) => city.sink.onChange(handler),
      addDriver: (account, password) =>
        city.platform.putStaff({ account, password, role: 'driver', name: { zh: account, en: account }, demo: true }),
    },
    onProgress({ phase }) {
      if (phase === 'riding' && !isRiding) before = process.cpuUsage();
      isRiding = phase === 'riding';
    },
  });
  const { user, system } = process.cpuUsage(before);
  const { acknowledged, enrolled, refused, faults, ride } = statistics;
  const result = {
    bench: 'day',
    riders,
    rides: acknowledged,
    ridesPerS: Math.round((acknowledged * 1_000) / dayMs),
    // Phones, staff pages and all processes together; PostgreSQL's own time is not in it.
    cpuMsPerRide: Math.round(((user + system) / 1_000 / acknowledged) * 100) / 100,
    enrolledPerS: Math.round((enrolled * 1_000) / enrolMs),
    p50Ms: ride.p50Ms,
    p99Ms: ride.p99Ms,
    refused,
    faults,
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
    cpus: cpus().length,
    node: process.version,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await city.close();
  removeData(join(dataDir, 'postgres'));
  rmSync(dataDir, { recursive: true, force: true });
}
