// Facts of a person in the form other systems ask for.
import { dayFromText } from '@tongche/protocol';
import type { ExportPerson } from './model.ts';

const CN_ID = /^\d{6}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dX]$/;

/**
 * Sex and birthday, where they were given or the resident identity number says them (GB 11643-1999: digits 7 to 14 are the
 * birthday, an odd digit 17 is male). Nothing else is read from a number, and the place in it least of all.
 */
export function vitalsOf({ sex, birthDate, document }: ExportPerson): Pick<ExportPerson, 'sex' | 'birthDate'> {
  const [, year, month, day, order] = (document?.kind === 'cn-id' && CN_ID.exec(document.number)) || [];
  if (order === undefined) return { sex, birthDate };
  const date = `${year}-${month}-${day}`;
  return {
    sex: sex ?? (Number(order) % 2 === 1 ? 'male' : 'female'),
    birthDate: birthDate ?? (isDate(date) ? date : null),
  };
}

/** Days before 1970 are days too. */
function isDate(text: string): boolean {
  return dayFromText(text).ok || (text < '1970' && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)));
}

/** A national number of mainland China, or 00 and the country's: digits only, so that nothing takes it for a sum. */
export function dialled(phone: string): string {
  if (phone === '') return '';
  return /^861\d{10}$/.test(phone) ? phone.slice(2) : `00${phone}`;
}

/**
 * Given and family name for systems that demand both. Only spaces tell where one ends; a name without any stands whole as
 * the family name, and nobody without a name is given one: they are called by their number in the list.
 */
export function namesOf({ name }: ExportPerson, id: string): { readonly first: string; readonly last: string } {
  if (name.trim() === '') return { first: NO_NAME, last: id };
  const space = /^[^\s\p{Script=Han}]+(?: [^\s\p{Script=Han}]+)+$/u.test(name) ? name.lastIndexOf(' ') : -1;
  return space < 0 ? { first: NO_NAME, last: name } : { first: name.slice(0, space), last: name.slice(space + 1) };
}

/** Nomen nescio: no name is known. */
const NO_NAME = 'N.N.';
