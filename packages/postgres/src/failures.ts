// What a failed statement tells about its server: nothing, that the server may be away, or that it did nothing at all.

/** SQLSTATE, a system error's name, or ''. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** The server takes no writes: a standby, or a primary that became one. */
export const readOnlyCode = '25006';
/** What no server of a list being the primary is told as: connection exceptions, "unable to establish". */
const noPrimaryCode = '08001';

/** No server of the list answers as the primary. */
export class NoPrimary extends Error {
  readonly code = noPrimaryCode;

  constructor(pool: string, answers: readonly string[]) {
    super(`${pool}: none of the database servers is the primary (${answers.join(', ')})`);
    this.name = 'NoPrimary';
  }
}

/** A new connection led to a server that is not, or no longer, the primary. */
export class NotPrimary extends Error {
  readonly code = readOnlyCode;

  constructor(label: string) {
    super(`${label} is not the primary`);
    this.name = 'NotPrimary';
  }
}

/** Ended by an administrator, by a crash of another session, starting up; class 08 is read separately. */
const serverCodes = new Set([readOnlyCode, '57P01', '57P02', '57P03']);
const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** pg says these without a code. */
const lostPattern = /^(Connection terminated|Client (has encountered a connection error|was closed)|timeout expired)/;

/** Whether the failure is the server's being away rather than the statement's own fault. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (serverCodes.has(code) || systemCodes.has(code) || /^08[0-9A-Z]{3}$/.test(code)) return true;
  return error instanceof Error && lostPattern.test(error.message);
}
