// Drivers' screens while a city boards: from a ride's acknowledgement to its appearance, and what pages that come and go miss
// or see twice. What an open screen costs in memory: `npm run bench -- screens`.
// Run: npm run bench -- live [--screens 2000] [--rate 3800] [--seconds 60] [--processes 1|2] [--folder PATH]
// With --processes 2 rides go to one process and screens are held by another one over the same database.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startGenerator } from './kit/generator.ts';
import { histogram } from './kit/histogram.ts';
import { machine } from './kit/machine.ts';
import { checkRows, describe, measure, round } from './kit/measure.ts';
import { readOptions, runBench } from './kit/options.ts';
import { cpuMicros } from './kit/processes.ts';
import { seatDrivers, startScreens } from './kit/screens.ts';
import { openStage } from './kit/stage.ts';
import { keyOf, readSightings } from './load/sightings.ts';
import type { Sighting } from './load/sightings.ts';

const warmUpMs = 5_000;
/** Before the screens: every vehicle's day is in memory, as on any working day. */
const wakeMs = 4_000;
const connections = 192;
const patienceMs = 10_000;
const settleMs = 2_000;
const awayMs = 1_500;
const host = '127.0.0.1';

interface Seen {
  readonly times: ReturnType<typeof histogram>;
  readonly missed: number;
  readonly doubled: number;
}

/** Holds what was acknowledged against what was shown, ride by ride; those of one key in their order. */
function compare(acknowledged: readonly Sighting[], shown: readonly Sighting[]): Seen {
  const times = histogram();
  const waiting = Map.groupBy(acknowledged, keyOf);
  let doubled = 0;
  for (const sighting of shown) {
    const ride = waiting.get(keyOf(sighting))?.shift();
    if (ride === undefined) doubled += 1;
    else if (sighting.isLive) times.add(Math.max(0, sighting.atMicros - ride.atMicros) / 1000);
  }
  const missed = [...waiting.values()].reduce((sum, rides) => sum + rides.length, 0);
  return { times, missed, doubled };
}

await runBench(async () => {
  const options = readOptions('live', process.argv.slice(2), {
    screens: { default: 2_000, min: 1, max: 10_000 },
    rate: { default: 3_800, min: 1, max: 20_000 },
    seconds: { default: 60, min: 5, max: 600 },
    processes: { default: 1, min: 1, max: 2 },
    folder: 'path',
  });
  const buses = options.screens;
  const stage = await openStage({
    buses,
    parent: options.folder,
    beside: options.processes === 2,
  });
  try {
    const look = stage.look();
    const shows = stage.platforms.at(-1) ?? { pid: -1, port: 0 };
    const setup = stage.setup(Math.ceil((wakeMs + warmUpMs) / 1000 + options.seconds + 10) * options.rate);
    const drivers = await seatDrivers(look, setup.codes, options.screens);
    const screens = startScreens();
    const generator = await startGenerator(setup);
    const file = (name: string): string => join(stage.folder, name);
    const [ackWake, ackRun, seen] = [file('wake'), file('run'), file('seen')];
    const plan = { kind: 'open', connections, patienceMs } as const;
    const woken = await generator.run({
      ...plan,
      ratePerSecond: buses,
      warmUpMs: 0,
      measureMs: wakeMs,
      sightings: ackWake,
    });
    const where = { host, port: shows.port };
    await screens.ask({ kind: 'open', where, screens: drivers }, 'opened');
    const showsFrom = cpuMicros(shows.pid);
    const screensFrom = cpuMicros(screens.pid);
    const measureMs = options.seconds * 1000;
    const running = measure(stage, generator, {
      ...plan,
      ratePerSecond: options.rate,
      warmUpMs,
      measureMs,
      sightings: ackRun,
    });
    // Each page goes away once and comes back with the last id it saw, in two waves.
    for (const from of [0, 1]) {
      await wait((warmUpMs + measureMs) / 3);
      await screens.ask({ kind: 'leave', every: 2, from, awayMs }, 'opened');
    }
    const load = await running;
    await wait(settleMs);
    const showsCpu = cpuMicros(shows.pid) - showsFrom;
    const screensCpu = cpuMicros(screens.pid) - screensFrom;
    console.log(describe(`${options.rate} rides/s beside ${options.screens} screens`, load));
    const told = await screens.ask({ kind: 'finish', path: seen }, 'finished');
    const acknowledged = [ackWake, ackRun].flatMap((path) => readSightings(path));
    const result = compare(acknowledged, readSightings(seen));
    const ofBus = Map.groupBy(acknowledged, ({ bus }) => bus);
    const wrongCounts = told.heads.filter((heads, n) => heads !== (ofBus.get(n)?.length ?? 0)).length;
    const rows = await checkRows(stage, [woken, load.raw]);
    await look.end();
    await generator.close();
    await screens.close();
    const doubled = result.doubled + told.doubled;
    const fits = rows.fits && result.missed === 0 && doubled === 0 && wrongCounts === 0;
    console.log(
      `${result.times.count} appearances; ${result.missed} missed, ${doubled} doubled, ${wrongCounts} screens with a wrong count, ` +
        `${told.states} states for ${options.screens * 2} openings`,
    );
    console.log(
      JSON.stringify({
        bench: 'live',
        screens: options.screens,
        processes: options.processes,
        ridesPerSecond: load.ridesPerSecond,
        p50Ms: round(result.times.percentileMs(0.5)),
        p99Ms: round(result.times.percentileMs(0.99)),
        p999Ms: round(result.times.percentileMs(0.999)),
        maxMs: round(result.times.maxMs),
        missed: result.missed,
        doubled,
        wrongCounts,
        appearances: result.times.count,
        acknowledgedP50Ms: load.p50Ms,
        acknowledgedP99Ms: load.p99Ms,
        nodeCpuMicros: load.nodeCpuMicros,
        screensNodeCpuMicros: round(showsCpu / Math.max(1, load.raw.registeredInAll), 1),
        postgresCpuMicros: load.postgresCpuMicros,
        generatorCpuMicros: load.generatorCpuMicros,
        pagesCpuMicros: round(screensCpu / Math.max(1, load.raw.registeredInAll), 1),
        errors: load.errors,
        seconds: options.seconds,
        rowsFit: rows.fits,
        machine: machine(stage.folder, stage.engine.version),
      }),
    );
    if (!fits) process.exitCode = 1;
  } finally {
    await stage.close();
  }
});
