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

interface Written {
  readonly evidence: StopEvidence;
  /** A web page got it away: the phone keeps the page's store, and later scans left the page open long enough. */
  readonly onWeb: boolean;
}

/** What the phones of a city write down, worked out once for all shares that are asked for. */
export type PhoneNotes = (key: number) => ReadonlyMap<number, Written>;

export function phoneNotesOf(city: City, registrations: Registrations, timelines: Timelines): PhoneNotes {
  const { seed, parameters } = city;
  const known = new Map<number, ReadonlyMap<number, Written>>();

  /** The run as the answer named it: planned times, the stop where the operator's times say that the rider got on. */
  function answered(run: number, second: number, day: number): ChainRun | undefined {
    if (run < 0 || !timelines.knows(run)) return undefined;
    const { arrS, depS } = timelines.timetable(run);
    const minute = (of: number | undefined) => Math.floor(((of ?? 0) - day * DAY_S) / MINUTE_S);
    const stops = arrS.map((_, seq): ChainStop => {
      const { name, lat, lon } = timelines.stop(run, seq);
      const position = [Math.round(lat * STEPS_A_DEGREE), Math.round(lon * STEPS_A_DEGREE)] as const;
      return { seq, name, at: position, arr: minute(arrS[seq]), dep: minute(depS[seq]) };
    });
    return { boardSeq: Math.min(timelines.reached(run, second), stops.length - 2), stops };
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

  /** One message leaves after a scan, the oldest end that is known; a page that is closed too early sends none. */
  function deliveredOf(scans: readonly Scan[], written: ReadonlyMap<number, StopEvidence>): ReadonlySet<number> {
    const waiting: number[] = [];
    const delivered = new Set<number>();
    for (const [i, { row }] of scans.entries()) {
      const before = scans[i - 1];
      if (before !== undefined && written.has(before.row)) waiting.push(before.row);
      if (noise(seed, PURPOSE.closed, row) < parameters.web.closedEarlyShare) continue;
      const sent = waiting.shift();
      if (sent !== undefined) delivered.add(sent);
    }
    return delivered;
  }

  function write(key: number): ReadonlyMap<number, Written> {
    const scans = scansOf(key);
    const written = new Map<number, StopEvidence>();
    for (const [i, scan] of scans.entries()) {
      if (scan.chainRun === undefined) continue;
      const first = scans.find(({ day }) => day === scan.day);
      const note = chained(
        scan.chainRun,
        boarding(scans[i + 1], scan.day),
        first === scan ? undefined : boarding(first, scan.day),
      );
      if (note !== undefined) written.set(scan.row, evidenceOf(note));
    }
    const forgets = noise(seed, PURPOSE.forgetful, key) < parameters.web.forgetfulShare;
    const delivered = forgets ? new Set<number>() : deliveredOf(scans, written);
    return new Map([...written].map(([row, evidence]) => [row, { evidence, onWeb: delivered.has(row) }]));
  }

  return (key) => {
    let written = known.get(key);
    if (written === undefined) known.set(key, (written = write(key)));
    return written;
  };
}

/** The notes that reach the platform, by registration. */
export function notesOf(registrations: Registrations, phones: PhoneNotes, share: NoteShare): Notes {
  return (registration) => {
    if (share === 'none') return [];
    const written = phones(at(registrations.key, registration)).get(registration);
    return written === undefined || (share === 'web' && !written.onWeb) ? [] : [written.evidence];
  };
}
