// Which notes belong to which ride, as only the platform can tell: with the relay key of its slots.
import { notePlaces } from '@tongche/platform';
import type { NotePlace } from '@tongche/platform';
import { toBytes } from '@tongche/protocol';
import { openSlots } from '@tongche/runtime';
import type { Composed } from '@tongche/tongche';

export function notePlaceOf({ installation }: Pick<Composed, 'installation'>): NotePlace {
  const unseal = new Uint8Array(Buffer.from(installation.keys.unseal.platform, 'base64url'));
  const relay = openSlots(installation.layout.slot('platform'), unseal).get('relay') ?? new Uint8Array();
  return notePlaces(toBytes(relay.subarray(0, 32)));
}
