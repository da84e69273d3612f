// Which unit a code belonged to at an instant. Codes are moved when stickers are replaced or vehicles renumbered.
import type { Binding } from './model.ts';

/**
 * The binding in force at `ms`, or undefined. `bindings` are those of one code, in any order.
 * Intervals are half open, so at the instant of a change the new unit holds. Where records overlap (a sticker was moved
 * and nobody closed the old record), the one that began last wins: it is the later observation.
 */
export function bindingAt(bindings: readonly Binding[], ms: number): Binding | undefined {
  let best: Binding | undefined;
  for (const binding of bindings) {
    const inForce = binding.fromMs <= ms && (binding.toMs === undefined || ms < binding.toMs);
    if (inForce && (best === undefined || binding.fromMs >= best.fromMs)) best = binding;
  }
  return best;
}
