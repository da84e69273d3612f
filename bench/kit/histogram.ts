// Times in buckets that grow with the time: every percentile within 1.6 %, in a few kilobytes, however many are counted.

/** Sub-buckets of each power of two: 1/64 is the largest relative error. */
const subBits = 6;
const subCount = 2 ** subBits;
/** 2^26 µs is a minute: whatever takes longer counts as that. */
const maxPower = 26;
const exactBelow = subCount * 2;
const bucketCount = exactBelow + (maxPower - subBits - 1) * subCount;
const maxMicros = 2 ** maxPower - 1;

export interface Histogram {
  readonly count: number;
  readonly maxMs: number;
  /** Records one time in milliseconds. */
  add(ms: number): void;
  /** The time that this share (0..1) of the recorded ones did not exceed, in milliseconds; 0 when there are none. */
  percentileMs(share: number): number;
  /** For a message to another process: pairs of bucket and count, and the exact maximum. */
  packed(): PackedHistogram;
  merge(packed: PackedHistogram): void;
}

export interface PackedHistogram {
  readonly pairs: readonly (readonly [number, number])[];
  readonly maxMs: number;
}

function bucketOf(micros: number): number {
  if (micros < exactBelow) return micros;
  const power = 31 - Math.clz32(micros);
  const shift = power - subBits;
  return exactBelow + (shift - 2) * subCount + (micros >>> shift);
}

/** The highest time of a bucket: what is told is never better than what was measured. */
function topOf(bucket: number): number {
  if (bucket < exactBelow) return bucket;
  const shift = Math.floor((bucket - exactBelow) / subCount) + 1;
  const sub = ((bucket - exactBelow) % subCount) + subCount;
  return (sub + 1) * 2 ** shift - 1;
}

export function histogram(): Histogram {
  const counts = new Float64Array(bucketCount);
  let count = 0;
  let maxMs = 0;
  return {
    get count() {
      return count;
    },
    get maxMs() {
      return maxMs;
    },
    add(ms) {
      const micros = Math.min(maxMicros, Math.max(0, Math.round(ms * 1000)));
      const bucket = bucketOf(micros);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
      if (ms > maxMs) maxMs = ms;
    },
    percentileMs(share) {
      const wanted = Math.max(1, Math.ceil(share * count));
      let seen = 0;
      for (let bucket = 0; bucket < bucketCount; bucket += 1) {
        seen += counts[bucket] ?? 0;
        if (seen >= wanted) return Math.min(topOf(bucket) / 1000, maxMs);
      }
      return maxMs;
    },
    packed() {
      const pairs: [number, number][] = [];
      counts.forEach((n, bucket) => {
        if (n > 0) pairs.push([bucket, n]);
      });
      return { pairs, maxMs };
    },
    merge(packed) {
      for (const [bucket, n] of packed.pairs) {
        counts[bucket] = (counts[bucket] ?? 0) + n;
        count += n;
      }
      maxMs = Math.max(maxMs, packed.maxMs);
    },
  };
}
