// Opens rides with the day keys handed in, checks each tag against the person inside, and reads the stop notes.
import { envelopeInfo, equalBytes, openNote, unpackWindow, unwrap } from '@tongche/protocol';
import type { Bytes, Contact, StopNote } from '@tongche/protocol';
import { contactTagSync, fromBase64UrlSync, hmacKey, nodeSuite } from '@tongche/protocol/node';
import type { TraceRide } from '@tongche/contract';
import { dayOpener, openEnvelope, wipeOpening } from './envelope.ts';

/** A day's keys on their way to a worker; only the days a trace needs. */
export interface DayToOpen {
  readonly day: number;
  readonly keyId: string;
  readonly skEnv: Bytes;
  readonly kTag: Bytes;
}

/** What is opened of a ride. */
export type Envelope = Pick<TraceRide, 'code' | 'suite' | 'iss' | 'day' | 'w2' | 'tag' | 'eraseC' | 'sealed' | 'notes'>;

/** Without what only the engine needs: handing it over to a thread copies it. */
export function envelopeOf({ code, suite, iss, day, w2, tag, eraseC, sealed, notes }: TraceRide): Envelope {
  return { code, suite, iss, day, w2, tag, eraseC, sealed, notes };
}

export interface OpenJob {
  readonly iss: number;
  readonly days: readonly DayToOpen[];
  readonly rides: readonly Envelope[];
}

/** In the order of the job's rides; null for one that does not open. */
export type OpenResult = readonly (OpenedRide | null)[];

export interface OpenedRide {
  readonly contact: Contact;
  /** The tag was made by the registrar for the person inside (for a companion: for the holder). */
  readonly tagFits: boolean;
  readonly notes: readonly StopNote[];
}

async function notesOf(ride: Envelope, tag: Bytes, noteKey: Bytes): Promise<readonly StopNote[]> {
  const notes: StopNote[] = [];
  for (const { idx, ct } of ride.notes) {
    const bytes = fromBase64UrlSync(ct);
    const note = bytes.ok ? await openNote(nodeSuite, noteKey, { day: ride.day, tag, idx }, bytes.value) : bytes;
    if (note.ok) notes.push(note.value);
  }
  return notes;
}

export async function openRides({ iss, days, rides }: OpenJob): Promise<OpenResult> {
  const openers = new Map(
    days.map(({ day, keyId, skEnv, kTag }) => [
      day,
      { opener: dayOpener(skEnv, envelopeInfo({ authority: iss, day, keyId })), kTag: hmacKey(kTag) },
    ]),
  );
  const results: (OpenedRide | null)[] = [];
  for (const ride of rides) {
    const keys = openers.get(ride.day);
    const w = unpackWindow(ride.w2);
    if (keys === undefined || !w.ok || ride.suite !== 1 || ride.iss !== iss) {
      results.push(null);
      continue;
    }
    const tag = unwrap(fromBase64UrlSync(ride.tag));
    const header = {
      version: 1 as const,
      suite: 1 as const,
      code: unwrap(fromBase64UrlSync(ride.code)),
      iss,
      day: ride.day,
      w: w.value,
      tag,
      eraseC: unwrap(fromBase64UrlSync(ride.eraseC)),
    };
    const sealed = unwrap(fromBase64UrlSync(ride.sealed));
    const opened = openEnvelope(keys.opener, header, sealed, ride.notes.length > 0);
    if (opened === undefined) {
      results.push(null);
      continue;
    }
    const { contact, noteKey } = opened;
    const expected = contactTagSync(keys.kTag, { iss, contact });
    const notes = noteKey === undefined ? [] : await notesOf(ride, tag, noteKey);
    results.push({ contact, tagFits: equalBytes(expected, tag), notes });
  }
  wipeOpening();
  return results;
}
