// The tracing engine alone, over presences in memory: whole traces of cases drawn at random, one hop and two.
import { dayOf } from '@tongche/protocol';
import { defaultPriors, policyById, trace } from '@tongche/tracing';
import type { Policy, TraceInput } from '@tongche/tracing';
import { DAYS, makeColumns, sourceOf } from './columns.ts';
import type { Columns, CountingSource } from './columns.ts';
import { DAY_S, lineWorld } from './line-world.ts';
import { round } from './measure.ts';
import { mean, timesOf } from './times.ts';

const zone = 'Asia/Shanghai';
/** Monday 5 October 2026, midnight there. */
const zeroMs = Date.UTC(2026, 9, 4, 16);
const policyId = 'covid-cn-2020';
const warmUps = 30;

const world = lineWorld(zeroMs);

/** A window of all the days: it begins with the first one. */
function inputOf(person: number, source: CountingSource, policy: Policy): TraceInput {
  const firstDay = dayOf(zeroMs, zone);
  const onset = { lo: firstDay + policy.window.beforeDays, hi: firstDay + policy.window.beforeDays };
  return {
    policy,
    zone,
    facts: {
      persons: [String(person)],
      onset,
      sample: null,
      rash: null,
      infectious: null,
      isolatedMs: null,
      severe: false,
      masked: null,
      legs: [],
      interviewed: {},
    },
    source,
    world,
    priors: defaultPriors,
    untilMs: zeroMs + DAYS * DAY_S * 1000,
  };
}

/** The rider of a presence drawn at random: who rides more is more often a case. */
function drawn({ person, count }: Columns, n: number): number {
  return person[Math.floor(((n * 0.754_877_666) % 1) * count)] ?? 0;
}

function run(columns: Columns, policy: Policy, cases: number) {
  const source = sourceOf(columns, zeroMs);
  const times: number[] = [];
  const legs: number[] = [];
  const contacts: number[] = [];
  for (let n = -Math.min(warmUps, cases); n < 0; n += 1) trace(inputOf(drawn(columns, n + 100_000), source, policy));
  const lookedBefore = source.looked();
  const cpuBefore = process.cpuUsage();
  for (let n = 0; n < cases; n += 1) {
    const input = inputOf(drawn(columns, n), source, policy);
    const beganMs = performance.now();
    const found = trace(input);
    times.push(performance.now() - beganMs);
    legs.push(found.legs.length);
    contacts.push(found.contacts.length);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const looked = source.looked() - lookedBefore;
  return {
    cases,
    ...timesOf(times),
    legs: mean(legs),
    contacts: mean(contacts),
    presencesLookedAt: Math.round(looked / cases),
    cpuMicrosAPresence: round((user + system) / Math.max(1, looked)),
  };
}

export interface PureOptions {
  readonly presences: number;
  readonly cases: number;
  readonly hopCases: number;
}

export function tracePure({ presences, cases, hopCases }: PureOptions) {
  const beganMs = performance.now();
  const columns = makeColumns(presences);
  const madeInS = Math.round((performance.now() - beganMs) / 1000);
  const policy = policyById(policyId);
  if (policy === undefined) throw new Error(`no policy ${policyId}`);
  const twoHops = { ...policy, secondary: { ...policy.secondary, follow: true } };
  return {
    presences: columns.count,
    persons: columns.persons,
    units: columns.units,
    days: DAYS,
    policy: policyId,
    madeInS,
    oneHop: run(columns, { ...policy, secondary: { ...policy.secondary, follow: false } }, cases),
    twoHops: run(columns, twoHops, hopCases),
    memoryMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}
