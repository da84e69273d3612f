// Tables that people open in a spreadsheet: the one CSV writer of the repository, and what keeps a cell from being run.
export { csvText } from './csv.ts';
export type { CsvCell, CsvStyle } from './csv.ts';
export { carried } from './carried.ts';
export { guard, isNumberLike, unguard } from './guard.ts';
export { isolate } from './isolate.ts';
