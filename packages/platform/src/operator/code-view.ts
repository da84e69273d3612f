// The state of a printed code as the operator sees it: in use, new, dead, unbound or revoked. One rule for every page.
import type { CodeState } from '@tongche/contract';
import { bindingAt } from '@tongche/network';
import type { Unit } from '@tongche/network';
import { dayStartMs } from '@tongche/protocol';
import type { City, Code } from '../city/city.ts';
import { DEAD_DAYS, DEAD_SERVICE_DAYS } from './day-counts.ts';
import type { Scans } from './day-counts.ts';

export interface CodeFacts {
  readonly code: Code;
  readonly state: CodeState;
  readonly unit: Unit | undefined;
  /** Null: stuck there since before records began. */
  readonly boundMs: number | null;
  readonly lastMs: number | null;
}

/** A station has no timetable to be out of. */
function isOut(unit: Unit, scans: Scans): boolean {
  return unit.kind === 'station' || (scans.serviceDays.get(unit.vehicleId) ?? 0) >= DEAD_SERVICE_DAYS;
}

/**
 * A passengers' code is dead when it was stuck to its unit for the last seven full days, the vehicle ran on at least
 * three of them, and nobody scanned it since they began.
 */
export function codeFacts(city: City, code: Code, scans: Scans, nowMs: number, zone: string): CodeFacts {
  const binding = bindingAt(code.bindings, nowMs);
  const unit = binding === undefined ? undefined : city.unit(binding.unitId);
  const lastMs = scans.lastMs.get(code.codeId) ?? null;
  const boundMs = binding === undefined || binding.fromMs === 0 ? null : binding.fromMs;
  const facts = { code, unit, boundMs, lastMs };
  if (code.revokedMs !== null) return { ...facts, state: 'revoked' };
  if (binding === undefined || unit === undefined) return { ...facts, state: 'unbound' };
  const weekMs = dayStartMs(scans.today - DEAD_DAYS, zone);
  if (lastMs !== null && lastMs >= weekMs) return { ...facts, state: 'active' };
  if (Math.max(binding.fromMs, scans.firstMs) > weekMs) return { ...facts, state: lastMs === null ? 'new' : 'active' };
  // Crew scan where the city asks them to; a crew code that nobody uses is no fault of the sticker.
  return { ...facts, state: code.purpose === 'passenger' && isOut(unit, scans) ? 'dead' : 'active' };
}
