// How well stop notes say where a ride ended: within 400 m of the truth (A6), the very stop, the bounds.
import { lineOf, placeAt } from '../city/network.ts';
import { at } from '../kit/columns.ts';
import type { Asking } from '../ladder/engine.ts';
import { VIA } from '../observe/registrations.ts';

export interface ChainGrade {
  /** Scans by phones that were looked at, and the share of them whose note names a stop. */
  readonly scans: number;
  readonly named: number;
  /** Of those: the named stop lies within 400 m of the true one, is the true one; the bounds hold it. */
  readonly within400m: number;
  readonly exact: number;
  readonly inBounds: number;
}

const NEAR_M = 400;

/** Every `step`-th registration. */
export function gradeChains({ city, registrations, presences }: Asking, step: number): ChainGrade {
  const { network, runs, stays } = city;
  let [scans, named, near, exact, inBounds] = [0, 0, 0, 0, 0];
  for (let row = 0; row < registrations.count; row += step) {
    if (at(registrations.via, row) !== VIA.scan) continue;
    scans += 1;
    const note = presences.presence(row).evidence.find(({ best }) => best !== undefined);
    if (note?.best === undefined) continue;
    named += 1;
    const stay = at(registrations.stay, row);
    const alight = at(stays.alight, stay);
    const run = at(stays.run, stay);
    const line = lineOf(network, at(runs.line, run));
    const dir = at(runs.dir, run);
    const last = line.places.length - 1;
    const [there, said] = [placeAt(line, dir, alight), placeAt(line, dir, Math.min(note.best, last))];
    const metres = Math.hypot(at(network.x, there) - at(network.x, said), at(network.y, there) - at(network.y, said));
    if (metres <= NEAR_M) near += 1;
    if (note.best === alight) exact += 1;
    if (alight >= note.alightLo && alight <= note.alightHi) inBounds += 1;
  }
  const of = (count: number) => (named === 0 ? 0 : count / named);
  return {
    scans,
    named: scans === 0 ? 0 : named / scans,
    within400m: of(near),
    exact: of(exact),
    inBounds: of(inBounds),
  };
}
