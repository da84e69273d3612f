// Calls to the platform. Same origin, cookie session; refusals become `ApiError` with the catalogue's code and texts.
import type { AssistToken, ErrorBody, LiveState, Shift, ShiftSummary, StaffSession } from '@tongche/contract';

export class ApiError extends Error {
  readonly code: string;
  readonly texts: { readonly zh: string; readonly en: string };
  constructor(code: string, texts: { readonly zh: string; readonly en: string }) {
    super(code);
    this.code = code;
    this.texts = texts;
  }
}

const offlineTexts = { zh: '没有网络。', en: 'There is no network.' };
/** A tunnel should not freeze the page: a call without an answer is given up. */
const callTimeoutMs = 8_000;

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/staff${path}`, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(callTimeoutMs),
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new ApiError('offline', offlineTexts);
  }
  const text = await response.text();
  const json = text === '' ? undefined : (JSON.parse(text) as unknown);
  if (!response.ok) {
    const error = (json as ErrorBody | undefined)?.error;
    throw new ApiError(error?.code ?? 'internal', error?.message ?? offlineTexts);
  }
  return json as T;
}

export const api = {
  session: () => call<StaffSession>('GET', '/session'),
  signIn: (account: string, password: string) => call<StaffSession>('POST', '/session', { account, password }),
  signOut: () => call<undefined>('DELETE', '/session'),
  take: (code: string) => call<Shift>('POST', '/shifts', { code }),
  endShift: (shiftId: number) => call<ShiftSummary>('DELETE', `/shifts/${shiftId}`),
  startTrip: (shiftId: number, dir: number) => call<Shift>('POST', `/shifts/${shiftId}/trip`, { dir }),
  endTrip: (shiftId: number) => call<ShiftSummary>('DELETE', `/shifts/${shiftId}/trip`),
  live: (shiftId: number) => call<LiveState>('GET', `/shifts/${shiftId}/live.json`),
  assistToken: (shiftId: number) => call<AssistToken>('POST', `/shifts/${shiftId}/assist-token`),
};
