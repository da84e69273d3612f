// What a vehicle's measured stretches become when its last positions are matched again. Pure.
import type { Segment } from '../store/segments.ts';

/** A stop at a light is no end: stretches of one run this close are one. */
const joinMs = 10 * 60_000;

/**
 * `fresh` is what the positions of the last while lie on. Where it names another run than before, it is right: it has seen
 * more. What it says nothing about stays. In order of time, disjoint.
 */
export function mergeSegments(existing: readonly Segment[], fresh: readonly Segment[]): readonly Segment[] {
  let kept = existing.toSorted((a, b) => a.fromMs - b.fromMs);
  for (const one of fresh.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const same = kept.filter((old) => old.runId === one.runId && isNear(old, one));
    const joined = [...same, one];
    const merged: Segment = {
      ...one,
      fromMs: Math.min(...joined.map(({ fromMs }) => fromMs)),
      toMs: Math.max(...joined.map(({ toMs }) => toMs)),
    };
    const others = kept.filter((old) => !same.includes(old)).flatMap((old) => without(old, one));
    // An old stretch that the join would swallow was measured as another run: the join stops there.
    const bound = others.filter(({ fromMs, toMs }) => fromMs < merged.toMs && toMs > merged.fromMs);
    kept = [...others, ...(bound.length === 0 ? [merged] : [...same.flatMap((old) => without(old, one)), one])];
    kept.sort((a, b) => a.fromMs - b.fromMs);
  }
  return kept;
}

function isNear(a: Segment, b: Segment): boolean {
  return a.fromMs <= b.toMs + joinMs && b.fromMs <= a.toMs + joinMs;
}

/** What is left of a stretch where another one takes its place. */
function without(old: Segment, cut: Segment): Segment[] {
  if (old.toMs <= cut.fromMs || old.fromMs >= cut.toMs) return [old];
  const left = old.fromMs < cut.fromMs ? [{ ...old, toMs: cut.fromMs }] : [];
  const right = old.toMs > cut.toMs ? [{ ...old, fromMs: cut.toMs }] : [];
  return [...left, ...right];
}

/** True when only the end of stretches moved on: nothing that was known changed. */
export function isExtension(before: readonly Segment[], after: readonly Segment[]): boolean {
  if (before.length !== after.length) return false;
  return after.every((one, n) => {
    const old = before[n];
    return old?.runId === one.runId && old.fromMs === one.fromMs && old.toMs <= one.toMs;
  });
}
