// What is handed on to another health department's system: contacts as a trace and the staff who called them know them.
// Plain data; times are epoch milliseconds, minutes are minutes, shares are 0..1. Most riders have no name.
import type { SubjectKind } from '@tongche/protocol';

export interface Name {
  readonly zh: string;
  readonly en: string;
}

/** `close` the rule is met, `verify` it could be met, `general` same conveyance, `secondary` of a contact, `staff` on board. */
export type Tier = 'close' | 'verify' | 'general' | 'secondary' | 'staff';
export type Band = 'A' | 'B' | 'C';
/** What was shared. */
export type Means = 'bus' | 'carriage' | 'taxi' | 'coach' | 'ferry' | 'station';

/** How far a contact has come, as the latest word about them says. */
export type ContactStatus =
  | 'listed'
  | 'messaged'
  | 'delivered'
  | 'acknowledged'
  | 'reached'
  | 'not-reached'
  | 'handed-over'
  | 'observed'
  | 'released'
  | 'converted'
  | 'withdrawn';

export interface ExportPerson {
  /** As it was registered; '' where nobody gave one. */
  readonly name: string;
  readonly sex: 'male' | 'female' | null;
  /** YYYY-MM-DD. */
  readonly birthDate: string | null;
  /** What they registered with, as it stands in the document; null for those who registered by phone. */
  readonly document: { readonly kind: Exclude<SubjectKind, 'phone'>; readonly number: string } | null;
  /** E.164 digits without the plus; '' where there is none. */
  readonly phone: string;
  readonly address: string;
}

/** One shared stay. */
export interface ExportExposure {
  readonly means: Means | null;
  readonly line: Name | null;
  readonly plate: string | null;
  /** What people call the vehicle, carriage or hall. */
  readonly unit: Name;
  readonly runKey: string | null;
  readonly fromStop: Name | null;
  readonly toStop: Name | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly minutes: number;
  readonly probability: number;
  readonly row: number | null;
}

export interface ExportContact {
  /** Means nothing outside its case; the same in every file of one case. */
  readonly id: string;
  readonly person: ExportPerson;
  readonly tier: Tier;
  readonly probability: number;
  readonly minutes: number;
  /** Exposure-equivalent minutes and their band; null where the trace gave none. */
  readonly eem: number | null;
  readonly band: Band | null;
  /** Of `secondary`: the contact through whom; null of all others. */
  readonly throughId: string | null;
  /** At least one, in order of time. */
  readonly exposures: readonly ExportExposure[];
  readonly firstMs: number;
  readonly lastMs: number;
  /** Last local day of observation, days since 1970-01-01; null where no policy sets one. */
  readonly followUpUntilDay: number | null;
  readonly status: ContactStatus;
  /** What staff wrote about it. */
  readonly remark: string;
  /** Their registration proves the number. */
  readonly verified: boolean;
}

export interface ExportInput {
  readonly caseNo: string;
  /** Pathogen as the policy names it ('covid-19', 'measles'); null where the case names none. */
  readonly pathogen: string | null;
  /** When the list was made: date of reporting, and of the files' names. */
  readonly atMs: number;
  /** IANA zone of every date in the files. */
  readonly zone: string;
  readonly contacts: readonly ExportContact[];
}

/** Which of a format's files. */
export type ExportPart = 'contacts' | 'exposures' | 'contacts-of-contacts' | 'relationships' | 'register';

/** One file, before it is written in bytes (`@tongche/exports/encode`). */
export interface TextFile {
  readonly part: ExportPart;
  /** ASCII, safe on every system, without anything of a person. */
  readonly name: string;
  readonly type: 'text/csv' | 'application/json';
  readonly encoding: 'utf-8' | 'gb18030';
  readonly text: string;
  /** Rows or records in it. */
  readonly rows: number;
}
