// What being together meant: where the two stood to each other by the policy, and its exposure-equivalent minutes.
import type { Meeting } from './meet.ts';
import type { Policy, ZoneRule } from './policy.ts';
import { presentAt } from './stay.ts';
import type { Stay } from './stay.ts';
import type { Band, Presence, Space, Tier, Zone } from './types.ts';

export function ruleFor(policy: Policy, space: Space): ZoneRule | undefined {
  return policy.zones.find(({ kinds, air }) => kinds.includes(space.kind) && air.includes(space.air));
}

/** How a rider of `unit` stood to somebody of `space`. */
export function zoneOf(policy: Policy, space: Space, of: Presence, other: Presence): Zone {
  if (other.unit !== of.unit) return 'same-vehicle';
  if (other.staff || of.staff) return 'served-area';
  const rule = ruleFor(policy, space);
  if (rule === undefined || typeof rule.close === 'string') return 'same-space';
  if (of.row === null || other.row === null) return 'unknown';
  const rows = Math.abs(of.row - other.row);
  if (rows === 0) return 'adjacent';
  return rows <= rule.close.rows ? 'near-rows' : 'same-space';
}

type RuledTier = Exclude<Tier, 'secondary'>;

function orNone<T extends RuledTier>(word: T | 'nobody'): T | undefined {
  return word === 'nobody' ? undefined : word;
}

/** What the rule makes of people of the same space beyond its rows; severe symptoms take all of them in. */
function tierInSpace(policy: Policy, rule: ZoneRule, isSevere: boolean): RuledTier | undefined {
  if (rule.close === 'space') return 'close';
  if (isSevere && policy.severe === 'space' && rule.close !== 'nobody') return 'close';
  return orNone(rule.sameSpace);
}

/** A carriage that nobody knows could be the case's own: to be verified wherever anybody aboard could be close, never close. */
function tierOnTrain({ close, sameVehicle }: ZoneRule): RuledTier | undefined {
  return close !== 'nobody' || sameVehicle === 'close' ? 'verify' : orNone(sameVehicle);
}

/** What a zone makes of somebody, probability aside. `verify`: it could be close, and somebody must ask. */
export function tierOf(policy: Policy, space: Space, zone: Zone, isSevere: boolean): RuledTier | undefined {
  const rule = ruleFor(policy, space);
  if (rule === undefined) return undefined;
  const byZone: Readonly<Record<Zone, RuledTier | undefined>> = {
    'served-area': 'staff',
    'same-vehicle': orNone(rule.sameVehicle),
    'same-train': tierOnTrain(rule),
    'after-leaving': policy.persistence.tier,
    adjacent: 'close',
    'near-rows': 'close',
    unknown: isSevere && policy.severe === 'space' ? 'close' : 'verify',
    'same-space': tierInSpace(policy, rule, isSevere),
  };
  return byZone[zone];
}

function seatFactor(policy: Policy, space: Space, zone: Zone): number {
  const { sameRow, nearRows, otherRows, sealedRoot } = policy.eem;
  const isRowed = typeof ruleFor(policy, space)?.close === 'object';
  const factor =
    zone === 'adjacent' ? sameRow : zone === 'near-rows' ? nearRows : zone === 'same-space' && isRowed ? otherRows : 1;
  return sealedRoot && space.air === 'sealed' ? Math.sqrt(factor) : factor;
}

function airFactor(policy: Policy, space: Space): number {
  const { referenceLitresPerSecond, ventilated } = policy.eem;
  if (space.litresPerSecond !== null && space.litresPerSecond > 0)
    return referenceLitresPerSecond / space.litresPerSecond;
  return space.air === 'ventilated' ? ventilated : 1;
}

/** What minutes together in a space weigh, the day aside. */
export function weightOf(policy: Policy, space: Space, zone: Zone, isMasked: boolean): number {
  return seatFactor(policy, space, zone) * airFactor(policy, space) * (isMasked ? policy.eem.masked : 1);
}

