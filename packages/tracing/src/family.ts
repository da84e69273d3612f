// Many tests at once: how often anything at all would look this surprising by chance.

/**
 * How false finds are held down over a family of tests: `bonferroni` and `holm` bound the chance of a single one,
 * `bh` (Benjamini and Hochberg) bounds their share among the finds.
 */
export type Control = 'bonferroni' | 'holm' | 'bh';

/** Adjusted values of `ps`, in their order. `family`: number of tests, also of those whose p is 1 and not among `ps`. */
export function adjusted(ps: readonly number[], family: number, control: Control): readonly number[] {
  if (family < ps.length) throw new RangeError(`a family of ${family} has no ${ps.length} tests`);
  if (control === 'bonferroni') return ps.map((p) => Math.min(1, p * family));
  const order = ps.map((_, i) => i).sort((a, b) => (ps[a] ?? 1) - (ps[b] ?? 1) || a - b);
  const result = Array.from(ps, () => 1);
  if (control === 'holm') {
    let least = 0;
    for (const [rank, i] of order.entries()) {
      least = Math.max(least, Math.min(1, (ps[i] ?? 1) * (family - rank)));
      result[i] = least;
    }
    return result;
  }
  let most = 1;
  for (const [rank, i] of [...order.entries()].reverse()) {
    most = Math.min(most, ((ps[i] ?? 1) * family) / (rank + 1));
    result[i] = most;
  }
  return result;
}
