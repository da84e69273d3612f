// A store for browsers without a database (some private windows): the ride still registers, the phone just forgets.
import type { StoredRide } from '../ride/model.ts';
import type { Store, Transact, Tx } from '../ride/store.ts';

export function memoryStore(): Store {
  const map = new Map<string, unknown>();
  let last: Promise<unknown> = Promise.resolve();
  const tx: Tx = {
    get: async <T>(key: string) => map.get(key) as T | undefined,
    put: (key, value) => void map.set(key, value),
    remove: (key) => (key === '' ? map.clear() : void map.delete(key)),
    rides: async () => [...map].filter(([key]) => key.startsWith('r:')).map(([, ride]) => ride as StoredRide),
  };
  const transact: Transact = (work) => {
    const next = last.then(() => work(tx));
    last = next.catch(() => undefined);
    return next;
  };
  return { transact, wipe: () => transact(async () => map.clear()) };
}