export function bandOf({ eem: { bandA, bandB } }: Policy, eem: number): Band {
  return eem >= bandA ? 'A' : eem >= bandB ? 'B' : 'C';
}

/** Minutes in the air somebody left `fromH` to `toH` hours ago, decaying by `perHour`. */
export function residualMinutes(perHour: number, fromH: number, toH: number): number {
  return Math.max((60 / perHour) * (Math.exp(-perHour * fromH) - Math.exp(-perHour * toH)), 0);
}

interface Mass {
  readonly ms: number;
  readonly share: number;
}

/** Instants at which somebody leaves, with shares; without stops, in steps of a minute. */
export function leavings(stay: Stay): readonly Mass[] {
  if (stay.kind === 'stops') {
    const { arrMs } = stay.model;
    return stay.boardings
      .flatMap(({ stop, weight, behind }) =>
        Array.from({ length: arrMs.length - stop - 1 }, (_, i) => {
          const at = stop + 1 + i;
          const before = at === stop + 1 ? 1 : (behind[at - 1] ?? 0);
          return { ms: arrMs[at] ?? 0, share: weight * (before - (behind[at] ?? 0)) };
        }),
      )
      .filter(({ share }) => share > 0);
  }
  const masses: Mass[] = [];
  const endMs = Math.min(stay.fromMs + (stay.lasting.length - 1) * 60_000, stay.goneMs);
  for (let ms = stay.fromMs; ms < endMs; ms += 60_000) {
    const share = presentAt(stay, ms) - (ms + 60_000 > endMs ? 0 : presentAt(stay, ms + 60_000));
    if (share > 0) masses.push({ ms: Math.min(ms + 60_000, endMs), share });
  }
  return masses;
}

export interface AfterOptions {
  readonly persistenceMs: number;
  readonly decayPerHour: number;
  readonly notBeforeMs: number;
}

function isAfter(goneMs: number, boardsMs: number, { persistenceMs, notBeforeMs }: AfterOptions): boolean {
  return boardsMs >= goneMs && boardsMs - goneMs <= persistenceMs && boardsMs >= notBeforeMs;
}

/**
 * Boarding the air somebody left: the share of the case leaving before the other boards, within the persistence, and the
 * residual minutes then breathed. Not symmetric: time has a direction.
 */
export function afterLeaving(left: readonly Mass[], of: Stay, other: Stay, options: AfterOptions, out: Meeting): void {
  // Of most nobody breathes that air: what follows is worked out for the others only.
  const boards = other.kind === 'stops' ? other.boardings : [{ ms: other.fromMs, weight: 1 }];
  if (!boards.some(({ ms }) => left.some((gone) => isAfter(gone.ms, ms, options)))) {
    out.probability = 0;
    out.minutes = 0;
    return;
  }
  const leaves = leavings(other);
  // From one of them on: instants themselves are too large to be weighed exactly.
  const baseMs = leaves[0]?.ms ?? 0;
  const staysMs = baseMs + leaves.reduce((sum, { ms, share }) => sum + (ms - baseMs) * share, 0);
  let probability = 0;
  let minutes = 0;
  let firstMs = Infinity;
  for (const { ms: goneMs, share } of left) {
    for (const board of boards) {
      if (!isAfter(goneMs, board.ms, options)) continue;
      const gapMs = board.ms - goneMs;
      const weight = share * board.weight;
      const untilMs = Math.min(Math.max(staysMs, board.ms), goneMs + options.persistenceMs);
      probability += weight;
      minutes += weight * residualMinutes(options.decayPerHour, gapMs / 3_600_000, (untilMs - goneMs) / 3_600_000);
      firstMs = Math.min(firstMs, board.ms);
    }
  }
  const trust = of.trust * other.trust;
  out.probability = Math.min(probability * trust, 1);
  out.minutes = minutes * trust;
  out.first = -1;
  out.last = -1;
  out.fromMs = firstMs;
  out.toMs = Math.max(...leaves.map(({ ms }) => ms), firstMs);
}
