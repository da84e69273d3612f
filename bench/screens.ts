// What an open driver's screen costs the platform in memory, its vehicle's day included: processes without a past, looked at
// with more and more screens open. Sockets' buffers in the kernel are not the process's and not counted.
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

async function onePass(stage: Stage, drivers: readonly ScreenOf[]): Promise<readonly Plateau[]> {
  await stage.renewPlatform();
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

/** Bytes of one screen: the middle of the passes, and the least and the most of them. */
function spreadOf(passes: readonly (readonly Plateau[])[], of: keyof HeldMemory) {
  const slopes = passes
    .map((plateaus) => Math.round(slopeOf(plateaus.map((one) => [one.screens, one[of]] as const))))
    .toSorted((a, b) => a - b);
  return { bytes: slopes[slopes.length >> 1] ?? 0, from: slopes[0] ?? 0, to: slopes.at(-1) ?? 0 };
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
    const passes: (readonly Plateau[])[] = [];
    for (let n = 1; n <= options.passes; n += 1) {
      const plateaus = await onePass(stage, drivers);
      passes.push(plateaus);
      const shown = plateaus.map(
        ({ screens, held, heap }) => `${screens}: ${(held / 1e6).toFixed(1)} (${(heap / 1e6).toFixed(1)})`,
      );
      console.log(`pass ${n}, MB held (of them objects) by screens open: ${shown.join(', ')}`);
    }
    const [held, heap] = [spreadOf(passes, 'held'), spreadOf(passes, 'heap')];
    console.log(`a screen: ${held.bytes} bytes (${held.from} to ${held.to}), of them objects ${heap.bytes}`);
    const versions = machine(stage.folder, stage.engine.version);
    console.log(
      JSON.stringify({
        bench: 'screens',
        screens: options.screens,
        passes: options.passes,
        held,
        heap,
        machine: versions,
      }),
    );
  } finally {
    await stage.close();
  }
});
