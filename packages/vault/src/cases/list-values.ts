// What a trace adds to the daily lists: digests of the rides that were opened, and of those whose riders were likely exposed.
import { LIST_VALUE_BYTES, listValueInput, unwrap } from '@tongche/protocol';
import type { TagList } from '@tongche/protocol';
import { fromBase64UrlSync, nodeSha256 } from '@tongche/protocol/node';
import type { OpenedRide } from '../opening/packed.ts';
import type { Gathered } from './gathered.ts';
import { isListed } from './merge-contacts.ts';
import type { ContactDoc } from './model.ts';

export interface ListValues {
  readonly expo1: readonly Buffer[];
  readonly notice1: readonly Buffer[];
}

/** Whoever is set aside was not exposed as far as anybody knows; that their record was opened is told all the same. */
export function listValues(
  gathered: Gathered,
  opened: ReadonlyMap<string, OpenedRide | null>,
  { contacts, pVerify }: { readonly contacts: readonly ContactDoc[]; readonly pVerify: number },
): ListValues {
  function value(list: TagList, rideId: string): Buffer {
    const tag = unwrap(fromBase64UrlSync(gathered.rides.get(rideId)?.tag ?? ''));
    return Buffer.from(nodeSha256(listValueInput(list, tag)).subarray(0, LIST_VALUE_BYTES));
  }
  const likely = contacts
    .filter(isListed)
    .flatMap(({ legs }) => legs)
    .filter(({ probability, presenceId }) => probability >= pVerify && gathered.rides.has(presenceId));
  const ids = [...opened].flatMap(([id, one]) => (one === null ? [] : [id]));
  return {
    expo1: likely.map(({ presenceId }) => value('expo1', presenceId)),
    notice1: ids.map((rideId) => value('notice1', rideId)),
  };
}
