// SORMAS: contacts as its contact import reads them, and their exposures beside them. Source: properties of ContactDto,
// PersonDto and ExposureDto of the SORMAS project (version 1.60 and later); enumerations by name, a header of property paths.
import { dayText } from '@tongche/protocol';
import { csvFile, fileName, importCell } from './files.ts';
import type { Column } from './files.ts';
import { localDay, localMoment } from './moments.ts';
import type { ContactStatus, ExportContact, ExportExposure, ExportInput, Means, TextFile, Tier } from './model.ts';
import { dialled, namesOf, vitalsOf } from './person.ts';

/** SORMAS reads dates in the order of its user's language: English of the USA and of everybody else. */
export type DateOrder = 'month-first' | 'day-first';

/** Its names of diseases; what it does not know is OTHER, with the name beside it. */
const DISEASES: Readonly<Record<string, string>> = {
  'covid-19': 'CORONAVIRUS',
  influenza: 'INFLUENZA',
  measles: 'MEASLES',
  meningococcal: 'INVASIVE_MENINGOCOCCAL_INFECTION',
  mpox: 'MONKEYPOX',
  plague: 'PLAGUE',
  tuberculosis: 'TUBERCULOSIS',
};

/** The rule decides; who must be asked first is not classed before. */
const CATEGORIES: Readonly<Record<Tier, string>> = {
  close: 'HIGH_RISK',
  staff: 'HIGH_RISK',
  verify: '',
  general: 'LOW_RISK',
  secondary: '',
};

/** There is a value for seats in an aircraft only; of the others a room is the nearest. */
const PROXIMITIES: Readonly<Record<Tier, string>> = {
  close: 'SAME_ROOM',
  staff: 'SAME_ROOM',
  verify: '',
  general: '',
  secondary: '',
};

const CLASSIFICATIONS: Readonly<Record<ContactStatus, string>> = {
  listed: 'UNCONFIRMED',
  messaged: 'UNCONFIRMED',
  delivered: 'UNCONFIRMED',
  acknowledged: 'UNCONFIRMED',
  'not-reached': 'UNCONFIRMED',
  reached: 'CONFIRMED',
  'handed-over': 'CONFIRMED',
  observed: 'CONFIRMED',
  released: 'CONFIRMED',
  converted: 'CONFIRMED',
  withdrawn: 'NO_CONTACT',
};

const MEANS: Readonly<Record<Means, string>> = {
  bus: 'LOCAL_PUBLIC_TRANSPORT',
  carriage: 'TRAIN',
  taxi: 'OTHER',
  coach: 'BUS',
  ferry: 'FERRY',
  station: '',
};

function contactStatus(status: ContactStatus): string {
  if (status === 'converted') return 'CONVERTED';
  return status === 'withdrawn' ? 'DROPPED' : 'ACTIVE';
}

function followUpStatus({ status, followUpUntilDay }: ExportContact): string {
  if (status === 'withdrawn' || status === 'converted') return 'CANCELED';
  if (status === 'released') return 'COMPLETED';
  return followUpUntilDay === null ? 'NO_FOLLOW_UP' : 'FOLLOW_UP';
}

/** '2026-11-18 08:12' as that installation reads it. */
function inOrder(iso: string, order: DateOrder): string {
  const [, year, month, day, rest = ''] = /^(\d{4})-(\d{2})-(\d{2})(.*)$/.exec(iso) ?? [];
  return order === 'month-first' ? `${month}/${day}/${year}${rest}` : `${day}/${month}/${year}${rest}`;
}

const SEXES = { male: 'MALE', female: 'FEMALE' } as const;

function caseColumns(
  { caseNo, pathogen, atMs, zone }: ExportInput,
  order: DateOrder,
): readonly Column<ExportContact>[] {
  const disease = pathogen === null ? '' : (DISEASES[pathogen] ?? 'OTHER');
  return [
    { head: 'caseIdExternalSystem', cell: () => importCell(caseNo) },
    { head: 'disease', cell: () => disease },
    { head: 'diseaseDetails', cell: () => (disease === 'OTHER' ? importCell(pathogen ?? '') : '') },
    { head: 'reportDateTime', cell: () => inOrder(localMoment(atMs, zone), order) },
  ];
}

function contactColumns({ zone }: ExportInput, order: DateOrder): readonly Column<ExportContact>[] {
  const day = (ms: number): string => inOrder(localDay(ms, zone), order);
  const isLong = ({ firstMs, lastMs }: ExportContact): boolean => localDay(firstMs, zone) !== localDay(lastMs, zone);
  return [
    { head: 'multiDayContact', cell: (contact) => String(isLong(contact)) },
    { head: 'firstContactDate', cell: (contact) => (isLong(contact) ? day(contact.firstMs) : '') },
    { head: 'lastContactDate', cell: ({ lastMs }) => day(lastMs) },
    { head: 'contactIdentificationSource', cell: () => 'OTHER' },
    { head: 'contactIdentificationSourceDetails', cell: () => 'ride registration' },
    { head: 'contactProximity', cell: ({ tier }) => PROXIMITIES[tier] },
    { head: 'contactProximityDetails', cell: (contact) => importCell(certaintyText(contact)) },
    { head: 'contactCategory', cell: ({ tier }) => CATEGORIES[tier] },
    { head: 'contactClassification', cell: ({ status }) => CLASSIFICATIONS[status] },
    { head: 'contactStatus', cell: ({ status }) => contactStatus(status) },
    { head: 'followUpStatus', cell: followUpStatus },
    {
      head: 'followUpUntil',
      cell: ({ followUpUntilDay }) => (followUpUntilDay === null ? '' : inOrder(dayText(followUpUntilDay), order)),
    },
    // Without this its own period for the disease would take the place of the policy's.
    { head: 'overwriteFollowUpUntil', cell: ({ followUpUntilDay }) => String(followUpUntilDay !== null) },
    { head: 'relationToCase', cell: () => 'OTHER' },
    { head: 'relationDescription', cell: () => 'same vehicle' },
    { head: 'description', cell: ({ exposures }) => importCell(exposures.map(rideText).join('; ')) },
    { head: 'externalID', cell: ({ id }) => importCell(id) },
    { head: 'additionalDetails', cell: ({ remark }) => importCell(remark) },
  ];
}

