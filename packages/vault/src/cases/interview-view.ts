// What interviews say, in the words and the shape that the console shows.
import type { InterviewView, ToldRide } from '@tongche/contract';
import { dayText } from '@tongche/protocol';
import { patternWords, sharingWords } from '@tongche/tracing';
import type { Name, Sharing, Weekday } from '@tongche/tracing';
import type { OpenOrder } from './access.ts';
import type { CaseDoc } from './model.ts';
import { interviewOf, ownLegs } from './told.ts';
import type { InterviewDoc, OfferedDay, PickDoc, ToldLegDoc } from './told.ts';

export function toldWords(weekdays: readonly Weekday[], minute: number, what: Name | null, places: Places): Name {
  const [when, where] = [patternWords(weekdays, minute, what), placeWords(places)];
  return { zh: `${when.zh}${where.zh}`, en: `${when.en}${where.en}` };
}

type Places = Pick<ToldRide, 'from' | 'to'>;

function placeWords({ from, to }: Places): Name {
  const words = (zh: string, en: string) => ({ zh, en });
  if (from === null && to === null) return words('', '');
  if (to === null) return words(`，${from?.zh}上车`, `, from ${from?.en}`);
  if (from === null) return words(`，${to.zh}下车`, `, to ${to.en}`);
  return words(`，${from.zh}→${to.zh}`, `, ${from.en} to ${to.en}`);
}

function dayView(
  { leg }: ToldLegDoc,
  found: OfferedDay,
  picks: readonly PickDoc[],
): InterviewView['legs'][number]['days'][number] {
  const done = picks.find((one) => one.legId === leg.id && one.day === found.day);
  return {
    day: dayText(found.day),
    state: found.state,
    none: found.none,
    candidates: found.candidates.map(({ runKey, unit, vehicle, probability, text, recorded }) => ({
      runKey,
      unitId: unit,
      vehicle,
      probability,
      text,
      recorded: recorded !== null,
    })),
    byTime: found.candidates.length === 0 && leg.about.of === 'boarding' ? [...(leg.units ?? [])] : [],
    picked:
      done === undefined
        ? null
        : { runKey: done.runKey, unitId: done.unit, isNone: done.picked === null, by: done.by, atMs: done.atMs },
  };
}

function numberView({ soleUser = false }: InterviewDoc, sharing: Sharing | undefined): InterviewView['number'] {
  if (soleUser) return { soleUser, probability: 0, text: null };
  if (sharing === undefined || sharing.days.length === 0) return null;
  return { soleUser, probability: sharing.probability, text: sharingWords(sharing) };
}

export function interviewView(doc: CaseDoc, order: OpenOrder | undefined): InterviewView {
  const interview = interviewOf(doc);
  const trace = order?.doc.trace;
  const dismissed = new Set(interview.dismissed);
  const included = Object.keys(order?.doc.included ?? {}).length;
  return {
    legs: interview.legs.map((one) => ({
      legId: one.leg.id,
      text: one.text,
      note: one.note,
      by: one.by,
      atMs: one.atMs,
      days: one.days.map((found) => dayView(one, found, interview.picks)),
    })),
    gaps: (trace?.gaps ?? [])
      .filter(({ id }) => !dismissed.has(id))
      .map(({ id, code, day, confidence, text, told }) => ({
        gapId: id,
        code,
        day: dayText(day),
        confidence,
        text,
        canAsk: told !== null,
      })),
    wrong: (trace?.wrong ?? []).map(({ presenceId, code, confidence, text }) => ({
      rideId: presenceId,
      struck: interview.struck?.includes(presenceId) === true,
      code,
      confidence,
      text,
    })),
    number: numberView(interview, trace?.sharing),
    windowsLeft: Math.max(0, (order?.doc.order.maxExtraWindows ?? 0) - included - ownLegs(interview)),
  };
}
