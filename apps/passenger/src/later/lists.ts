// Compares the phone's own rides with the published daily lists, here: no question leaves the phone but "give me the list".
import { listValue } from '@tongche/protocol/formats';
import type { Phone } from '../app.ts';
import type { StoredRide } from '../ride/model.ts';
import { ask } from '../ride/net.ts';

const VALUE_BYTES = 8;
/** A city's list of a day is far smaller; a phone reads no more. */
const MAX_LIST_BYTES = 8 * 1_000_000;

/** Whether a sorted list of 8-byte values holds one. */
export function holds(list: Uint8Array, value: Uint8Array): boolean {
  let [low, high] = [0, list.length / VALUE_BYTES - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = middle * VALUE_BYTES;
    let order = 0;
    for (let i = 0; i < VALUE_BYTES && order === 0; i += 1) order = (list[at + i] ?? 0) - (value[i] ?? 0);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

interface Published {
  readonly lists: readonly { readonly kind: string; readonly date: string }[];
}
export interface ListResult {
  readonly hits: readonly StoredRide[];
}

/** Every list of a kind that there is, against every ride of the phone. `undefined`: no network. */
export async function compare(phone: Phone, kind: 'expo1' | 'notice1'): Promise<ListResult | undefined> {
  const index = await ask<Published>('/lists');
  if (index.status !== 200) return undefined;
  const suite = await phone.suite();
  const rides = (await phone.store.transact((tx) => tx.rides())).filter((ride) => ride.sealed !== undefined);
  const values = await Promise.all(
    rides.map(async (ride) => (ride.sealed === undefined ? new Uint8Array() : listValue(suite, kind, ride.sealed.tag))),
  );
  const hits = new Set<StoredRide>();
  for (const { date } of index.body.lists.filter((list) => list.kind === kind)) {
    const response = await fetch(`/lists/${kind}/${date}`, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    }).catch(() => undefined);
    if (response?.ok !== true) return undefined;
    const list = new Uint8Array(await response.arrayBuffer());
    if (list.length > MAX_LIST_BYTES) continue;
    rides.forEach((ride, i) => {
      if (holds(list, values[i] ?? new Uint8Array())) hits.add(ride);
    });
  }
  return { hits: [...hits] };
}
