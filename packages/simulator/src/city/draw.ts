// Repeatable draws: the same seed and label always give the same bytes, on every machine.
import { createHash } from 'node:crypto';

/** 32 bytes drawn for a label; labels are independent of each other and of the order of drawing. */
export function drawBytes(seed: number, label: string): Buffer {
  return createHash('sha256').update(`haijing/1|${seed}|${label}`).digest();
}

/** An integer from 0 to `below` - 1. The bias of the modulus is beyond notice for the small ranges used here. */
export function drawInt(seed: number, label: string, below: number): number {
  return drawBytes(seed, label).readUIntBE(0, 6) % below;
}
