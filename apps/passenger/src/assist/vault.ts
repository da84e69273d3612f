// The queue of an assisted registration without network: encrypted under a key that no script can read out, kept until it is sent.
import type { Store } from '../ride/store.ts';

/** What staff typed. Readable only in memory and only until it is sealed. */
export interface Entry {
  readonly kind: 'phone' | 'cn-id' | 'passport' | 'slip';
  readonly value: string;
  readonly reach: string;
  readonly name: string;
  readonly party: number;
  readonly boardedMs: number;
  readonly code: string;
}

/** Why an entry will never be taken: an error code, and since when that is known. */
export interface Refused {
  readonly code: string;
  readonly atMs: number;
}

/** Waiting under the key, or sealed to the authority already and only to be posted, byte for byte. */
export type Waiting = { readonly id: string; readonly refused?: Refused } & (
  | { readonly nonce: Uint8Array<ArrayBuffer>; readonly box: ArrayBuffer }
  | { readonly body: string; readonly url: string }
);

export interface Queue {
  add(entry: Entry): Promise<void>;
  /** Oldest first, refused ones too; those refused long ago are forgotten on the way. */
  list(): Promise<readonly Waiting[]>;
  open(waiting: Waiting): Promise<Entry | undefined>;
  /** The entry is sealed: from now on only bytes are kept that the authority alone opens. */
  seal(id: string, body: string, url: string): Promise<void>;
  /** It is never tried again and stays as it is, sealed or under the key, until staff have seen it. */
  refuse(id: string, code: string): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/** More than a full shift of assisted riders. */
const MAX_WAITING = 500;
/** After a week no ride can be registered any more, so nobody needs to be told. */
const REFUSED_LIFE_MS = 7 * 86_400_000;
const KEY = 'assist-key';

export function assistQueue(store: Store): Queue {
  const { subtle } = crypto;
  const change = (how: (list: readonly Waiting[]) => readonly Waiting[]): Promise<readonly Waiting[]> =>
    store.transact(async (tx) => {
      const list = how((await tx.get<readonly Waiting[]>('assist')) ?? []);
      tx.put('assist', list);
      return list;
    });

  async function key(): Promise<CryptoKey> {
    const fresh = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    return store.transact(async (tx) => {
      const kept = await tx.get<CryptoKey>(KEY);
      if (kept !== undefined) return kept;
      tx.put(KEY, fresh);
      return fresh;
    });
  }

  return {
    list: () => change((list) => list.filter((w) => !w.refused || Date.now() - w.refused.atMs < REFUSED_LIFE_MS)),
    async add(entry) {
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const plain = new TextEncoder().encode(JSON.stringify(entry));
      const box = await subtle.encrypt({ name: 'AES-GCM', iv: nonce }, await key(), plain);
      const id = [...crypto.getRandomValues(new Uint8Array(8))]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
      await change((list) => [...list, { id, nonce, box }].slice(-MAX_WAITING));
    },
    async open(waiting) {
      if (!('box' in waiting)) return undefined;
      const plain = await subtle.decrypt({ name: 'AES-GCM', iv: waiting.nonce }, await key(), waiting.box);
      return JSON.parse(new TextDecoder().decode(plain)) as Entry;
    },
    async seal(id, body, url) {
      await change((list) => list.map((w) => (w.id === id ? { id, body, url } : w)));
    },
    async refuse(id, code) {
      const refused = { code, atMs: Date.now() };
      await change((list) => list.map((w) => (w.id === id ? { ...w, refused } : w)));
    },
    async remove(ids) {
      await change((list) => list.filter((w) => !ids.includes(w.id)));
    },
  };
}
