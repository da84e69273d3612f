// What a trace says about runs rather than people: how well the exposed ones are covered, with the draft of a public notice,
// and, backwards, on which the case can have been infected.
import type { FindingsView, TraceRun, TraceUnit } from '@tongche/contract';
import { dayOf, dayText } from '@tongche/protocol';
import { backwardRuns, coverageOf, localTime, noticeOf, weekdayOf } from '@tongche/tracing';
import type { ComparableRun, Contact, Policy, Presence, RunTimes, Trace, World } from '@tongche/tracing';
import type { Config } from '../config.ts';
import type { FactsDoc } from './facts.ts';
import type { Gathered } from './gathered.ts';
import { worldOf } from './presences.ts';

export type FindingsDoc = FindingsView;

interface Found {
  readonly config: Config;
  readonly gathered: Gathered;
  readonly trace: Trace | undefined;
  /** The case's own rides and what it told. */
  readonly own: readonly Presence[];
  readonly facts: FactsDoc | undefined;
  readonly policy: Policy;
}

interface Exposed {
  readonly leg: Presence;
  readonly run: TraceRun;
  readonly times: RunTimes;
  readonly unit: TraceUnit;
}

function exposedRuns({ gathered, trace }: Found, world: World): readonly Exposed[] {
  const found = new Map<string, Exposed>();
  for (const leg of trace?.legs ?? []) {
    const run = gathered.runs.get(leg.runKey ?? '');
    const times = world.run(leg.runKey ?? '');
    const unit = gathered.units.get(leg.unit);
    if (run !== undefined && times !== undefined && unit !== undefined) {
      found.set(`${run.runKey}|${leg.unit}`, { leg, run, times, unit });
    }
  }
  return [...found.values()];
}

/** From where to where the case can have been aboard, at the widest. */
function extentOf({ leg, times }: Exposed) {
  const { stops } = times;
  const said = leg.evidence[0];
  const from = stops.findLast(({ arrMs }) => arrMs <= leg.boardedMs) ?? stops[0];
  const to = stops.find(({ seq }) => said !== undefined && seq >= said.alightHi) ?? stops.at(-1);
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** Minutes by which runs of one hour may begin apart. */
const SAME_HOUR_MIN = 60;
const SATURDAY = 5;

/** Runs of the same line and direction at that hour of such a day which somebody counted. */
function comparableTo(run: TraceRun, { runs }: Gathered, zone: string): readonly ComparableRun[] {
  const whenOf = ({ stops }: TraceRun) => {
    const { day, minute } = localTime(stops[0]?.depMs ?? 0, zone);
    return { minute, isWeekend: weekdayOf(day) >= SATURDAY };
  };
  const when = whenOf(run);
  return [...runs.values()].flatMap((other) => {
    const { runKey, lineId, dir, heads, estimated, unitIds } = other;
    const isAlike = lineId !== null && lineId === run.lineId && dir === run.dir && unitIds.length === 1;
    if (runKey === run.runKey || !isAlike || estimated === null) return [];
    const { minute, isWeekend } = whenOf(other);
    if (isWeekend !== when.isWeekend || Math.abs(minute - when.minute) > SAME_HOUR_MIN) return [];
    return [{ registered: heads, aboard: estimated }];
  });
}

/** Fellow riders of the run that are registered, with those who travelled along. */
function othersOn(contacts: readonly Contact[], { run, unit }: Exposed): number {
  let heads = 0;
  for (const { exposures, aside } of contacts) {
    const on = exposures.find((one) => one.runKey === run.runKey && one.unit === unit.unitId);
    if (on !== undefined && !aside) heads += 1 + on.party;
  }
  return heads;
}

function coverage(found: Found, exposed: Exposed): FindingsDoc['coverage'][number] | undefined {
  const { run, unit, leg } = exposed;
  const extent = extentOf(exposed);
  if (extent === undefined) return undefined;
  const { config } = found;
  const { from, to } = extent;
  // Heads are counted per vehicle; of a train the carriage's part is not known.
  const isWhole = run.unitIds.length === 1;
  const estimated = run.estimated === null || !isWhole ? null : { heads: run.estimated, by: 'taps' as const };
  const registered = isWhole ? run.heads : othersOn(found.trace?.contacts ?? [], exposed) + 1 + leg.party;
  const counts = { runKey: run.runKey, unit: unit.unitId, registered, estimated };
  const comparable = isWhole ? comparableTo(run, found.gathered, config.authority.zone) : [];
  const covered = coverageOf({ counts, capacity: unit.capacity, comparable });
  const line = run.line?.name ?? null;
  const others = Math.max(othersOn(found.trace?.contacts ?? [], exposed), (covered.aboard?.lo ?? 0) - 1 - leg.party);
  const notice = noticeOf({
    authority: config.authority.name,
    hotline: config.notice.phone,
    line,
    plate: unit.plate,
    fromStop: from.name,
    toStop: to.name,
    fromMs: from.arrMs,
    toMs: to.depMs,
    zone: config.authority.zone,
    othersAtLeast: Math.floor(others),
  });
  const { unregistered } = covered;
  return {
    runKey: run.runKey,
    unitLabel: unit.label,
    plate: unit.plate,
    line,
    fromStop: from.name,
    toStop: to.name,
    fromMs: from.arrMs,
    toMs: to.depMs,
    registered,
    aboard: covered.aboard === null ? null : Math.round(covered.aboard.heads),
    unregistered: unregistered === null ? null : { ...unregistered, heads: Math.round(unregistered.heads) },
    advice: covered.advice,
    text: covered.text,
    notice: { isDraft: notice.kind === 'draft', text: notice.text },
  };
}

function backward(found: Found, world: World): FindingsDoc['backward'] {
  const { gathered, own, facts, policy, config } = found;
  if (facts === undefined || facts.onset === null || policy.incubation === null) return [];
  const { zone } = config.authority;
  const runs = backwardRuns({
    zone,
    incubation: policy.incubation,
    cases: [{ onset: facts.onset, presences: own }],
    world,
    heads: (runKey) => gathered.runs.get(runKey)?.estimated ?? gathered.runs.get(runKey)?.heads,
  });
  return runs.map(({ runKey, unit, fromMs, toMs, minutes, heads, share, text }) => {
    const known = gathered.units.get(unit);
    return {
      runKey,
      unitLabel: known?.label ?? { zh: unit, en: unit },
      plate: known?.plate ?? null,
      line: gathered.runs.get(runKey)?.line?.name ?? null,
      day: dayText(dayOf(fromMs, zone)),
      fromMs,
      toMs,
      minutes: Math.round(minutes),
      heads,
      share: Math.round(share * 1_000) / 1_000,
      text,
    };
  });
}

export function findingsOf(found: Found): FindingsDoc {
  const world = worldOf(found.gathered);
  return {
    coverage: exposedRuns(found, world)
      .flatMap((exposed) => coverage(found, exposed) ?? [])
      .sort((a, b) => (b.unregistered?.heads ?? 0) - (a.unregistered?.heads ?? 0) || a.fromMs - b.fromMs),
    backward: backward(found, world),
  };
}
