// When a ride was acknowledged, and when a screen showed it: both known by vehicle, boarding minute and check, in a file of
// fixed records, on a clock that all processes of the machine share.
import { readFileSync, writeFileSync } from 'node:fs';
import { CHECK_COLOURS, SHORT_ALPHABET } from '@tongche/protocol';
import type { RideCheck } from '@tongche/protocol';

export interface Sighting {
  /** Place of the vehicle's code in the setup. */
  readonly bus: number;
  readonly minute: number;
  readonly check: number;
  /** Microseconds, by `sharedMicros`. */
  readonly atMicros: number;
  /** The screen heard it as it happened: not among what it had missed, nor within a state. */
  readonly isLive: boolean;
}

const recordBytes = 20;

/** The machine's monotonic clock, the same for every process. */
export function sharedMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function checkNumber({ text, colour }: { readonly text: string; readonly colour: RideCheck['colour'] }): number {
  const base = SHORT_ALPHABET.length;
  const letters = SHORT_ALPHABET.indexOf(text.charAt(0)) * base + SHORT_ALPHABET.indexOf(text.charAt(1));
  return letters * CHECK_COLOURS.length + CHECK_COLOURS.indexOf(colour);
}

/** What rides of one vehicle and minute are told apart by; the few that share it are taken in their order. */
export function keyOf({ bus, minute, check }: Pick<Sighting, 'bus' | 'minute' | 'check'>): string {
  return `${bus}|${minute}|${check}`;
}

export function writeSightings(path: string, sightings: readonly Sighting[]): void {
  const bytes = Buffer.alloc(sightings.length * recordBytes);
  sightings.forEach(({ bus, minute, check, atMicros, isLive }, n) => {
    const at = n * recordBytes;
    bytes.writeUInt16LE(bus, at);
    bytes.writeUInt32LE(minute, at + 2);
    bytes.writeUInt16LE(check, at + 6);
    bytes.writeDoubleLE(atMicros, at + 8);
    bytes.writeUInt8(isLive ? 1 : 0, at + 16);
  });
  writeFileSync(path, bytes, { mode: 0o600 });
}

export function readSightings(path: string): readonly Sighting[] {
  const bytes = readFileSync(path);
  return Array.from({ length: bytes.length / recordBytes }, (_, n) => {
    const at = n * recordBytes;
    return {
      bus: bytes.readUInt16LE(at),
      minute: bytes.readUInt32LE(at + 2),
      check: bytes.readUInt16LE(at + 6),
      atMicros: bytes.readDoubleLE(at + 8),
      isLive: bytes.readUInt8(at + 16) === 1,
    };
  });
}
