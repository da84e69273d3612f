// Notes and erasures from the registrar's mix: opened with the relay key, checked each by itself. A bad item is counted
// and never fails its batch, so that one forged blob cannot hold up the others.
import { dayStartMs, equalBytes, fromBase64Url, MINUTE_MS, openRelay, uuidText } from '@tongche/protocol';
import type { RelayMessage } from '@tongche/protocol';
import { admTagSync, nodeSha256 } from '@tongche/protocol/node';
import { events } from '../events.ts';
import type { Platform } from '../platform.ts';
import type { Erasure } from '../rides/erase.ts';
import { insertNotes } from '../store/notes.ts';
import type { NewNote } from '../store/notes.ts';

export interface RelayTaken {
  readonly accepted: number;
  readonly refused: number;
}

type NoteMessage = Extract<RelayMessage, { kind: 'note' }>;
type EraseMessage = Extract<RelayMessage, { kind: 'erase' }>;

/** A note counts while its day's admission key lives and only with the tag's own admission. */
function noteOf(platform: Platform, message: NoteMessage): NewNote | undefined {
  const { day, tag, key16, idx, ct32 } = message;
  const key = platform.keys.admission(day);
  if (key === undefined) return undefined;
  const adm = admTagSync(key, { day, iss: platform.config.authority.iss, tag });
  return equalBytes(adm, key16) ? { day, place: platform.notePlace(day, tag, idx), ct: ct32 } : undefined;
}

function erasureOf({ zone }: Platform, { day, tag, key16 }: EraseMessage): Erasure {
  return {
    day,
    tag: uuidText(tag),
    eraseC: uuidText(nodeSha256(key16).subarray(0, 16)),
    fromMs: dayStartMs(day, zone),
    toMs: dayStartMs(day + 1, zone) - MINUTE_MS,
    receivedFromS: 0,
  };
}

async function open(platform: Platform, item: string): Promise<RelayMessage | undefined> {
  const bytes = fromBase64Url(item);
  if (!bytes.ok) return undefined;
  const message = await openRelay(platform.relaySuite, platform.keys.relay.sk, bytes.value);
  return message.ok ? message.value : undefined;
}

/**
 * `accepted` are items that were in order; what they did is not told. Delivering a batch twice is harmless. Erasures
 * come after notes: an erased ride keeps no note that arrived with its erasure.
 */
export async function takeRelay(platform: Platform, items: readonly string[]): Promise<RelayTaken> {
  const notes: NewNote[] = [];
  const erasures: Erasure[] = [];
  let empty = 0;
  for (const item of items) {
    const message = await open(platform, item);
    if (message?.kind === 'empty') empty += 1;
    if (message?.kind === 'erase') erasures.push(erasureOf(platform, message));
    const note = message?.kind === 'note' ? noteOf(platform, message) : undefined;
    if (note !== undefined && platform.admitRules().hasPartition(note.day)) notes.push(note);
  }
  if (notes.length > 0) await insertNotes(platform.db, notes, platform.form);
  let erased = 0;
  for (const erasure of erasures) erased += await platform.erase(erasure);
  const accepted = notes.length + erasures.length + empty;
  const refused = items.length - accepted;
  platform.log.event(events.relayed, { notes: notes.length, erased, refused });
  return { accepted, refused };
}
