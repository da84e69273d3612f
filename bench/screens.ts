// What an open driver's screen costs the platform in memory: processes without a past, looked at with more and more screens
// open. Sockets' buffers in the kernel are not the process's and not counted.
// Run: npm run bench -- screens [--screens 2000] [--passes 3] [--folder PATH]
import { heldMemory, slopeOf, tidyOnSignal } from './kit/held-memory.ts';
import type { HeldMemory } from './kit/held-memory.ts';
import { machine } from './kit/machine.ts';
import { readOptions, runBench } from './kit/options.ts';
import { seatDrivers, startScreens } from './kit/screens.ts';
import { openStage } from './kit/stage.ts';
import type { Stage } from './kit/stage.ts';
import type { ScreenOf } from './load/messages.ts';

/** Open before memory is first looked at: code and buffers that are there once. */
const firstScreens = 100;
/** Of the screens beyond the first ones, where memory is looked at. */
const shares = [0, 0.25, 0.5, 0.75, 1];
const host = '127.0.0.1';

interface Plateau extends HeldMemory {
  readonly screens: number;
}

/** Opens more and more of the screens, looks at each plateau, and closes them all. */
async function openAll(stage: Stage, drivers: readonly ScreenOf[]): Promise<readonly Plateau[]> {
  const where = { host, port: stage.platforms[0]?.port ?? 0 };
  const screens = startScreens();
  const plateaus: Plateau[] = [];
  try {
    let open = 0;
    for (const share of shares) {
      const wanted = firstScreens + Math.round((drivers.length - firstScreens) * share);
      await screens.ask({ kind: 'open', where, screens: drivers.slice(open, wanted) }, 'opened');
      open = wanted;
      plateaus.push({ screens: open, ...(await heldMemory(stage.folder, stage.platformPid)) });
    }
  } finally {
    await screens.close();
  }
  return plateaus;
}

interface Pass {
  /** Objects, and what is no object: buffers and handles, in bytes. */
  readonly objects: number;
  readonly native: number;
  /** What the first opening leaves behind for good: the vehicle's day, which any ride of it brings as well. */
  readonly day: number;
}

/**
 * Native memory that was let go is used again and seen no more, so it is taken from the first opening; the day of the
 * vehicle is there from then on, so the objects of the screen alone are taken from the second one.
 */
async function onePass(stage: Stage, drivers: readonly ScreenOf[]): Promise<Pass> {
  await stage.renewPlatform();
  const [first, second] = [await openAll(stage, drivers), await openAll(stage, drivers)];
  for (const plateaus of [first, second]) {
    const shown = plateaus.map(({ screens, held, heap }) => `${screens}: ${mb(held)} (${mb(heap)})`);
    console.log(`MB held (of them objects) by screens open: ${shown.join(', ')}`);
  }
  const slope = (of: readonly Plateau[], y: (one: Plateau) => number): number =>
    slopeOf(of.map((one) => [one.screens, y(one)] as const));
  const objects = slope(second, ({ heap }) => heap);
  return {
    objects,
    native: slope(first, ({ held, heap }) => held - heap),
    day: slope(first, ({ heap }) => heap) - objects,
  };
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** The middle of the passes, and the least and the most of them. */
function spreadOf(passes: readonly Pass[], of: (pass: Pass) => number) {
  const bytes = passes.map((pass) => Math.round(of(pass))).toSorted((a, b) => a - b);
  return { bytes: bytes[bytes.length >> 1] ?? 0, from: bytes[0] ?? 0, to: bytes.at(-1) ?? 0 };
}

await runBench(async () => {
  const options = readOptions('screens', process.argv.slice(2), {
    screens: { default: 2_000, min: 2 * firstScreens, max: 10_000 },
    passes: { default: 3, min: 1, max: 20 },
    folder: 'path',
  });
  const stage = await openStage({ buses: options.screens, parent: options.folder, nodeArgs: tidyOnSignal });
  try {
    const look = stage.look();
    const drivers = await seatDrivers(look, stage.setup(0).codes, options.screens);
    await look.end();
    const passes: Pass[] = [];
    for (let n = 1; n <= options.passes; n += 1) passes.push(await onePass(stage, drivers));
    const screen = spreadOf(passes, ({ objects, native }) => objects + native);
    const day = spreadOf(passes, (pass) => pass.day);
    console.log(
      `a screen: ${screen.bytes} bytes (${screen.from} to ${screen.to} in ${passes.length} passes); ` +
        `its vehicle's day: ${day.bytes}`,
    );
    const versions = machine(stage.folder, stage.engine.version);
    console.log(
      JSON.stringify({
        bench: 'screens',
        screens: options.screens,
        passes: passes.length,
        screen,
        day,
        each: passes,
        machine: versions,
      }),
    );
  } finally {
    await stage.close();
  }
});
