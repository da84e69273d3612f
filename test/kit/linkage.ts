// Whether rows tell which of them belong to one person: equality tests against shuffled labels, and a classifier that learns
// from half of the people and guesses on the other half.
import { seededInts } from './people.ts';

export interface LabelledRow {
  /** Known to the test only. */
  readonly person: number;
  /** Everything stored about the row, field by field. */
  readonly fields: Readonly<Record<string, string | number>>;
}

export interface FieldTest {
  readonly field: string;
  /** Pairs of one person's rows with equal values, and what shuffled labels give. */
  readonly equal: number;
  readonly expected: number;
  /** How many standard deviations apart; 0 where the labels make no difference at all. */
  readonly z: number;
}

const shuffles = 120;

function shuffled(values: readonly number[], draw: (bound: number) => number): number[] {
  const out = [...values];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = draw(i + 1);
    const kept = out[i] ?? 0;
    out[i] = out[j] ?? 0;
    out[j] = kept;
  }
  return out;
}

/** A quick seeded generator: shuffles need millions of draws. */
function quickInts(seed: string): (bound: number) => number {
  let state = seededInts(seed)(2 ** 32) | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Columns of small numbers: equal values of a field have equal numbers. */
function coded(rows: readonly LabelledRow[]): {
  readonly names: readonly string[];
  readonly columns: readonly Int32Array[];
} {
  const names = Object.keys(rows[0]?.fields ?? {});
  const columns = names.map((name) => {
    const codes = new Map<string | number, number>();
    return Int32Array.from(rows, ({ fields }) => {
      const value = fields[name] ?? '';
      const code = codes.get(value) ?? codes.size;
      codes.set(value, code);
      return code;
    });
  });
  return { names, columns };
}

function equalPairs(column: Int32Array, labels: readonly number[]): number {
  const counts = new Map<number, number>();
  let pairs = 0;
  for (const [index, label] of labels.entries()) {
    const key = label * 2 ** 24 + (column[index] ?? 0);
    const before = counts.get(key) ?? 0;
    pairs += before;
    counts.set(key, before + 1);
  }
  return pairs;
}

/** Each field's share of equal values within a person against that under shuffled labels. */
export function fieldTests(rows: readonly LabelledRow[], seed: string): readonly FieldTest[] {
  const { names, columns } = coded(rows);
  const labels = rows.map(({ person }) => person);
  const draw = quickInts(seed);
  const shuffledLabels = Array.from({ length: shuffles }, () => shuffled(labels, draw));
  return names.map((field, index) => {
    const column = columns[index] ?? new Int32Array();
    const equal = equalPairs(column, labels);
    const drawn = shuffledLabels.map((one) => equalPairs(column, one));
    const expected = drawn.reduce((sum, one) => sum + one, 0) / shuffles;
    const variance = drawn.reduce((sum, one) => sum + (one - expected) ** 2, 0) / (shuffles - 1);
    const z = equal === expected ? 0 : (equal - expected) / Math.max(Math.sqrt(variance), 0.5);
    return { field, equal, expected, z };
  });
}

export interface Guess {
  readonly rows: number;
  /** Rows whose best partner belongs to the same person. */
  readonly hits: number;
  /** What guessing at random gives, and its standard deviation. */
  readonly expected: number;
  readonly deviation: number;
}

/** Weight of a field's equality: how much likelier it is within a person than between two, as seen in these rows. */
function learn(columns: readonly Int32Array[], labels: readonly number[], rows: readonly number[]): readonly number[] {
  return columns.map((column) => {
    let [same, sameEqual, other, otherEqual] = [0, 0, 0, 0];
    for (const a of rows) {
      for (const b of rows) {
        if (a >= b) continue;
        const equal = column[a] === column[b] ? 1 : 0;
        if (labels[a] === labels[b]) [same, sameEqual] = [same + 1, sameEqual + equal];
        else [other, otherEqual] = [other + 1, otherEqual + equal];
      }
    }
    return Math.log((sameEqual + 1) / (same + 2) / ((otherEqual + 1) / (other + 2)));
  });
}

/** Learns from people of even numbers; for each row of the others names the likeliest other row of the same person. */
export function guessPairs(rows: readonly LabelledRow[], seed: string): Guess {
  const { columns } = coded(rows);
  const labels = rows.map(({ person }) => person);
  const indices = [...rows.keys()];
  const weights = learn(
    columns,
    labels,
    indices.filter((index) => (labels[index] ?? 0) % 2 === 0),
  );
  const tested = indices.filter((index) => (labels[index] ?? 0) % 2 === 1);
  const draw = quickInts(seed);
  let hits = 0;
  let expected = 0;
  let variance = 0;
  for (const a of tested) {
    let best = -1;
    let bestScore = -Infinity;
    for (const b of tested) {
      if (a === b) continue;
      let score = draw(1024) / 1e9;
      for (const [index, column] of columns.entries()) if (column[a] === column[b]) score += weights[index] ?? 0;
      if (score > bestScore) [best, bestScore] = [b, score];
    }
    if (labels[best] === labels[a]) hits += 1;
    const chance = (tested.filter((b) => labels[b] === labels[a]).length - 1) / (tested.length - 1);
    expected += chance;
    variance += chance * (1 - chance);
  }
  return { rows: tested.length, hits, expected, deviation: Math.sqrt(variance) };
}
