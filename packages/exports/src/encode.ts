// Texts as bytes. Browsers and Node write UTF-8 only; GB 18030 is the library's.
import { Buffer } from 'node:buffer';
import iconv from 'iconv-lite';
import type { TextFile } from './model.ts';

/** Throws RangeError for a text that could not be read again as it is: lone surrogates (the tables carry none). */
export function encodeFile({ text, encoding }: Pick<TextFile, 'text' | 'encoding'>): Uint8Array<ArrayBuffer> {
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate has no bytes');
  if (encoding === 'utf-8') return new Uint8Array(Buffer.from(text, 'utf8'));
  return new Uint8Array(iconv.encode(text, 'gb18030'));
}
