// Placeholder until the reader of line lists is there.
import { Unreadable } from './draft.ts';
import type { Reader } from './draft.ts';

export const readLineStopsDraft: Reader = async () => {
  throw new Unreadable('line-stops');
};
