// A file that cannot be read as a table at all; caught where tables are read and told as an error of the file.
import type { RowReason } from './row-error.ts';

export type FileReason = Extract<RowReason, 'unreadable-file' | 'too-large' | 'bad-encoding'>;

export class TableFault extends Error {
  readonly reason: FileReason;

  constructor(reason: FileReason) {
    super(reason);
    this.reason = reason;
  }
}
