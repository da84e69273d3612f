// By which rule a case is traced, and what the engine is told of the case.
import { NO_FACTS, Refusal } from '@tongche/contract';
import type { PolicyRef, PolicyView } from '@tongche/contract';
import { dayOf, dayStartMs, dayText } from '@tongche/protocol';
import { followUpDays, policies, policyById, policyFor, windowOf } from '@tongche/tracing';
import type { CaseFacts, Policy, Presence, Span, StopEvidence } from '@tongche/tracing';
import type { Config } from '../config.ts';
import type { CaseDoc } from './model.ts';

export interface PolicyDoc {
  readonly id: string;
  readonly version: number;
}

/** Throws Refusal no-policy. `asked` undefined: the city's default, the one begun last where none is in force. */
export function choose(
  config: Config,
  asked: { readonly pathogen: string; readonly jurisdiction: string } | undefined,
  nowMs: number,
): Policy {
  const { zone } = config.authority;
  const day = dayText(dayOf(nowMs, zone));
  const { pathogen, jurisdiction } = asked ?? config.tracing;
  const found = policyFor(pathogen, jurisdiction, day);
  if (found !== undefined) return found;
  if (asked !== undefined) throw new Refusal('no-policy');
  const begun = policies
    .filter((one) => one.pathogen === pathogen && one.jurisdiction === jurisdiction && one.validFrom <= day)
    .toSorted((a, b) => (a.validFrom < b.validFrom ? 1 : -1));
  if (begun[0] === undefined) throw new Refusal('no-policy');
  return begun[0];
}

/** The rule a case was entered under; of cases of before there were any, the city's default. */
export function policyOf(config: Config, { policy }: Pick<CaseDoc, 'policy'>, nowMs: number): Policy {
  const kept = policy === undefined ? undefined : (policyById(policy.id, policy.version) ?? policyById(policy.id));
  return kept ?? choose(config, undefined, nowMs);
}

export function policyRef({ id, version, pathogen, jurisdiction, name }: Policy): PolicyRef {
  return { id, version, pathogen, jurisdiction, name };
}

/** Rules as a form offers them: those in force first, then by pathogen and day. */
export function policyViews(config: Config, nowMs: number): readonly PolicyView[] {
  const day = dayText(dayOf(nowMs, config.authority.zone));
  const isNow = ({ validFrom, validTo }: Policy): boolean => validFrom <= day && (validTo === null || day <= validTo);
  const standard = choose(config, undefined, nowMs);
  return policies
    .toSorted(
      (a, b) =>
        Number(isNow(b)) - Number(isNow(a)) ||
        (a.pathogen === b.pathogen ? (a.validFrom < b.validFrom ? 1 : -1) : a.pathogen < b.pathogen ? -1 : 1),
    )
    .map((one) => ({
      ...policyRef(one),
      validFrom: one.validFrom,
      validTo: one.validTo,
      inForce: isNow(one),
      isDefault: one.id === standard.id,
      anchors: [...one.window.anchors],
      beforeDays: one.window.beforeDays,
      afterDays: one.window.afterDays,
      minOverlapMin: one.minOverlapMin,
      followUpDays: followUpDays(one),
      urbanByDefault: one.urbanByDefault,
      secondary: one.secondary.follow,
      remarks: [...one.remarks],
      sources: one.sources.map(({ fields, text, standing }) => ({ fields: [...fields], text, standing })),
    }));
}

/** What interviews told of the case. */
export interface ToldDoc {
  readonly legs: readonly Presence[];
  readonly interviewed: Readonly<Record<string, StopEvidence>>;
  readonly struck: readonly string[];
  readonly soleUser: boolean;
}

export interface Ruling {
  readonly policy: Policy;
  readonly facts: CaseFacts;
  /** Undefined where none of the days counts: nobody is sought. */
  readonly span: Span | undefined;
  /** No date the rule counts from is known: the days of the order are the days that count. */
  readonly byOrder: boolean;
  readonly untilMs: number;
}

/** `days`: those of the order; what lies beyond was not signed for. */
export function rulingOf(
  config: Config,
  doc: CaseDoc,
  days: { readonly fromDay: number; readonly toDay: number },
  told: ToldDoc & { readonly persons: readonly string[] },
  nowMs: number,
): Ruling {
  const { zone } = config.authority;
  const policy = policyOf(config, doc, nowMs);
  const facts: CaseFacts = { ...(doc.facts ?? NO_FACTS), ...told };
  // To the end of today: the same trace within the day, and clocks of phones may be ahead.
  const untilMs = dayStartMs(dayOf(nowMs, zone) + 1, zone);
  const window = windowOf(policy, facts, zone, untilMs);
  if (window.ok) return { policy, facts, span: window.value, byOrder: false, untilMs };
  if (window.code === 'empty-window') return { policy, facts, span: undefined, byOrder: false, untilMs };
  const ordered: Policy = { ...policy, window: { anchors: ['infectious'], beforeDays: 0, afterDays: 0 } };
  const within: CaseFacts = { ...facts, infectious: { lo: days.fromDay, hi: days.toDay } };
  const span = windowOf(ordered, within, zone, untilMs);
  return { policy: ordered, facts: within, span: span.ok ? span.value : undefined, byOrder: true, untilMs };
}
