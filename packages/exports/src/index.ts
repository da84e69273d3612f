// Contacts on their way to another system: one list, written in the form that system takes in. Pure: no I/O, no clock.
import { goDataFiles } from './go-data.ts';
import type { ExportInput, ExportPart, TextFile } from './model.ts';
import { registerFiles } from './register.ts';
import { sormasFiles } from './sormas.ts';

export type {
  Band,
  ContactStatus,
  ExportContact,
  ExportExposure,
  ExportInput,
  ExportPart,
  ExportPerson,
  Means,
  TextFile,
  Tier,
} from './model.ts';

export const EXPORT_FORMATS = [
  'sormas',
  'sormas-day-first',
  'go-data-json',
  'go-data-csv',
  'register-utf8',
  'register-gb18030',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Which files a format has, whoever is in them. */
export const EXPORT_PARTS: Readonly<Record<ExportFormat, readonly ExportPart[]>> = {
  sormas: ['contacts', 'exposures'],
  'sormas-day-first': ['contacts', 'exposures'],
  'go-data-json': ['contacts', 'contacts-of-contacts', 'relationships'],
  'go-data-csv': ['contacts', 'contacts-of-contacts', 'relationships'],
  'register-utf8': ['register'],
  'register-gb18030': ['register'],
};

/** The files of a format; each contact stands in at least one of them, except contacts of contacts, whom SORMAS has no place for. */
export function exportFiles(format: ExportFormat, input: ExportInput): readonly TextFile[] {
  switch (format) {
    case 'sormas':
      return sormasFiles(input, 'month-first');
    case 'sormas-day-first':
      return sormasFiles(input, 'day-first');
    case 'go-data-json':
      return goDataFiles(input, 'json');
    case 'go-data-csv':
      return goDataFiles(input, 'csv');
    case 'register-utf8':
      return registerFiles(input, 'utf-8');
    case 'register-gb18030':
      return registerFiles(input, 'gb18030');
    default:
      throw new Error(`unknown format ${String(format satisfies never)}`);
  }
}
