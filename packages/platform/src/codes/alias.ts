// Other QR codes of the city: what a scanner reads there, in one form, and its digest.
import { nodeSha256 } from '@tongche/protocol/node';
import { utf8 } from '@tongche/protocol';

/** The densest QR of version 40 holds 2,953 bytes. */
export const MAX_CONTENT_CHARS = 3_000;

/** Without the blanks a scanner or a spreadsheet adds, Unicode NFC. Nothing else is folded: the text is the key. */
export function normalContent(text: string): string {
  return text.normalize('NFC').trim();
}

/** SHA-256 of the normal form: what a look-up compares. */
export function contentDigest(text: string): Uint8Array {
  return nodeSha256(utf8(normalContent(text)));
}
