// The phone's own store: one IndexedDB object store, every change in one transaction, so that two tabs never send a ride twice.
import type { StoredRide } from './model.ts';

export interface Tx {
  get<T>(key: string): Promise<T | undefined>;
  put(key: string, value: unknown): void;
  remove(key: string): void;
  rides(): Promise<StoredRide[]>;
}
/** Runs `work` in one read-write transaction and answers when it is on disk. `work` awaits nothing but the transaction. */
export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

export interface Store {
  readonly transact: Transact;
  /** Everything goes: withdrawal. */
  wipe(): Promise<void>;
}

const STORE = 'kv';
/** Keys of rides: 'r:' and their id. */
const RIDES = ['r:', 'r;'] as const;

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

/** Throws where there is no database, as in private windows of some browsers. */
export async function openStore(name = 'tongche'): Promise<Store> {
  const opening = indexedDB.open(name, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
  const database = await done(opening);
  return {
    transact: (work) => inDatabase(database, work),
    wipe: () => inDatabase(database, async (tx) => tx.remove('')),
  };
}

function inDatabase<T>(database: IDBDatabase, work: (tx: Tx) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    let result: T;
    transaction.addEventListener('complete', () => resolve(result));
    transaction.addEventListener('abort', () => reject(transaction.error));
    work({
      get: (key) => done(store.get(key)),
      put: (key, value) => void store.put(value, key),
      remove: (key) => void (key === '' ? store.clear() : store.delete(key)),
      rides: () => done(store.getAll(IDBKeyRange.bound(...RIDES)) as IDBRequest<StoredRide[]>),
    }).then(
      (value) => (result = value),
      (error: unknown) => {
        reject(error);
        transaction.abort();
      },
    );
  });
}

/** One tab at a time; where the browser has no locks, the claims in the store decide alone. */
export function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { readonly locks?: LockManager }).locks;
  return locks === undefined ? work() : locks.request('tongche-send', work);
}
