// What follows a registered ride without anybody waiting for it: the end of the ride before, and the relay.
import type { Phone } from '../app.ts';
import type { StoredRide } from '../ride/model.ts';
import { sendOutbox, writeNote } from './relay.ts';
import { noteChained } from './stops.ts';

/** A ride this old is not the one the rider changed from. */
const CHAIN_MS = 6 * 3_600_000;

/** Writes the chained note of the ride before `ride`, if that one has a run and no end yet. */
export async function chain(phone: Phone, ride: StoredRide): Promise<void> {
  const rides = await phone.store.transact((tx) => tx.rides());
  const before = rides
    .filter((r) => r.id !== ride.id && r.status === 'registered' && r.companion === undefined)
    .filter((r) => r.boardedMs < ride.boardedMs && ride.boardedMs - r.boardedMs < CHAIN_MS)
    .sort((a, b) => b.boardedMs - a.boardedMs)[0];
  const run = before?.receipt?.run;
  if (before?.sealed === undefined || before.alighted !== undefined || run === null || run === undefined) return;
  const nextMinute = (ride.boardedMs - before.sealed.dayStartMs) / 60_000;
  const nextRun = ride.receipt?.run;
  const nextStop = nextRun?.stops.find((stop) => stop.seq === nextRun.boardSeq)?.name;
  const note = noteChained(run, nextMinute, nextStop);
  if (note === undefined) return;
  const last = run.stops.find((stop) => stop.seq === note.alightHi);
  const exact = note.alightLo === note.alightHi && last !== undefined;
  const atMs = before.sealed.dayStartMs + note.minuteHi * 60_000;
  await writeNote(phone, before, note, { basis: 'chained', stop: exact ? last.name : null, atMs });
}

export async function afterRide(phone: Phone, ride: StoredRide | undefined): Promise<void> {
  if (ride?.status === 'registered') await chain(phone, ride);
  await sendOutbox(phone);
}
