// Where a process's time went, by function: reads what `node --cpu-prof` leaves behind.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const shown = 45;
/** Finer than the default millisecond would miss short functions; coarser disturbs less. */
const intervalMicros = 500;

export function profileArgs(folder: string | undefined): readonly string[] {
  return folder === undefined
    ? []
    : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${intervalMicros}`];
}

function placeOf(url: string, line: number): string {
  if (url === '') return '';
  const inModules = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return ` (${inModules === undefined ? '' : `${inModules}/`}${basename(url)}:${line + 1})`;
}

/** The functions with the most own time, as shares of the time the thread was not idle. */
export function topFunctions(folder: string): readonly string[] {
  const files = globSync('*.cpuprofile', { cwd: folder }).map((name) => join(folder, name));
  const profiles = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Profile);
  // The main thread has the most samples.
  const [main] = profiles.sort((a, b) => b.samples.length - a.samples.length);
  if (main === undefined) return [`no profile in ${folder}`];
  const names = new Map(
    main.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName === '' ? '(anonymous)' : functionName}${placeOf(url, lineNumber)}`,
    ]),
  );
  const own = new Map<string, number>();
  main.samples.forEach((id, n) => {
    const name = names.get(id) ?? '?';
    own.set(name, (own.get(name) ?? 0) + (main.timeDeltas[n] ?? 0));
  });
  own.delete('(idle)');
  const total = [...own.values()].reduce((sum, micros) => sum + micros, 0);
  return [...own]
    .sort(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([name, micros]) => `${((100 * micros) / total).toFixed(1).padStart(5)} %  ${name}`);
}
