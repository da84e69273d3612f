// Go.Data: contacts, contacts of contacts, and the relationships between them and their source. Source: models contact,
// contactOfContact and relationship of the Go.Data API; reference data by its built-in identifiers. Its import screen maps
// columns by hand; these are called as its own properties are, so that the mapping proposes itself.
import { dayText } from '@tongche/protocol';
import { csvFile, fileName, importCell } from './files.ts';
import type { Column } from './files.ts';
import { localDay } from './moments.ts';
import type { ContactStatus, ExportContact, ExportExposure, ExportInput, ExportPart, TextFile, Tier } from './model.ts';
import { dialled, namesOf, vitalsOf } from './person.ts';

const REFERENCE = 'LNG_REFERENCE_DATA_CATEGORY';
const FOLLOW_UP = 'LNG_REFERENCE_DATA_CONTACT_FINAL_FOLLOW_UP_STATUS_TYPE';

const RISKS: Readonly<Record<Tier, string>> = {
  close: `${REFERENCE}_RISK_LEVEL_3_HIGH`,
  staff: `${REFERENCE}_RISK_LEVEL_3_HIGH`,
  verify: `${REFERENCE}_RISK_LEVEL_2_MEDIUM`,
  general: `${REFERENCE}_RISK_LEVEL_1_LOW`,
  secondary: `${REFERENCE}_RISK_LEVEL_1_LOW`,
};
const TIER_WORDS: Readonly<Record<Tier, string>> = {
  close: 'close contact by the rule',
  verify: 'could be a close contact; to be asked',
  general: 'same conveyance, rule not met',
  secondary: 'contact of a contact',
  staff: 'staff on board',
};
const DOCUMENTS = {
  'cn-id': `${REFERENCE}_DOCUMENT_TYPE_NATIONAL_ID_CARD`,
  passport: `${REFERENCE}_DOCUMENT_TYPE_PASSPORT`,
  slip: `${REFERENCE}_DOCUMENT_TYPE_OTHER`,
  card: `${REFERENCE}_DOCUMENT_TYPE_OTHER`,
} as const;
const GENDERS = { male: `${REFERENCE}_GENDER_MALE`, female: `${REFERENCE}_GENDER_FEMALE` } as const;

const HIGH_FROM = 0.7;
const MEDIUM_FROM = 0.3;

function certainty(probability: number): string {
  const level = probability >= HIGH_FROM ? '3_HIGH' : probability >= MEDIUM_FROM ? '2_MEDIUM' : '1_LOW';
  return `${REFERENCE}_CERTAINTY_LEVEL_${level}`;
}

function followUpStatus(status: ContactStatus): string {
  if (status === 'released') return `${FOLLOW_UP}_FOLLOW_UP_COMPLETED`;
  return `${FOLLOW_UP}_UNDER_FOLLOW_UP`;
}

/** A calendar day as its interface takes dates. */
function isoDay(day: string): string {
  return `${day}T00:00:00.000Z`;
}

/** A record and its cells are one list: path of the property, value; empty ones are left out of the record. */
type Field = readonly [path: string, value: string | boolean];

function personFields(contact: ExportContact, input: ExportInput): readonly Field[] {
  const { id, person, tier } = contact;
  const { first, last } = namesOf(person, id);
  const { sex, birthDate } = vitalsOf(person);
  return [
    ['visualId', id],
    ['firstName', first],
    ['lastName', last],
    ['gender', sex === null ? '' : GENDERS[sex]],
    ['dob', birthDate === null ? '' : isoDay(birthDate)],
    ['documents[0].type', person.document === null ? '' : DOCUMENTS[person.document.kind]],
    ['documents[0].number', person.document?.number ?? ''],
    ['addresses[0].typeId', `${REFERENCE}_ADDRESS_TYPE_USUAL_PLACE_OF_RESIDENCE`],
    ['addresses[0].addressLine1', person.address],
    ['addresses[0].phoneNumber', dialled(person.phone)],
    ['riskLevel', RISKS[tier]],
    ['riskReason', riskText(contact)],
    ['dateOfReporting', isoDay(localDay(input.atMs, input.zone))],
    ['dateOfLastContact', isoDay(localDay(contact.lastMs, input.zone))],
  ];
}

function riskText({ tier, probability, minutes, eem, band, remark }: ExportContact): string {
  const weight = eem === null ? '' : `; ${eem.toFixed(1)} exposure-equivalent min${band === null ? '' : ` (${band})`}`;
  const said = remark === '' ? '' : `; ${remark}`;
  return `${TIER_WORDS[tier]}; probability ${probability.toFixed(2)}; ${minutes.toFixed(1)} min expected${weight}${said}`;
}

