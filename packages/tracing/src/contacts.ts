// From exposures to a list of people: each person once, with a tier by the rule alone, in the order in which to call.
import { dayOf } from '@tongche/protocol/formats';
import { bandOf, tierOf } from './exposure.ts';
import { followUpDays } from './policy.ts';
import { reasonsFor } from './reasons.ts';
import type { Scene } from './scene.ts';
import type { Contact, Exposure, Tier } from './types.ts';

type RuledTier = Exclude<Tier, 'secondary'>;

const ORDER: readonly Tier[] = ['close', 'verify', 'staff', 'general', 'secondary'];

/** By time, ids last: sums over exposures come out the same whatever the order of rows. */
export function inOrder(a: Exposure, b: Exposure): number {
  return (
    a.fromMs - b.fromMs ||
    a.boardedMs - b.boardedMs ||
    compare(a.presenceId, b.presenceId) ||
    compare(a.throughId, b.throughId) ||
    compare(a.zone, b.zone)
  );
}

/** By code units: the same everywhere, whatever the locale. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Of at least one. Who shares a line with the case on several days mostly rides as on the first, so what is wrong about one of
 * these rides is wrong about all: of one line the likeliest counts. Lines are taken to be independent.
 */
function anyOf(scene: Scene, exposures: readonly Exposure[]): number {
  const ofLine = new Map<string, number>();
  for (const { runKey, unit, probability } of exposures) {
    const line = (runKey === null ? undefined : scene.model(runKey, unit)?.run.lineId) ?? unit;
    ofLine.set(line, Math.max(ofLine.get(line) ?? 0, probability));
  }
  return 1 - [...ofLine.values()].reduce((none, probability) => none * (1 - probability), 1);
}

interface Judged {
  readonly tier: Tier;
  readonly probability: number;
}

/** The strongest tier whose probability suffices, over the exposures that count for it. */
function judged(scene: Scene, counted: readonly Exposure[]): Judged | undefined {
  const { policy, facts } = scene.input;
  const by = new Map<RuledTier, Exposure[]>();
  for (const exposure of counted) {
    const tier = tierOf(policy, scene.shared(exposure), exposure.zone, facts.severe);
    if (tier === undefined) continue;
    const list = by.get(tier);
    if (list === undefined) by.set(tier, [exposure]);
    else list.push(exposure);
  }
  const of = (...tiers: readonly RuledTier[]) =>
    anyOf(
      scene,
      tiers.flatMap((tier) => by.get(tier) ?? []),
    );
  const staff = of('staff');
  if (staff >= policy.pVerify) return { tier: 'staff', probability: of('staff', 'close', 'verify') };
  if (of('close') >= policy.pClose) return { tier: 'close', probability: of('close', 'verify') };
  const met = of('close', 'verify');
  if (met >= policy.pVerify) return { tier: 'verify', probability: met };
  const any = of('close', 'verify', 'general');
  return any >= policy.pVerify ? { tier: 'general', probability: any } : undefined;
}

export interface ContactOptions {
  readonly hop: 1 | 2;
}

/** Undefined where the person does not reach the list. */
export function contactOf(
  scene: Scene,
  person: string,
  found: readonly Exposure[],
  { hop }: ContactOptions,
): Contact | undefined {
  const { policy, zone } = scene.input;
  const exposures = found.toSorted(inOrder);
  const sure = exposures.filter(({ doubtful }) => !doubtful);
  const verdict = judgedFor(scene, sure, hop);
  const aside = verdict === undefined ? judgedFor(scene, exposures, hop) : undefined;
  const reached = verdict ?? aside;
  if (reached === undefined) return undefined;
  const counted = verdict === undefined ? exposures : sure;
  const eem = counted.reduce((sum, one) => sum + one.eem, 0);
  const lastMs = Math.max(...counted.map(({ toMs }) => toMs));
  const days = hop === 2 ? policy.secondary.followUpDays : followUpDays(policy);
  const contact = {
    person,
    tier: reached.tier,
    probability: reached.probability,
    minutes: counted.reduce((sum, one) => sum + (one.zone === 'after-leaving' ? 0 : one.minutes), 0),
    eem,
    band: bandOf(policy, eem),
    hop,
    exposures,
    firstMs: Math.min(...counted.map(({ fromMs }) => fromMs)),
    lastMs,
    followUpUntilDay: dayOf(lastMs, zone) + days,
    aside: verdict === undefined,
  };
  return { ...contact, reasons: reasonsFor(scene, contact) };
}

function judgedFor(scene: Scene, counted: readonly Exposure[], hop: 1 | 2): Judged | undefined {
  if (counted.length === 0) return undefined;
  if (hop === 1) return judged(scene, counted);
  const { policy, facts } = scene.input;
  const met = counted.filter((exposure) => {
    const tier = tierOf(policy, scene.shared(exposure), exposure.zone, facts.severe);
    return tier === 'close' || tier === 'staff';
  });
  const probability = anyOf(scene, met);
  return probability >= policy.secondary.pMin ? { tier: 'secondary', probability } : undefined;
}

/** Within a tier by exposure, then likelihood, then time; never by who somebody is. */
export function byCall(a: Contact, b: Contact): number {
  return (
    Number(a.aside) - Number(b.aside) ||
    ORDER.indexOf(a.tier) - ORDER.indexOf(b.tier) ||
    b.eem - a.eem ||
    b.probability - a.probability ||
    a.firstMs - b.firstMs ||
    compare(a.exposures[0]?.presenceId ?? '', b.exposures[0]?.presenceId ?? '')
  );
}
