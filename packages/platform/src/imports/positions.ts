// Placeholder until the reader of positions is there.
import { Unreadable } from './draft.ts';
import type { Reader } from './draft.ts';

export const readPositionsDraft: Reader = async () => {
  throw new Unreadable('positions');
};
