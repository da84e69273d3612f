// Where a process's time went, by function: reads what `node --cpu-prof` leaves behind.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Of the machine's monotonic clock, microseconds. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** On the machine's monotonic clock, as process.hrtime() tells it. */
export interface Span {
  readonly fromMicros: number;
  readonly toMicros: number;
}

const shown = 40;
/** Finer than the default millisecond would miss short functions; coarser disturbs less. */
const intervalMicros = 500;

export function profileArgs(folder: string | undefined): readonly string[] {
  return folder === undefined
    ? []
    : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${intervalMicros}`];
}

function placeOf(url: string): string {
  if (url === '') return 'node itself';
  const inModules = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  const inPackages = /packages\/([^/]+)\/src\/(.+)$/.exec(url);
  if (inModules !== undefined) return inModules;
  return inPackages === null ? basename(url) : `${inPackages[1] ?? ''}/${inPackages[2] ?? ''}`;
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} (${placeOf(url)}:${lineNumber + 1})`;
}

/** Microseconds of each node itself within the span, and the idle ones apart. */
function ownTimes({ nodes, samples, timeDeltas, startTime }: Profile, { fromMicros, toMicros }: Span) {
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
  const own = new Map<number, number>();
  let idleMicros = 0;
  let atMicros = startTime;
  samples.forEach((id, n) => {
    const micros = timeDeltas[n] ?? 0;
    atMicros += micros;
    if (atMicros < fromMicros || atMicros >= toMicros) return;
    if (idle.has(id)) idleMicros += micros;
    else own.set(id, (own.get(id) ?? 0) + micros);
  });
  return { own, idleMicros };
}

function ranked(title: string, micros: ReadonlyMap<string, number>, total: number): readonly string[] {
  const lines = [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([name, one]) => `${((100 * one) / Math.max(1, total)).toFixed(1).padStart(5)} %  ${name}`);
  return [`${title}:`, ...lines];
}

/** With everything a function calls; a function that calls itself counts once. */
function inclusive(profile: Profile, own: ReadonlyMap<number, number>): ReadonlyMap<string, number> {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const sums = new Map<string, number>();
  function visit(id: number, above: ReadonlySet<string>): number {
    const node = byId.get(id);
    if (node === undefined) return 0;
    const name = nameOf(node.callFrame);
    const path = new Set(above).add(name);
    const micros = (node.children ?? []).reduce((sum, child) => sum + visit(child, path), own.get(id) ?? 0);
    if (!above.has(name)) sums.set(name, (sums.get(name) ?? 0) + micros);
    return micros;
  }
  const [root] = profile.nodes;
  if (root !== undefined) visit(root.id, new Set());
  return sums;
}

/** Shares of the span's time the main thread was not idle: by place, by function itself, by function with what it calls. */
export function describeProfile(folder: string, span: Span): readonly string[] {
  const files = globSync('*.cpuprofile', { cwd: folder }).map((name) => join(folder, name));
  const profiles = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Profile);
  // The main thread has the most samples.
  const [main] = profiles.sort((a, b) => b.samples.length - a.samples.length);
  if (main === undefined) return [`no profile in ${folder}`];
  const { own, idleMicros } = ownTimes(main, span);
  const [byPlace, byFunction] = [new Map<string, number>(), new Map<string, number>()];
  for (const { id, callFrame } of main.nodes) {
    const micros = own.get(id) ?? 0;
    const isCollector = callFrame.functionName === '(garbage collector)';
    const place = isCollector ? 'garbage collector' : placeOf(callFrame.url);
    byPlace.set(place, (byPlace.get(place) ?? 0) + micros);
    byFunction.set(nameOf(callFrame), (byFunction.get(nameOf(callFrame)) ?? 0) + micros);
  }
  const total = [...own.values()].reduce((sum, micros) => sum + micros, 0);
  const busy = ((100 * total) / Math.max(1, total + idleMicros)).toFixed(1);
  return [
    `The platform's main thread was busy for ${busy} % of the measured time.`,
    ...ranked('Own time by place', byPlace, total),
    ...ranked('Own time by function', byFunction, total),
    ...ranked('Time by function with what it calls', inclusive(main, own), total),
  ];
}
