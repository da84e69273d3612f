// Calls to the platform. Refusals become `ApiError` with the catalogue's code and texts.
import type {
  Batch,
  BatchList,
  CodeList,
  CodeRow,
  Correction,
  CorrectRun,
  DoubtList,
  ErrorBody,
  ImportList,
  ImportQuery,
  ImportReport,
  IssueCodes,
  Overview,
  PrintJob,
  PrintRequest,
  Retention,
  RunChoices,
  StaffSession,
  VehicleDetail,
  VehicleList,
} from '@tongche/contract';
import { ApiError, makeCall } from '@tongche/ui';
import { noLineId } from './lines.ts';
import type { Params } from './router.ts';

const base = '/operator/api';
const answerWithinMs = 30_000;
/** A network of a hundred megabytes is read and compared before the answer. */
const importWithinMs = 10 * 60_000;

const call = makeCall(base, answerWithinMs);
const slowCall = makeCall(base, importWithinMs);
const staffCall = makeCall('/staff', answerWithinMs);

export function query(params: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(params).filter((entry): entry is [string, string | number] => {
    const [, value] = entry;
    return value !== undefined && value !== '';
  });
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

/** Comes last, after `limit`. No line at all is asked for by an empty one. */
function lineQuery(line: string | undefined): string {
  return line === undefined ? '' : `&line=${line === noLineId ? '' : encodeURIComponent(line)}`;
}

const unit = (unitId: string): string => `/vehicles/${encodeURIComponent(unitId)}`;
const importAt = (importId: string): string => `/imports/${encodeURIComponent(importId)}`;

/** Sends a file as it is; `onProgress` hears the part that has left, 0 to 1. */
function upload(params: ImportQuery, file: Blob, onProgress: (part: number) => void): Promise<ImportReport> {
  return new Promise((resolve, reject) => {
    // Only XMLHttpRequest tells how much of a body has gone; office lines are slow upwards.
    const request = new XMLHttpRequest();
    request.open('POST', `${base}/imports${query(params)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.timeout = importWithinMs;
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    const unreachable = { zh: '没有网络，或服务器没有回应。', en: 'No network, or the server does not answer.' };
    const fail = () => reject(new ApiError('offline', unreachable));
    request.addEventListener('error', fail);
    request.addEventListener('timeout', fail);
    request.addEventListener('load', () => {
      const answer: unknown = request.response;
      if (request.status >= 200 && request.status < 300) return resolve(answer as ImportReport);
      const { code = 'internal', message = unreachable } = (answer as ErrorBody | null)?.error ?? {};
      return reject(new ApiError(code, message));
    });
    request.send(file);
  });
}

export const api = {
  session: () => staffCall<StaffSession>('GET', '/session'),
  signIn: (account: string, password: string) => staffCall<StaffSession>('POST', '/session', { account, password }),
  signOut: () => staffCall<undefined>('DELETE', '/session'),
  overview: (date: string | undefined) => call<Overview>('GET', `/overview${query({ date })}`),
  vehicles: (params: Params, after: string | undefined, limit: number) =>
    call<VehicleList>(
      'GET',
      `/vehicles${query({ ...params, line: undefined, after, limit })}${lineQuery(params['line'])}`,
    ),
  doubts: (params: Params, after: string | undefined, limit: number) =>
    call<DoubtList>('GET', `/doubts${query({ ...params, line: undefined, after, limit })}${lineQuery(params['line'])}`),
  vehicle: (unitId: string, date: string | undefined) =>
    call<VehicleDetail>('GET', `${unit(unitId)}${query({ date })}`),
  runChoices: (unitId: string, date: string | undefined, line: string | undefined) =>
    call<RunChoices>('GET', `${unit(unitId)}/runs${query({ date, line })}`),
  correct: (body: CorrectRun) => call<Correction>('POST', '/corrections', body),
  codes: (params: Params, after: string | undefined, limit: number) =>
    call<CodeList>('GET', `/codes${query({ ...params, after, limit })}`),
  issue: (body: IssueCodes) => slowCall<Batch>('POST', '/codes', body),
  moveCode: (code: string, unitId: string, fromMs: number | undefined) =>
    call<CodeRow>('POST', `/codes/${code}/move`, { unitId, ...(fromMs === undefined ? {} : { fromMs }) }),
  replaceCode: (code: string) => call<CodeRow>('POST', `/codes/${code}/replace`, {}),
  revokeCode: (code: string) => call<CodeRow>('POST', `/codes/${code}/revoke`, {}),
  batches: () => call<BatchList>('GET', '/batches'),
  print: (body: PrintRequest) => slowCall<PrintJob>('POST', '/prints', body),
  printJob: (printId: string) => call<PrintJob>('GET', `/prints/${encodeURIComponent(printId)}`),
  upload,
  imports: () => call<ImportList>('GET', '/imports'),
  applyImport: (importId: string, mode: 'all-or-nothing' | 'good-rows') =>
    slowCall<ImportReport>('POST', `${importAt(importId)}/apply`, { mode }),
  retention: () => call<Retention>('GET', '/retention'),
};

/** Addresses of files to download. */
export const files = {
  batch: (batchId: number) => `${base}/batches/${batchId}/codes.csv`,
  print: (printId: string) => `${base}/prints/${encodeURIComponent(printId)}/file`,
  badRows: (importId: string) => `${base}${importAt(importId)}/bad-rows`,
  exported: (kind: string, format: string) => `${base}/exports/${kind}${query({ format })}`,
};
