// One city at one compliance, ready to be asked by every method.
import type { Attraction, Priors } from '@tongche/tracing';
import type { City } from '../city/city.ts';
import { attractionOf } from '../observe/attraction.ts';
import { notesOf, phoneNotesOf } from '../observe/notes.ts';
import type { NoteShare, PhoneNotes } from '../observe/notes.ts';
import { presencesOf } from '../observe/presences.ts';
import { observe } from '../observe/registrations.ts';
import type { Registrations } from '../observe/registrations.ts';
import { timelinesOf } from '../observe/timelines.ts';
import type { Timelines } from '../observe/timelines.ts';
import { drawCases, trueCase } from '../score/truth.ts';
import type { TrueCase } from '../score/truth.ts';
import type { Asking } from './engine.ts';

export interface Setting {
  readonly city: City;
  readonly compliance: number;
  readonly registrations: Registrations;
  readonly timelines: Timelines;
  readonly attraction: Attraction;
  readonly cases: readonly TrueCase[];
  readonly phones: PhoneNotes;
}

export function settingOf(city: City, compliance: number, caseCount = city.parameters.epidemic.cases): Setting {
  const registrations = observe(city, compliance);
  const timelines = timelinesOf(city, 1);
  const attraction = attractionOf(city, registrations, timelines);
  const cases = drawCases(city, caseCount).map((person) => trueCase(city, registrations, person));
  const phones = phoneNotesOf(city, registrations, timelines);
  return { city, compliance, registrations, timelines, attraction, cases, phones };
}

/** The engine's inputs: a share of the runs has a timeline, phones wrote such notes. */
export function askingOf(setting: Setting, priors: Priors, known: number, notes: NoteShare): Asking {
  const { city, registrations, attraction } = setting;
  const timelines = known === 1 ? setting.timelines : timelinesOf(city, known);
  const phones = known === 1 ? setting.phones : phoneNotesOf(city, registrations, timelines);
  const presences = presencesOf(registrations, timelines, notesOf(registrations, phones, notes));
  return { city, registrations, timelines, presences, priors, attraction };
}
