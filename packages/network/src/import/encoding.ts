// Which letters a text file is written in. Office programs in China save CSV as GB 18030 (of which GBK and GB 2312 are
// parts), newer ones as UTF-8 with or without a byte order mark, "Unicode text" as UTF-16.
import type { Readable } from 'node:stream';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030';

/**
 * `damaged`: some bytes are no letters of the encoding, and will read as U+FFFD.
 * `head`: the first bytes, for a look at the header.
 */
export type TextKind = { readonly encoding: Encoding; readonly damaged: boolean; readonly head: Uint8Array };

/** No header line is longer. */
const HEAD_BYTES = 64 * 1024;

/** Reads a stream through, or as far as it takes to be sure. */
export async function sniffText(stream: Readable): Promise<TextKind> {
  const heads: Buffer[] = [];
  let headBytes = 0;
  const counter = newUtf8Counter();
  for await (const piece of stream) {
    const chunk = Buffer.from(piece);
    if (headBytes < HEAD_BYTES) {
      heads.push(chunk);
      headBytes += chunk.length;
    }
    const [first, second] = heads[0] ?? [];
    if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', damaged: false, head: chunk };
    if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', damaged: false, head: chunk };
    counter.add(chunk);
  }
  const head = Buffer.concat(heads).subarray(0, HEAD_BYTES);
  const { long, faults } = counter.end();
  if (faults === 0) return { encoding: 'utf-8', damaged: false, head };
  // Chinese in UTF-8 is nearly all of three bytes; pairs of GB 18030 fall into that shape by rare accident only.
  return long > faults ? { encoding: 'utf-8', damaged: true, head } : { encoding: 'gb18030', damaged: true, head };
}

type Utf8Counter = {
  add(chunk: Uint8Array): void;
  /** Letters of three and four bytes, and places that are no UTF-8 (Unicode 16, table 3-7). */
  end(): { readonly long: number; readonly faults: number };
};

function newUtf8Counter(): Utf8Counter {
  let long = 0;
  let faults = 0;
  let missing = 0;
  let length = 0;
  let low = 0x80;
  let high = 0xbf;
  const start = (byte: number): void => {
    low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte >= 0xc2 && byte <= 0xf4) missing = length - 1;
    else faults += 1;
  };
  return {
    add(chunk) {
      for (const byte of chunk) {
        if (missing > 0) {
          if (byte >= low && byte <= high) {
            missing -= 1;
            low = 0x80;
            high = 0xbf;
            if (missing === 0 && length > 2) long += 1;
            continue;
          }
          faults += 1;
          missing = 0;
        }
        if (byte >= 0x80) start(byte);
      }
    },
    end: () => ({ long, faults: faults + (missing > 0 ? 1 : 0) }),
  };
}

/** The text of a stream of bytes, without its byte order mark. */
export async function* decodeText(stream: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/**
 * The character between the cells: what stands most often, outside quotes, in the first line that has any of comma,
 * semicolon and tab. Excel's own `sep=;` before the header is believed.
 */
export function sniffDelimiter({ head, encoding }: TextKind): string {
  const text = new TextDecoder(encoding).decode(head);
  const told = /^sep=([,;\t])\r?\n/i.exec(text)?.[1];
  if (told !== undefined) return told;
  const counts = new Map([',', ';', '\t'].map((mark) => [mark, 0]));
  let quoted = false;
  let seen = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (quoted) continue;
    // A line without any of them is a title, or a list of one column.
    if (seen && (char === '\n' || char === '\r') && [...counts.values()].some((count) => count > 0)) break;
    const count = counts.get(char);
    if (count !== undefined) counts.set(char, count + 1);
    else if (char.trim() !== '') seen = true;
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best?.[0] ?? ',';
}
