// What is wrong with a row of an imported file, said so that its owner can mend it.

export type RowReason =
  | 'missing-file'
  /** Neither text nor a spreadsheet the reader knows, or a damaged one. */
  | 'unreadable-file'
  | 'too-large'
  /** Letters that are damaged: the text is neither good UTF-8 nor good GB 18030. */
  | 'bad-encoding'
  | 'missing-column'
  | 'missing-value'
  | 'bad-row'
  | 'bad-number'
  | 'bad-time'
  | 'bad-date'
  | 'bad-plate'
  | 'bad-code'
  | 'unknown-value'
  | 'unknown-reference'
  | 'duplicate'
  /** Contradicts what is stored. */
  | 'conflict'
  | 'out-of-order';

/** `line` counts from 1 and names the line on which the row ends; 0 where the whole file is meant. */
export type RowError = {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly reason: RowReason;
};

/** Errors kept one by one; a file in the wrong shape fails on every row and nobody reads past the first screens. */
export const MAX_ROW_ERRORS = 1_000;

/** Collects errors up to the limit and counts the rest. */
export type ErrorList = { readonly errors: RowError[]; total: number };

export function newErrorList(): ErrorList {
  return { errors: [], total: 0 };
}

export function addError(list: ErrorList, error: RowError): void {
  list.total += 1;
  if (list.errors.length < MAX_ROW_ERRORS) list.errors.push(error);
}
