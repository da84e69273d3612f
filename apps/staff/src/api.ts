// Calls to the platform. Same origin, cookie session; refusals become `ApiError` with the catalogue's code and texts.
import type { AssistToken, LiveState, Shift, ShiftSummary, StaffSession } from '@tongche/contract';
import { makeCall } from '@tongche/ui';

/** A tunnel should not freeze the page. */
const answerWithinMs = 8_000;
const call = makeCall('/staff', answerWithinMs);

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
