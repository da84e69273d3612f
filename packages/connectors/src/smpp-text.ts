// Texts as SMS bytes: GSM-7 where every character has a place there, UCS-2 otherwise, and cutting
// into parts that a phone joins again (3GPP TS 23.040, 9.2.3.24.1: concatenation by user data header).
import smpp from 'smpp';

/** 140 octets of user data; GSM-7 fits 160 characters in them because the network packs septets. */
const UCS2_ALONE_BYTES = 140;
const UCS2_PART_BYTES = 134;
const GSM_ALONE_SEPTETS = 160;
const GSM_PART_SEPTETS = 153;
/** Above ten parts networks drop and people do not read: 670 Chinese characters. */
export const MAX_PARTS = 10;

export const DATA_CODING_GSM = 0;
export const DATA_CODING_UCS2 = 8;
const GSM_ESCAPE = 0x1b;
const CONCAT_8 = 0x00;
const CONCAT_16 = 0x08;

export interface TextPart {
  /** Header (when there are several parts) and text, as they go into `short_message`. */
  readonly bytes: Buffer;
  readonly dataCoding: number;
  readonly hasHeader: boolean;
}

/** Cuts a text. `reference` (0..255) ties its parts together. Undefined when it needs too many. */
export function textParts(text: string, reference: number): readonly TextPart[] | undefined {
  const gsm = smpp.encodings.ASCII.match(text);
  const bytes = gsm ? smpp.encodings.ASCII.encode(text) : smpp.encodings.UCS2.encode(text);
  const dataCoding = gsm ? DATA_CODING_GSM : DATA_CODING_UCS2;
  if (bytes.length <= (gsm ? GSM_ALONE_SEPTETS : UCS2_ALONE_BYTES)) {
    return [{ bytes, dataCoding, hasHeader: false }];
  }
  const bodies = gsm ? cutGsm(bytes) : cutUcs2(bytes);
  if (bodies.length > MAX_PARTS) return undefined;
  return bodies.map((body, at) => ({
    bytes: Buffer.concat([Buffer.from([5, CONCAT_8, 3, reference & 0xff, bodies.length, at + 1]), body]),
    dataCoding,
    hasHeader: true,
  }));
}

/** An escape and the character it escapes stay together. */
function cutGsm(bytes: Buffer): readonly Buffer[] {
  const bodies: Buffer[] = [];
  let from = 0;
  while (from < bytes.length) {
    let to = Math.min(from + GSM_PART_SEPTETS, bytes.length);
    if (to < bytes.length && bytes[to - 1] === GSM_ESCAPE) to -= 1;
    bodies.push(bytes.subarray(from, to));
    from = to;
  }
  return bodies;
}

/** The two halves of a character beyond the first plane stay together. */
function cutUcs2(bytes: Buffer): readonly Buffer[] {
  const bodies: Buffer[] = [];
  let from = 0;
  while (from < bytes.length) {
    let to = Math.min(from + UCS2_PART_BYTES, bytes.length);
    if (to < bytes.length && isHighSurrogate(bytes.readUInt16BE(to - 2))) to -= 2;
    bodies.push(bytes.subarray(from, to));
    from = to;
  }
  return bodies;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

export interface PartPlace {
  readonly reference: number;
  readonly total: number;
  readonly seq: number;
}

/** Reads the concatenation element out of a user data header (8- or 16-bit reference). */
export function partPlace(header: readonly Buffer[]): PartPlace | undefined {
  for (const element of header) {
    if (element[0] === CONCAT_8 && element.length === 5) {
      return { reference: element[2] ?? 0, total: element[3] ?? 0, seq: element[4] ?? 0 };
    }
    if (element[0] === CONCAT_16 && element.length === 6) {
      return { reference: element.readUInt16BE(2), total: element[4] ?? 0, seq: element[5] ?? 0 };
    }
  }
  return undefined;
}
