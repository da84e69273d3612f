// When a run should be where: the same roads and dwells as the real runs, without their luck.
import { at, item } from '../kit/columns.ts';
import type { City } from '../city/city.ts';
import { lineOf } from '../city/network.ts';
import { freeFlow, slowdown } from '../city/runs.ts';

/** Planned seconds of the week. The last stop's departure is when the doors close again. */
export interface PlannedTimes {
  readonly arrS: readonly number[];
  readonly depS: readonly number[];
}

export type Timetable = (run: number) => PlannedTimes;

export function timetableOf(city: City): Timetable {
  const { network, runs } = city;
  const { service } = city.parameters;
  const flows = network.lines.map(
    (line) => [freeFlow(network, line, 0, service), freeFlow(network, line, 1, service)] as const,
  );
  const dwellS = service.dwellMeanS * Math.exp(service.dwellSpread ** 2 / 2);
  const known = new Map<number, PlannedTimes>();

  function plan(run: number): PlannedTimes {
    const line = lineOf(network, at(runs.line, run));
    const flow = item(item(flows, line.index), at(runs.dir, run));
    let nowS = at(runs.plannedS, run);
    const [arrS, depS] = [[nowS - service.openBeforeS], [nowS]];
    for (const free of flow) {
      nowS += free * slowdown(line, service, nowS);
      arrS.push(Math.round(nowS));
      nowS += dwellS;
      depS.push(Math.round(nowS));
    }
    return { arrS, depS };
  }
  return (run) => {
    let times = known.get(run);
    if (times === undefined) known.set(run, (times = plan(run)));
    return times;
  };
}
