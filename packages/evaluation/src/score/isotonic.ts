// Isotonic regression: the rising step function nearest to what was seen, by pooling neighbours that fall (Ayer and others, 1955).

export interface Seen {
  readonly raw: number;
  readonly isTrue: boolean;
}

interface Block {
  readonly lowest: number;
  readonly highest: number;
  readonly rawSum: number;
  readonly count: number;
  readonly trueCount: number;
}

function joined(a: Block, b: Block): Block {
  return {
    lowest: a.lowest,
    highest: b.highest,
    rawSum: a.rawSum + b.rawSum,
    count: a.count + b.count,
    trueCount: a.trueCount + b.trueCount,
  };
}

function rate({ trueCount, count }: Block): number {
  return trueCount / count;
}

/** Blocks in rising order of raw value; their rates rise strictly. Equal raw values are one observation. O(n log n). */
export function pooled(seen: readonly Seen[]): readonly Block[] {
  const byRaw = new Map<number, { count: number; trueCount: number }>();
  for (const { raw, isTrue } of seen) {
    const known = byRaw.get(raw) ?? { count: 0, trueCount: 0 };
    known.count += 1;
    known.trueCount += isTrue ? 1 : 0;
    byRaw.set(raw, known);
  }
  const blocks: Block[] = [];
  for (const [raw, { count, trueCount }] of [...byRaw].sort(([a], [b]) => a - b)) {
    let block: Block = { lowest: raw, highest: raw, rawSum: raw * count, count, trueCount };
    for (let last = blocks.at(-1); last !== undefined && rate(last) >= rate(block); last = blocks.at(-1)) {
      blocks.pop();
      block = joined(last, block);
    }
    blocks.push(block);
  }
  return blocks;
}

/** Blocks so small tell little: they join their smaller neighbour. */
function thickened(blocks: readonly Block[], atLeast: number): readonly Block[] {
  const kept: Block[] = [];
  for (const block of blocks) {
    const last = kept.at(-1);
    if (last !== undefined && last.count < atLeast) kept[kept.length - 1] = joined(last, block);
    else kept.push(block);
  }
  const [before, last] = [kept.at(-2), kept.at(-1)];
  if (before !== undefined && last !== undefined && last.count < atLeast)
    kept.splice(kept.length - 2, 2, joined(before, last));
  return kept;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/**
 * [raw, observed] points, both rising, from 0 to 1, for reading between them in a straight line: a point at the middle of each
 * block of at least `atLeast` observations. Fewer than `atLeast` observations give no points.
 */
export function calibrationPoints(seen: readonly Seen[], atLeast: number): readonly (readonly [number, number])[] {
  if (seen.length < atLeast) return [];
  const blocks = thickened(pooled(seen), atLeast);
  const middles = blocks.map((block) => [rounded(block.rawSum / block.count), rounded(rate(block))] as const);
  const points: (readonly [number, number])[] = [];
  for (const point of middles) {
    const last = points.at(-1);
    if (last !== undefined && point[0] <= last[0]) continue;
    points.push(point);
  }
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const before = first[0] > 0 ? [[0, Math.min(first[1], first[0])] as const] : [];
  const after = last[0] < 1 ? [[1, last[1]] as const] : [];
  return [...before, ...points, ...after];
}