function followUpFields({ lastMs, followUpUntilDay, status }: ExportContact, { zone }: ExportInput): readonly Field[] {
  const isFollowed = followUpUntilDay !== null && status !== 'withdrawn' && status !== 'converted';
  const start = isFollowed ? isoDay(localDay(lastMs, zone)) : '';
  return [
    ['followUp.originalStartDate', start],
    ['followUp.startDate', start],
    ['followUp.endDate', isFollowed ? isoDay(dayText(followUpUntilDay)) : ''],
    ['followUp.status', isFollowed ? followUpStatus(status) : ''],
  ];
}

/** One a shared stay: its cluster is the run, so that everybody on one run stands together. */
function relationFields(contact: ExportContact, exposure: ExportExposure, input: ExportInput): readonly Field[] {
  const { line, plate, unit, runKey, fromStop, toStop, minutes } = exposure;
  const vehicle = [line?.en ?? '', plate ?? unit.en].filter(Boolean).join(' ');
  const stops = fromStop === null && toStop === null ? '' : ` ${fromStop?.en ?? '?'} - ${toStop?.en ?? '?'}`;
  return [
    // Whoever is no contact of the case is never tied to it, known or not through whom.
    ['sourcePerson', contact.throughId ?? (contact.tier === 'secondary' ? '' : input.caseNo)],
    ['targetPerson', contact.id],
    ['dateOfFirstContact', isoDay(localDay(exposure.fromMs, input.zone))],
    ['contactDate', isoDay(localDay(exposure.toMs, input.zone))],
    ['contactDateEstimated', false],
    ['certaintyLevelId', certainty(exposure.probability)],
    ['socialRelationshipDetail', `same vehicle: ${vehicle}${stops}`],
    ['clusterId', runKey ?? ''],
    ['comment', `${minutes.toFixed(1)} min expected together`],
  ];
}

/** `addresses[0].phoneNumber` and its like, nested; empty values are not there. */
function record(fields: readonly Field[]): object {
  const root: Record<string, unknown> = {};
  for (const [path, value] of fields) {
    if (value === '') continue;
    const keys = path.split(/\.|\[0\]\.?/).filter(Boolean);
    const isList = path.includes('[0]');
    const [outer = '', inner] = keys;
    if (inner === undefined) root[outer] = value;
    else {
      const kept = root[outer];
      const held = (isList ? (kept as object[] | undefined)?.[0] : kept) as Record<string, unknown> | undefined;
      const next = held ?? {};
      next[inner] = value;
      root[outer] = isList ? [next] : next;
    }
  }
  return root;
}

interface List {
  readonly part: ExportPart;
  readonly records: readonly (readonly Field[])[];
}

function listsOf(input: ExportInput): readonly List[] {
  const own = input.contacts.filter(({ tier }) => tier !== 'secondary');
  const further = input.contacts.filter(({ tier }) => tier === 'secondary');
  const relations = input.contacts.flatMap((contact) =>
    contact.exposures.map((exposure) => relationFields(contact, exposure, input)),
  );
  const contacts = own.map((contact) => [...personFields(contact, input), ...followUpFields(contact, input)]);
  return [
    { part: 'contacts', records: contacts },
    { part: 'contacts-of-contacts', records: further.map((contact) => personFields(contact, input)) },
    { part: 'relationships', records: relations },
  ];
}

function jsonFile(input: ExportInput, { part, records }: List): TextFile {
  // A program reads this, and JSON escapes what no file can carry: nothing is added to anybody's name.
  const text = `${JSON.stringify(records.map(record), null, 2)}\n`;
  const name = fileName(input, `go-data-${part}`, 'json');
  return { part, name, type: 'application/json', encoding: 'utf-8', text, rows: records.length };
}

function tableFile(input: ExportInput, { part, records }: List): TextFile {
  const heads = records[0]?.map(([path]) => path) ?? ['visualId'];
  const columns = heads.map((head, at): Column<readonly Field[]> => ({
    head,
    cell: (fields) => importCell(String(fields[at]?.[1] ?? '')),
  }));
  const parts = { part, name: fileName(input, `go-data-${part}`, 'csv'), encoding: 'utf-8' } as const;
  return csvFile(parts, columns, records, { lineEnd: '\r\n' });
}

/** Three files: contacts; contacts of contacts, which it keeps apart; relationships to the source, one a shared stay. */
export function goDataFiles(input: ExportInput, as: 'json' | 'csv'): readonly TextFile[] {
  return listsOf(input).map((list) => (as === 'json' ? jsonFile(input, list) : tableFile(input, list)));
}
