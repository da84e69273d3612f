// A contact as it is kept in a case: who it is, as its records say, and what the engine found of it.
import type { Contact, Exposure } from '@tongche/tracing';
import type { OpenedRide } from '../opening/packed.ts';
import type { Gathered } from './gathered.ts';
import type { ContactDoc, LegDoc } from './model.ts';

/** Minutes to a tenth, shares to a thousandth: what is written is what people can tell apart. */
function tenths(minutes: number): number {
  return Math.round(minutes * 10) / 10;
}
function thousandths(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}

function legDoc(exposure: Exposure, gathered: Gathered): LegDoc {
  const run = exposure.runKey === null ? undefined : gathered.runs.get(exposure.runKey);
  const unit = gathered.units.get(exposure.unit);
  const stop = (seq: number | null) => run?.stops.find((one) => one.seq === seq)?.name ?? null;
  return {
    presenceId: exposure.presenceId,
    throughId: exposure.throughId,
    unit: exposure.unit,
    runKey: exposure.runKey,
    boardedMs: gathered.rides.get(exposure.presenceId)?.boardedMs ?? exposure.boardedMs,
    fromSeq: exposure.fromSeq,
    toSeq: exposure.toSeq,
    fromMs: Math.round(exposure.fromMs),
    toMs: Math.round(exposure.toMs),
    minutes: tenths(exposure.minutes),
    probability: thousandths(exposure.probability),
    eem: tenths(exposure.eem),
    zone: exposure.zone,
    basis: exposure.basis,
    caseBasis: exposure.caseBasis,
    timeline: exposure.timeline,
    party: exposure.party,
    // Met on a train, wherever they registered for it.
    ...(unit === undefined ? {} : { kind: exposure.zone === 'same-train' ? 'carriage' : unit.kind }),
    unitLabel: unit?.label ?? { zh: exposure.unit, en: exposure.unit },
    plate: unit?.plate ?? null,
    line: run?.line?.name ?? null,
    fromStop: stop(exposure.fromSeq),
    toStop: stop(exposure.toSeq),
    doubts: gathered.rides.get(exposure.presenceId)?.doubts ?? [],
  };
}

/** Who somebody is, as far as their records say. `rides`: at least one, all of one person. */
function identityOf(rides: readonly OpenedRide[]) {
  const first = rides[0];
  if (first === undefined) throw new Error('a contact has a ride');
  const { kind, subject } = first.contact;
  const own = rides.filter(({ contact }) => kind === 'phone' && !contact.flags.assisted && !contact.flags.companion);
  const assisted = rides.filter(({ contact }) => contact.flags.assisted || contact.kind !== 'phone');
  const companion = rides.find(({ contact }) => contact.flags.companion);
  const isForged = !first.tagFits;
  const openid = own.find(({ contact }) => contact.openid !== '')?.contact.openid;
  return {
    kind,
    value: subject.toString(),
    reach: rides.find(({ contact }) => contact.reach > 0n)?.contact.reach.toString() ?? '',
    ...(openid === undefined ? {} : { openid }),
    name: rides.find(({ contact }) => contact.name !== '')?.contact.name ?? '',
    verified: !isForged && own.length > 0,
    assisted: !isForged && own.length === 0 && assisted.length > 0,
    forged: isForged,
    holder: own.length === 0 && companion !== undefined ? (companion.contact.holder?.toString() ?? '') : '',
  };
}

export function contactDoc(found: Contact, rides: readonly OpenedRide[], gathered: Gathered): ContactDoc {
  const doubtful = found.exposures.filter((one) => one.doubtful);
  const sure = found.exposures.filter((one) => !one.doubtful);
  const beside = found.aside ? [] : doubtful;
  return {
    ...identityOf(rides),
    tier: found.tier,
    probability: thousandths(found.probability),
    minutes: tenths(found.minutes),
    eem: tenths(found.eem),
    band: found.band,
    hop: found.hop,
    followUpUntilDay: found.followUpUntilDay,
    legs: (found.aside ? doubtful : sure).map((one) => legDoc(one, gathered)),
    ...(beside.length === 0 ? {} : { doubtfulLegs: beside.map((one) => legDoc(one, gathered)) }),
    ...(found.aside ? { doubtful: true } : {}),
    ...(found.exposures.some(({ zone }) => zone === 'served-area') ? { staff: true } : {}),
    reasons: found.reasons,
    outcome: null,
  };
}
