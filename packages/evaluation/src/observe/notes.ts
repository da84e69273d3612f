// Stop notes as phones write them: from the answers to their own scans, with the function that the passenger page uses.
import { chained, MAX_WALK_M } from '@tongche/tracing/chaining';
import type { Boarding, Chained, ChainRun, ChainStop } from '@tongche/tracing/chaining';
import type { StopEvidence } from '@tongche/tracing';
import type { City } from '../city/city.ts';
import { DAY_S } from '../city/runs.ts';
import { at, rowsOf } from '../kit/columns.ts';
import { noise } from '../kit/noise.ts';
import { PURPOSE } from './purposes.ts';
import { VIA } from './registrations.ts';
import type { Registrations } from './registrations.ts';
import { msOf, runKeyOf } from './timelines.ts';
import type { Timelines } from './timelines.ts';

/** `all`: every note that a phone could write; `web`: those that pages deliver which run only while they are open. */
export type NoteShare = 'none' | 'all' | 'web';

export type Notes = (registration: number) => readonly StopEvidence[];

const MINUTE_S = 60;
const STEPS_A_DEGREE = 10_000;

interface Scan {
  readonly row: number;
  readonly second: number;
  readonly day: number;
  readonly run: number;
  readonly chainRun: ChainRun | undefined;
}

/** As the vault reads a note that it opened. */
function evidenceOf({ basis, boardLo, boardHi, alightLo, alightHi, best, link, far }: Chained): StopEvidence {
  const how = link === undefined ? {} : { link, walkM: far === true ? MAX_WALK_M : 0 };
  return { basis, boardLo, boardHi, alightLo, alightHi, ...(best === undefined ? {} : { best }), ...how };
}

export function notesOf(city: City, registrations: Registrations, timelines: Timelines, share: NoteShare): Notes {
  const { seed, parameters } = city;
  const known = new Map<number, ReadonlyMap<number, StopEvidence>>();

  /** The run as the answer named it: planned times, the stop where the operator's times say that the rider got on. */
  function answered(run: number, second: number, day: number): ChainRun | undefined {
    const times = run < 0 ? undefined : timelines.run(runKeyOf(run));
    if (times === undefined) return undefined;
    const planned = timelines.timetable(run);
    const minute = (of: number | undefined) => Math.floor(((of ?? 0) - day * DAY_S) / MINUTE_S);
    const stops = times.stops.map(({ seq, name, lat, lon }): ChainStop => ({
      seq,
      name,
      at: [Math.round((lat ?? 0) * STEPS_A_DEGREE), Math.round((lon ?? 0) * STEPS_A_DEGREE)],
      arr: minute(planned.arrS[seq]),
      dep: minute(planned.depS[seq]),
    }));
    const reached = times.stops.findLastIndex((stop) => stop.arrMs <= msOf(second));
    return { boardSeq: Math.min(Math.max(reached, 0), stops.length - 2), stops };
  }

  function scansOf(key: number): readonly Scan[] {
    const scans = [...rowsOf(registrations.ofKey, key)]
      .filter((row) => at(registrations.via, row) === VIA.scan)
      .map((row): Scan => {
        const second = at(registrations.second, row);
        const day = Math.max(0, Math.floor(second / DAY_S));
        const run = timelines.runOf(at(registrations.unit, row), second);
        return { row, second, day, run, chainRun: answered(run, second, day) };
      });
    // A second scan of the same vehicle on the same run is no next boarding.
    return scans.filter((scan, i) => i === 0 || scan.run < 0 || scan.run !== scans[i - 1]?.run);
  }

  function boarding(scan: Scan | undefined, day: number): Boarding | undefined {
    if (scan === undefined) return undefined;
    const place = scan.chainRun?.stops[scan.chainRun.boardSeq];
    return { minute: Math.floor((scan.second - day * DAY_S) / MINUTE_S), place };
  }

  function isDelivered(later: readonly Scan[]): boolean {
    return later.some(({ row }) => noise(seed, PURPOSE.closed, row) >= parameters.web.closedEarlyShare);
  }

  function write(key: number): ReadonlyMap<number, StopEvidence> {
    const written = new Map<number, StopEvidence>();
    const forgets = noise(seed, PURPOSE.forgetful, key) < parameters.web.forgetfulShare;
    if (share === 'none' || (share === 'web' && forgets)) return written;
    const scans = scansOf(key);
    for (const [i, scan] of scans.entries()) {
      if (scan.chainRun === undefined) continue;
      if (share === 'web' && !isDelivered(scans.slice(i + 1))) continue;
      const first = scans.find(({ day }) => day === scan.day);
      const note = chained(
        scan.chainRun,
        boarding(scans[i + 1], scan.day),
        first === scan ? undefined : boarding(first, scan.day),
      );
      if (note === undefined) continue;
      written.set(scan.row, evidenceOf(note));
    }
    return written;
  }

  return (registration) => {
    const key = at(registrations.key, registration);
    let written = known.get(key);
    if (written === undefined) known.set(key, (written = write(key)));
    const note = written.get(registration);
    return note === undefined ? [] : [note];
  };
}
