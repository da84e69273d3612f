// When the refused are to come back. Told the same wait, a thousand phones come back in the same second and are refused
// again; so each is given a time of its own, as many a second as there is sure to be room for.

export interface Appointments {
  /** Seconds from now for one more that is refused; spread between half the longest wait and all of it when many are. */
  next(nowMs: number): number;
  /** How many a second were served of late. */
  served(perSecond: number): void;
}

/** A quarter of what is served: whoever comes back comes beside those who come for the first time. */
const shareOfServed = 0.25;
/** Also when nothing is served, the database being away: so many in any case, or the first of a crowd would wait for the last. */
const leastPerSecond = 50;
/** Somebody on a bus looks at the phone again within this. */
const longestWaitS = 120;
const shortestWaitS = 1;
/** Multiples of the golden ratio fall evenly wherever one stops. */
const goldenPart = 0.618_033_988_749_895;

/** `nowMs` of a steady clock. */
export function appointments(): Appointments {
  let gapMs = 1_000 / leastPerSecond;
  let lastMs = 0;
  let part = 0;
  return {
    next(nowMs) {
      const atMs = Math.max(lastMs, nowMs) + gapMs;
      const waitS = shortestWaitS + (atMs - nowMs) / 1_000;
      if (waitS <= longestWaitS) {
        lastMs = atMs;
        return Math.ceil(waitS);
      }
      part = (part + goldenPart) % 1;
      return Math.ceil((longestWaitS / 2) * (1 + part));
    },
    served(perSecond) {
      gapMs = 1_000 / Math.max(leastPerSecond, perSecond * shareOfServed);
    },
  };
}
