// The check: two characters and a colour that the passenger's phone computes offline and the driver's screen shows too.
import { concat, readU16, u16, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { SHORT_ALPHABET } from './short-code.ts';
import type { Suite } from './suite.ts';

/** Never green, which means "registered" on the page; told apart by most colour-blind eyes, and the characters decide. */
export const CHECK_COLOURS = ['blue', 'orange', 'purple', 'pink', 'brown', 'black'] as const;
export type CheckColour = (typeof CHECK_COLOURS)[number];

const CHECK_LABEL = /* @__PURE__ */ utf8('check1');

export interface RideCheck {
  readonly text: string;
  readonly colour: CheckColour;
}

export interface CheckFields {
  readonly tag: Bytes;
  readonly code: Bytes;
  readonly day: number;
  readonly minute: number;
}

/** "check1" ‖ tag16 ‖ code8 ‖ d2 ‖ min2. */
export function checkInput({ tag, code, day, minute }: CheckFields): Bytes {
  return concat(CHECK_LABEL, tag, code, u16(day), u16(minute));
}

export function checkFromDigest(digest: Bytes): RideCheck {
  const letters = readU16(digest, 0);
  const base = SHORT_ALPHABET.length;
  const text = SHORT_ALPHABET.charAt(Math.floor(letters / base) % base) + SHORT_ALPHABET.charAt(letters % base);
  return { text, colour: CHECK_COLOURS[(digest[2] ?? 0) % CHECK_COLOURS.length] ?? 'blue' };
}

export async function check(suite: Suite, fields: CheckFields): Promise<RideCheck> {
  return checkFromDigest(await suite.sha256(checkInput(fields)));
}
