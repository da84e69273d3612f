// What a trace adds to the daily lists: digests of the rides that were opened, and of those whose riders were likely exposed.
import { fromBase64Url, listValue, unwrap } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { OpenedRide } from '../opening/open-rides.ts';
import type { Gathered } from './gathered.ts';
import { isListed } from './merge-contacts.ts';
import type { ContactDoc } from './model.ts';

export interface ListValues {
  readonly expo1: readonly Buffer[];
  readonly notice1: readonly Buffer[];
}

/** Whoever is set aside was not exposed as far as anybody knows; that their record was opened is told all the same. */
export async function listValues(
  gathered: Gathered,
  opened: ReadonlyMap<string, OpenedRide | null>,
  { contacts, pVerify }: { readonly contacts: readonly ContactDoc[]; readonly pVerify: number },
): Promise<ListValues> {
  async function value(list: 'expo1' | 'notice1', rideId: string): Promise<Buffer> {
    const tag = unwrap(fromBase64Url(gathered.rides.get(rideId)?.tag ?? ''));
    return Buffer.from(await listValue(nodeSuite, list, tag));
  }
  const likely = contacts
    .filter(isListed)
    .flatMap(({ legs }) => legs)
    .filter(({ probability, presenceId }) => probability >= pVerify && gathered.rides.has(presenceId));
  const ids = [...opened].flatMap(([id, one]) => (one === null ? [] : [id]));
  return {
    expo1: await Promise.all(likely.map(({ presenceId }) => value('expo1', presenceId))),
    notice1: await Promise.all(ids.map((rideId) => value('notice1', rideId))),
  };
}
