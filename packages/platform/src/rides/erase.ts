// Erasing: the row and its notes go, counters and drivers' screens follow, on every process. Undo and relayed erasures
// share this.
import { MAX_NOTES, unwrap, uuidFromText } from '@tongche/protocol';
import type { Erased } from '../peers/messages.ts';
import type { PeerNews } from '../peers/news.ts';
import type { NotePlace } from '../relay/note-place.ts';
import { deleteNotes } from '../store/notes.ts';
import { eraseRides } from '../store/rides.ts';

/** What somebody who shows the erase key may delete: rides of a tag, arrived at or after a second. */
export interface Erasure {
  readonly day: number;
  /** uuid text. */
  readonly tag: string;
  /** SHA-256(eraseK)[0:16], uuid text. */
  readonly eraseC: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly receivedFromS: number;
}

export interface EraserOptions {
  readonly peers: Pick<PeerNews, 'tx'>;
  readonly notePlace: NotePlace;
  /** What went with the committed transaction `xid`. */
  readonly onErased: (rides: readonly Erased[], xid: number) => void;
}

/** Returns how many rides were deleted; erasing what is not there is no error. */
export function eraser({ peers, notePlace, onErased }: EraserOptions): (erasure: Erasure) => Promise<number> {
  return async (erasure) => {
    const { rides, xid } = await peers.tx('erase', async (tx, tell) => {
      const gone = await eraseRides(tx, erasure);
      if (gone.length === 0) return { rides: [], xid: undefined };
      const tag = unwrap(uuidFromText(erasure.tag));
      await deleteNotes(
        tx,
        erasure.day,
        Array.from({ length: MAX_NOTES }, (_, idx) => notePlace(erasure.day, tag, idx)),
      );
      const told = gone.map(({ codeId, rideId, w2, flags }) => ({ codeId, rideId, w2, flags }));
      return { rides: told, xid: await tell({ kind: 'erased', rides: told }) };
    });
    if (xid !== undefined) onErased(rides, xid);
    return rides.length;
  };
}