/** How sure, how long, how heavy: one line, which SORMAS keeps as text. */
function certaintyText({ probability, minutes, eem, band }: ExportContact): string {
  const weight = eem === null ? '' : `, ${eem.toFixed(1)} exposure-equivalent min${band === null ? '' : ` (${band})`}`;
  return `probability ${probability.toFixed(2)}, ${minutes.toFixed(1)} min expected together${weight}`;
}

function rideText({ line, plate, unit, runKey, fromStop, toStop }: ExportExposure): string {
  const stops = fromStop === null && toStop === null ? '' : `: ${fromStop?.en ?? '?'} - ${toStop?.en ?? '?'}`;
  return [line?.en ?? '', plate ?? unit.en, runKey === null ? '' : `run ${runKey}`].filter(Boolean).join(' ') + stops;
}

function personColumns(): readonly Column<ExportContact>[] {
  return [
    { head: 'person.firstName', cell: ({ person, id }) => importCell(namesOf(person, id).first) },
    { head: 'person.lastName', cell: ({ person, id }) => importCell(namesOf(person, id).last) },
    {
      head: 'person.sex',
      cell: ({ person }) => {
        const { sex } = vitalsOf(person);
        return sex === null ? 'UNKNOWN' : SEXES[sex];
      },
    },
    ...birthColumns(),
    { head: 'person.phone', cell: ({ person }) => importCell(dialled(person.phone)) },
    {
      head: 'person.passportNumber',
      cell: ({ person: { document } }) => (document?.kind === 'passport' ? importCell(document.number) : ''),
    },
    {
      head: 'person.nationalHealthId',
      cell: ({ person: { document } }) => (document?.kind === 'cn-id' ? importCell(document.number) : ''),
    },
    { head: 'person.address.additionalInformation', cell: ({ person }) => importCell(person.address) },
  ];
}

/** SORMAS keeps a birthday as three numbers. */
function birthColumns(): readonly Column<ExportContact>[] {
  const part = (at: 0 | 1 | 2): ((contact: ExportContact) => string) => {
    return ({ person }) => {
      const text = vitalsOf(person).birthDate?.split('-')[at];
      return text === undefined ? '' : String(Number(text));
    };
  };
  return [
    { head: 'person.birthdateYYYY', cell: part(0) },
    { head: 'person.birthdateMM', cell: part(1) },
    { head: 'person.birthdateDD', cell: part(2) },
  ];
}

interface Stay {
  readonly contact: ExportContact;
  readonly exposure: ExportExposure;
}

function exposureColumns({ zone }: ExportInput, order: DateOrder): readonly Column<Stay>[] {
  const moment = (ms: number): string => inOrder(localMoment(ms, zone), order);
  return [
    { head: 'contact.externalID', cell: ({ contact }) => importCell(contact.id) },
    { head: 'startDate', cell: ({ exposure }) => moment(exposure.fromMs) },
    { head: 'endDate', cell: ({ exposure }) => moment(exposure.toMs) },
    { head: 'exposureType', cell: () => 'TRAVEL' },
    {
      head: 'typeOfPlace',
      cell: ({ exposure: { means } }) => (means === 'station' ? 'PUBLIC_PLACE' : 'MEANS_OF_TRANSPORT'),
    },
    { head: 'meansOfTransport', cell: ({ exposure: { means } }) => (means === null ? 'OTHER' : MEANS[means]) },
    { head: 'meansOfTransportDetails', cell: ({ exposure: { means } }) => (means === 'taxi' ? 'taxi' : '') },
    {
      head: 'connectionNumber',
      cell: ({ exposure: { line, plate, unit } }) =>
        importCell([line?.en ?? '', plate ?? unit.en].filter(Boolean).join(' ')),
    },
    { head: 'seatNumber', cell: ({ exposure: { row } }) => (row === null ? '' : `row ${row}`) },
    { head: 'indoors', cell: () => 'YES' },
    { head: 'wearingMask', cell: () => 'UNKNOWN' },
    { head: 'shortDistance', cell: () => 'UNKNOWN' },
    { head: 'description', cell: ({ exposure }) => importCell(rideText(exposure)) },
  ];
}

/**
 * Two files: contacts, for its import of contacts, and exposures, one a row, for people and for programs that speak to its
 * interface (its CSV import has no exposures). Contacts of contacts have no place in SORMAS and are in neither.
 */
export function sormasFiles(input: ExportInput, order: DateOrder = 'month-first'): readonly TextFile[] {
  const contacts = input.contacts.filter(({ tier }) => tier !== 'secondary');
  const stays = contacts.flatMap((contact) => contact.exposures.map((exposure) => ({ contact, exposure })));
  const columns = [...caseColumns(input, order), ...contactColumns(input, order), ...personColumns()];
  const style = { separator: ';', lineEnd: '\r\n' } as const;
  const named = <Part extends 'contacts' | 'exposures'>(part: Part) => ({
    part,
    name: fileName(input, `sormas-${part}`, 'csv'),
    encoding: 'utf-8' as const,
  });
  return [
    csvFile(named('contacts'), columns, contacts, style),
    csvFile(named('exposures'), exposureColumns(input, order), stays, style),
  ];
}
