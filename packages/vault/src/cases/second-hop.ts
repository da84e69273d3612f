// Contacts of contacts, where the rule follows them and the order's depth allows: the close contacts' own rides are matched by
// their tags, and everybody around those asked for, as far as the order goes.
import { RemoteError } from '@tongche/http';
import { dayOf } from '@tongche/protocol';
import type { SubjectKind } from '@tongche/protocol';
import { windowsFor } from '@tongche/tracing';
import type { Trace, Window } from '@tongche/tracing';
import type { DaySlots } from '../keys/day-slots.ts';
import type { OpenedRide } from '../opening/packed.ts';
import type { OpenOrder } from './access.ts';
import { inputOf, knownOf } from './assemble.ts';
import type { Told } from './assemble.ts';
import type { Asking } from './asking.ts';
import type { Subject } from './model.ts';
import { allPresences, sourceOf } from './presences.ts';
import type { Ruling } from './rules.ts';
import { tagsOf } from './tags.ts';

/** Persons in one request: their tags of a day fit into it (contract: MatchRequest). */
const PERSONS_AT_ONCE = 3;

export interface Through {
  readonly subject: Subject;
  readonly person: string;
  /** When they were first exposed: what they rode before is nobody's business. */
  readonly fromMs: number;
}

function subjectOf(person: string): Subject | undefined {
  const [standing, kind, value] = person.split('|');
  if (standing !== 'proven' || kind === undefined || value === undefined) return undefined;
  return { kind: kind as SubjectKind, value };
}

/** Close contacts whose number is proven, in calling order. */
export function throughOf(found: Trace | undefined, max: number): readonly Through[] {
  const close = (found?.contacts ?? []).filter(({ tier, hop, aside }) => tier === 'close' && hop === 1 && !aside);
  return close
    .flatMap(({ person, firstMs }) => {
      const subject = subjectOf(person);
      return subject === undefined ? [] : [{ subject, person, fromMs: firstMs }];
    })
    .slice(0, max);
}

export interface SecondHop {
  readonly told: Told;
  readonly order: OpenOrder;
  readonly ruling: Ruling;
  readonly zone: string;
  readonly days: DaySlots;
  readonly asking: Asking;
  readonly openAll: () => Promise<ReadonlyMap<string, OpenedRide | null>>;
}

function isLimit(error: unknown): boolean {
  return error instanceof RemoteError && error.code === 'order-limit';
}

/** Adds what the operator answers to the gathered; marks it as narrowed where the order allows no more. */
export async function gatherSecond(hop: SecondHop, through: readonly Through[]): Promise<void> {
  const { told, order, ruling, zone, days, asking } = hop;
  const { gathered } = told;
  for (let at = 0; at < through.length; at += PERSONS_AT_ONCE) {
    const some = through.slice(at, at + PERSONS_AT_ONCE);
    const fromDay = dayOf(Math.min(...some.map(({ fromMs }) => fromMs)), zone);
    const within = { ...order.doc.order, fromDay: Math.max(fromDay, order.doc.order.fromDay) };
    const tags = tagsOf(
      within,
      some.map(({ subject }) => subject),
      days,
    );
    try {
      gathered.add(await asking.match(order, tags.byDay), true);
    } catch (error) {
      if (!isLimit(error)) throw error;
      gathered.isNarrowed = true;
      break;
    }
  }
  const source = sourceOf(allPresences(knownOf({ ...told, opened: await hop.openAll() })));
  const input = inputOf(gathered, ruling, zone);
  const wished = through.flatMap(({ person, fromMs }): readonly Window[] => {
    const rides = [...source.of(person, fromMs, ruling.untilMs)];
    const facts = { ...ruling.facts, persons: [person], legs: [], interviewed: {}, struck: [], soleUser: false };
    return windowsFor({ ...input, facts }, { fromMs, toMs: ruling.untilMs }, { rides, included: new Set() });
  });
  await asking.fetch(order.row.orderHash, gathered, { needed: [], wished, likely: [] });
}
