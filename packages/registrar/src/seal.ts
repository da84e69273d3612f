// Short values sealed into texts that clients carry for us: tickets and challenges.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '@tongche/protocol';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Big-endian number of the key's epoch or day, in the clear: it chooses among our own keys only. */
const LABEL_BYTES = 2;

/** base64url of label2 ‖ nonce12 ‖ AES-256-GCM(plain), the purpose and label authenticated beside it. */
export function sealText(
  key: Uint8Array,
  purpose: string,
  label: number,
  plain: Uint8Array,
  random: (n: number) => Uint8Array,
): string {
  const nonce = random(NONCE_BYTES);
  const head = Buffer.of(label >> 8, label & 0xff);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.concat([Buffer.from(purpose), head]));
  return toBase64Url(Buffer.concat([head, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

/** The bytes, or undefined for whatever we did not seal under a key that still lives. */
export function openText(
  keyOf: (label: number) => Uint8Array | undefined,
  purpose: string,
  text: string,
): { readonly label: number; readonly plain: Buffer } | undefined {
  const decoded = fromBase64Url(text);
  if (!decoded.ok || decoded.value.length <= LABEL_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
  const bytes = Buffer.from(decoded.value);
  const label = bytes.readUInt16BE(0);
  const key = keyOf(label);
  if (key === undefined) return undefined;
  const nonce = bytes.subarray(LABEL_BYTES, LABEL_BYTES + NONCE_BYTES);
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([Buffer.from(purpose), bytes.subarray(0, LABEL_BYTES)]));
  cipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const plain = cipher.update(bytes.subarray(LABEL_BYTES + NONCE_BYTES, bytes.length - TAG_BYTES));
  try {
    cipher.final();
  } catch {
    return undefined;
  }
  return { label, plain };
}
