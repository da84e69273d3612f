// Stop notes as phones write them: from the answers to their own scans, with the function that the passenger page uses.
import { chained, isBetter, isStrong, MAX_WALK_M, told } from '@tongche/tracing/chaining';
import type { Boarding, Chained, ChainRun, ChainStop, Ended, Usual } from '@tongche/tracing/chaining';
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

interface Phone {
  readonly scans: readonly Scan[];
  readonly chains: readonly (Chained | undefined)[];
  /** By ride: what it tells of the rider's habits. */
  readonly ended: readonly (readonly Ended[])[];
}

/** As the vault reads a note that it opened. */
function evidenceOf(note: Chained | Usual): StopEvidence {
  const { boardLo, boardHi, alightLo, alightHi, best, settled } = note;
  const link = note.basis === 'habit' ? undefined : note.link;
  return {
    basis: note.basis === 'habit' ? 'habitual' : note.basis,
    boardLo,
    boardHi,
    alightLo,
    alightHi,
    ...(best === undefined ? {} : { best }),
    ...(link === undefined ? {} : { link, walkM: note.basis === 'chained' && note.far === true ? MAX_WALK_M : 0 }),
    ...(settled === true ? { settled } : {}),
  };
}

type Written = ReadonlyMap<number, StopEvidence>;

/** What the phones of a city write down, worked out once for all shares that are asked for. */
export type PhoneNotes = (key: number) => Readonly<Record<Exclude<NoteShare, 'none'>, Written>>;

export function phoneNotesOf(city: City, registrations: Registrations, timelines: Timelines): PhoneNotes {
  const { seed, parameters } = city;
  const known = new Map<number, ReturnType<PhoneNotes>>();

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

  /** The end of each ride by the next one, and, for the last of its day, by the day's first. */
  function chainsOf(scans: readonly Scan[]): readonly (Chained | undefined)[] {
    return scans.map((scan, i) => {
      if (scan.chainRun === undefined) return undefined;
      const first = scans.find(({ day }) => day === scan.day);
      const back = first === scan ? undefined : boarding(first, scan.day);
      return chained(scan.chainRun, boarding(scans[i + 1], scan.day), back);
    });
  }

  function endedBy({ chainRun, day }: Scan, chain: Chained | undefined): readonly Ended[] {
    const [board, end] = [chainRun?.boardSeq, chain?.best].map((seq) =>
      chainRun?.stops.find((stop) => stop.seq === seq),
    );
    return board === undefined || end === undefined || !isStrong(chain) ? [] : [{ day, board, end }];
  }

  function phoneOf(scans: readonly Scan[]): Phone {
    const chains = chainsOf(scans);
    return { scans, chains, ended: scans.map((scan, i) => endedBy(scan, chains[i])) };
  }

  /** What the phone can tell of a ride after `now` scans. */
  function knownAt({ scans, chains, ended }: Phone, now: number, i: number): Chained | Usual | undefined {
    const scan = scans[i];
    if (scan?.chainRun === undefined) return undefined;
    const others = ended.slice(0, now).flatMap((one) => one.filter(({ day }) => day !== scan.day));
    return told(scan.chainRun, chains[i], others, boarding(scans[i + 1], scan.day));
  }

  function everything(phone: Phone): Written {
    return new Map(
      phone.scans.flatMap(({ row }, i) => {
        const note = knownAt(phone, phone.scans.length, i);
        return note === undefined ? [] : [[row, evidenceOf(note)] as const];
      }),
    );
  }

  /** One message leaves after a scan: the oldest end not told yet, else what is better known by now; none of a closed page. */
  function delivered(phone: Phone): Written {
    const sent = new Map<number, Chained | Usual>();
    const find = (now: number, isWanted: (row: number, note?: Chained | Usual) => boolean) => {
      for (const [i, { row }] of phone.scans.slice(0, now).entries()) {
        const note = isWanted(row) ? knownAt(phone, now, i) : undefined;
        if (note !== undefined && isWanted(row, note)) return { row, note };
      }
      return undefined;
    };
    const isNew = (row: number) => !sent.has(row);
    const isNews = (row: number, note?: Chained | Usual) => {
      const before = sent.get(row);
      return before !== undefined && (note === undefined ? before.settled !== true : isBetter(note, before));
    };
    for (const [now, { row }] of phone.scans.entries()) {
      if (noise(seed, PURPOSE.closed, row) < parameters.web.closedEarlyShare) continue;
      const next = find(now, isNew) ?? find(now, isNews);
      if (next !== undefined) sent.set(next.row, next.note);
    }
    return new Map([...sent].map(([row, note]) => [row, evidenceOf(note)]));
  }

  function write(key: number): ReturnType<PhoneNotes> {
    const phone = phoneOf(scansOf(key));
    const forgets = noise(seed, PURPOSE.forgetful, key) < parameters.web.forgetfulShare;
    return { all: everything(phone), web: forgets ? new Map() : delivered(phone) };
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
    const note = phones(at(registrations.key, registration))[share].get(registration);
    return note === undefined ? [] : [note];
  };
}
