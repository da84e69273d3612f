// Joins the parts of long texts as a phone would; bounded, because a sender may die in between.
import type { Pdu } from 'smpp';

import { partPlace } from './smpp-text.ts';

/** Texts begun and not finished; the oldest is forgotten first. */
const MAX_UNFINISHED = 1_000;

export interface WholeText {
  readonly text: string;
  /** Ids the sink gave to the parts, in the order of the text. */
  readonly gatewayIds: readonly string[];
}

export interface PartJoiner {
  /** `scope` keeps senders apart; returns the text once its last missing part is there. */
  add(scope: string, pdu: Pdu, gatewayId: string): WholeText | undefined;
}

interface Unfinished {
  readonly texts: Map<number, string>;
  readonly ids: Map<number, string>;
}

export function createPartJoiner(): PartJoiner {
  const unfinished = new Map<string, Unfinished>();
  return {
    add(scope, pdu, gatewayId) {
      const text = textOf(pdu);
      const place = placeOf(pdu);
      if (place === undefined || place.total < 2) return { text, gatewayIds: [gatewayId] };
      const key = [scope, pdu.source_addr, pdu.destination_addr, place.reference, place.total].join('|');
      const entry = unfinished.get(key) ?? { texts: new Map(), ids: new Map() };
      entry.texts.set(place.seq, text);
      entry.ids.set(place.seq, gatewayId);
      unfinished.delete(key);
      if (entry.texts.size < place.total) {
        unfinished.set(key, entry);
        const oldest = unfinished.keys().next().value;
        if (unfinished.size > MAX_UNFINISHED && oldest !== undefined) unfinished.delete(oldest);
        return undefined;
      }
      const order = [...entry.texts.keys()].sort((a, b) => a - b);
      return {
        text: order.map((seq) => entry.texts.get(seq) ?? '').join(''),
        gatewayIds: order.map((seq) => entry.ids.get(seq) ?? ''),
      };
    },
  };
}

function textOf(pdu: Pdu): string {
  const short = pdu.short_message?.message ?? '';
  const body = short.length > 0 ? short : (pdu.message_payload?.message ?? '');
  return typeof body === 'string' ? body : body.toString('latin1');
}

/** Concatenation by header, or by the three SAR fields of SMPP. */
function placeOf(pdu: Pdu) {
  const byHeader = partPlace(pdu.short_message?.udh ?? []);
  if (byHeader !== undefined) return byHeader;
  if (pdu.sar_msg_ref_num === undefined) return undefined;
  return {
    reference: pdu.sar_msg_ref_num,
    total: pdu.sar_total_segments ?? 0,
    seq: pdu.sar_segment_seqnum ?? 0,
  };
}
