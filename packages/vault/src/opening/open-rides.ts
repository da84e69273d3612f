// Opens rides with the day keys handed in, checks each tag against the person inside, and reads the stop notes.
import { contactTagInput, envelopeInfo, equalBytes, openNote, TAG_BYTES } from '@tongche/protocol';
import type { Bytes, StopNote } from '@tongche/protocol';
import { fromBase64UrlSync, nodeSuite, readyHmac } from '@tongche/protocol/node';
import type { TraceRide } from '@tongche/contract';
import { dayOpener, openEnvelope, wipeOpening } from './envelope.ts';
import { OPENED_BYTES, PACKED_BYTES, packedRide, STATE } from './packed.ts';
import type { DayToOpen, PackedJob, PackedResult, PackedRide } from './packed.ts';

/** The longest input of a tag: "asst1" iss2 kind1 subject8 slot2. */
const TAG_INPUT_BYTES = 18;

async function notesOf(
  { day, tag }: PackedRide,
  sealed: readonly TraceRide['notes'][number][],
  noteKey: Bytes,
): Promise<readonly StopNote[]> {
  const notes: StopNote[] = [];
  for (const { idx, ct } of sealed) {
    const bytes = fromBase64UrlSync(ct);
    const note = bytes.ok ? await openNote(nodeSuite, noteKey, { day, tag, idx }, bytes.value) : bytes;
    if (note.ok) notes.push(note.value);
  }
  return notes;
}

/** What opening the rides of a day shares. */
function dayKeys(iss: number, { day, keyId, skEnv, kTag }: DayToOpen) {
  return {
    opener: dayOpener(skEnv, envelopeInfo({ authority: iss, day, keyId })),
    tagKey: readyHmac(kTag, TAG_INPUT_BYTES),
  };
}

export async function openRides({ iss, days, rides, notes: sealedNotes }: PackedJob): Promise<PackedResult> {
  const keysOf = new Map(days.map((day) => [day.day, dayKeys(iss, day)]));
  const count = rides.length / PACKED_BYTES;
  const opened = new Uint8Array(count * OPENED_BYTES);
  const notes: [number, readonly StopNote[]][] = [];
  const withNotes = new Map(sealedNotes);
  const expected = new Uint8Array(TAG_BYTES);
  for (let n = 0; n < count; n += 1) {
    const ride = packedRide(rides, n);
    const keys = ride === undefined ? undefined : keysOf.get(ride.day);
    if (ride === undefined || keys === undefined) continue;
    const noted = withNotes.get(n);
    const found = openEnvelope(keys.opener, ride, noted !== undefined);
    if (found === undefined) continue;
    keys.tagKey.write(contactTagInput({ iss, contact: found.contact }), expected);
    opened[n * OPENED_BYTES] = equalBytes(expected, ride.tag) ? STATE.fits : STATE.strange;
    opened.set(found.plaintext, n * OPENED_BYTES + 1);
    found.plaintext.fill(0);
    if (noted !== undefined && found.noteKey !== undefined) {
      notes.push([n, await notesOf(ride, noted, found.noteKey)]);
    }
  }
  for (const { tagKey } of keysOf.values()) tagKey.wipe();
  wipeOpening();
  return { rides: opened, notes };
}
