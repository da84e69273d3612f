// A trace: the days that count, the case's rides in them, everybody who shared a space with it, and, where the policy says
// so, those whom the close ones met afterwards.
import { byCall, contactOf } from './contacts.ts';
import { infectiousnessAt, windowOf } from './infectious.ts';
import { ownRides } from './own-rides.ts';
import { LOOK_BACK_MS, ridesOfCase } from './rides.ts';
import { sceneOf } from './scene.ts';
import type { Scene } from './scene.ts';
import { search } from './search.ts';
import { isOwn, NOT_SHARED, sharingOf } from './sharing.ts';
import { searchTrains, trainRides } from './station-search.ts';
import type { Contact, Exposure, Presence, Trace, TraceInput } from './types.ts';

/** Named in every trace: another engine may answer otherwise from the same inputs. */
export const ENGINE = 'tongche-tracing/3';

class Found {
  readonly by = new Map<string, Exposure[]>();

  readonly keep = (person: string, exposure: Exposure): void => {
    const list = this.by.get(person);
    if (list === undefined) this.by.set(person, [exposure]);
    else list.push(exposure);
  };

  contacts(scene: Scene, hop: 1 | 2): readonly Contact[] {
    return [...this.by].flatMap(([person, exposures]) => contactOf(scene, person, exposures, { hop }) ?? []);
  }
}

function secondHop(scene: Scene, first: readonly Contact[], persons: ReadonlySet<string>): readonly Contact[] {
  const { source, world, untilMs } = scene.input;
  const listed = new Set([...persons, ...first.map(({ person }) => person)]);
  const found = new Found();
  const through = first.filter(({ tier, aside }) => tier === 'close' && !aside).toSorted(byCall);
  for (const { person, probability, firstMs, exposures } of through) {
    const fromMs = Math.min(...exposures.map(({ boardedMs }) => boardedMs));
    const rides = [...source.of(person, fromMs, untilMs)].filter(({ doubtful }) => !doubtful);
    for (const ride of ownRides(rides, world, scene.days)) {
      const options = {
        isOut: (one: string) => listed.has(one),
        notBeforeMs: firstMs,
        dayWeight: 1,
        share: probability,
        ownShare: 1,
        isMasked: false,
      };
      search(scene, ride, options, found.keep);
    }
  }
  return found.contacts(scene, 2);
}

/**
 * Pure: the same input gives the same trace, whatever the order in which the source answers. Throws RangeError with the
 * code of `windowOf` where the case has no date the policy counts from.
 */
export function trace(input: TraceInput): Trace {
  const { policy, facts, zone, untilMs } = input;
  const window = windowOf(policy, facts, zone, untilMs);
  if (!window.ok) throw new RangeError(window.code);
  const scene = sceneOf(input);
  const persons = new Set(facts.persons);
  const { fromMs, toMs } = window.value;
  const registered = facts.persons.flatMap((person) => [...input.source.of(person, fromMs - LOOK_BACK_MS, toMs)]);
  const { own, counted: legs } = ridesOfCase(scene, window.value, registered);
  const sharing =
    facts.soleUser === true ? NOT_SHARED : sharingOf(own, input.world, { zone, shared: input.priors.shared });
  const found = new Found();
  const optionsOf = (ride: Presence) => {
    const ownShare = isOwn(ride) ? 1 : sharing.ownShare;
    return {
      isOut: (person: string) => persons.has(person),
      notBeforeMs: fromMs,
      dayWeight: infectiousnessAt(policy, facts.onset, ride.boardedMs, zone),
      share: ownShare,
      ownShare,
      isMasked: facts.masked === true,
    };
  };
  for (const leg of legs) search(scene, leg, optionsOf(leg), found.keep);
  for (const ride of trainRides(scene, legs)) searchTrains(scene, ride, optionsOf(ride.presence), found.keep);
  const first = found.contacts(scene, 1);
  const second = policy.secondary.follow ? secondHop(scene, first, persons) : [];
  return {
    engine: ENGINE,
    policy: { id: policy.id, version: policy.version },
    priors: input.priors.version,
    window: window.value,
    contacts: [...first, ...second].toSorted(byCall),
    sharing,
    legs,
  };
}
