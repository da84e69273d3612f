// Calls to casework, which passes them to the vault. Refusals become `ApiError` with the catalogue's code and texts.
import type {
  AskExport,
  Assertion,
  CaseFacts,
  CaseView,
  CaseworkSession,
  ContactPage,
  ContactView,
  FindingsView,
  InterviewView,
  ExportList,
  ExportView,
  KeysReply,
  LogView,
  MessageBatch,
  MessagePreview,
  NetworkReply,
  NewCase,
  OrderView,
  PickRequest,
  PolicyView,
  RosterReply,
  ToldRide,
  TraceView,
} from '@tongche/contract';
import { makeCall } from '@tongche/ui';
import { takeFile } from './take-file.ts';

/** Approving ten thousand messages takes seconds. */
const answerWithinMs = 60_000;
const call = makeCall('/api', answerWithinMs);

const at = (caseId: string) => `/cases/${encodeURIComponent(caseId)}`;

export interface Reveal {
  readonly value: string;
  readonly reach: string | null;
  readonly name: string;
  readonly hideAfterMs: number;
}

/** Every page of the list, or of those set aside. */
async function allContacts(caseId: string, aside: boolean): Promise<readonly ContactView[]> {
  const contacts: ContactView[] = [];
  for (let after: number | null = 0; after !== null;) {
    const query = `limit=500${after > 0 ? `&after=${after}` : ''}${aside ? '&aside=true' : ''}`;
    const page: ContactPage = await call('GET', `${at(caseId)}/contacts?${query}`);
    contacts.push(...page.contacts);
    after = page.next;
  }
  return contacts;
}

export const api = {
  session: () => call<CaseworkSession>('GET', '/session'),
  signIn: (account: string, password: string) => call<CaseworkSession>('POST', '/session', { account, password }),
  signOut: () => call<undefined>('DELETE', '/session'),
  cases: () => call<readonly CaseView[]>('GET', '/cases'),
  addCase: (body: NewCase) => call<CaseView>('POST', '/cases', body),
  policies: () => call<{ readonly policies: readonly PolicyView[] }>('GET', '/policies'),
  correctFacts: (caseId: string, facts: CaseFacts) => call<CaseView>('POST', `${at(caseId)}/facts`, { facts }),
  network: (q: string) => call<NetworkReply>('GET', `/network?q=${encodeURIComponent(q)}`),
  findings: (caseId: string) => call<FindingsView>('GET', `${at(caseId)}/findings`),
  interview: (caseId: string) => call<InterviewView>('GET', `${at(caseId)}/interview`),
  addTold: (caseId: string, told: ToldRide) => call<InterviewView>('POST', `${at(caseId)}/interview/legs`, told),
  pickTold: (caseId: string, legId: string, wish: PickRequest) =>
    call<InterviewView>('POST', `${at(caseId)}/interview/legs/${encodeURIComponent(legId)}/picks`, wish),
  removeTold: (caseId: string, legId: string) =>
    call<InterviewView>('POST', `${at(caseId)}/interview/legs/${encodeURIComponent(legId)}/remove`, {}),
  strikeRide: (caseId: string, rideId: string, struck: boolean) =>
    call<InterviewView>('POST', `${at(caseId)}/interview/rides/${encodeURIComponent(rideId)}`, { struck }),
  numberUse: (caseId: string, soleUser: boolean) =>
    call<InterviewView>('POST', `${at(caseId)}/interview/number`, { soleUser }),
  decideGap: (caseId: string, gapId: string, confirmed: boolean) =>
    call<InterviewView>('POST', `${at(caseId)}/interview/gaps/${encodeURIComponent(gapId)}`, { confirmed }),
  oneCase: (caseId: string) => call<CaseView>('GET', at(caseId)),
  askOrder: (caseId: string) => call<OrderView>('POST', `${at(caseId)}/orders`, {}),
  signOrder: (orderHash: string, assertion: Assertion) =>
    call<OrderView>('POST', `/orders/${orderHash}/signatures`, { assertion }),
  trace: (caseId: string) => call<TraceView>('GET', `${at(caseId)}/trace`),
  allContacts,
  includeRide: (caseId: string, rideId: string, included: boolean, reason: string) =>
    call<unknown>('POST', `${at(caseId)}/rides/${encodeURIComponent(rideId)}/include`, { included, reason }),
  includeContacts: (caseId: string, contactIds: readonly string[], included: boolean, reason: string) =>
    call<unknown>('POST', `${at(caseId)}/contacts/include`, { contactIds, included, reason }),
  reveal: (caseId: string, contactId: string, reason: string, assertion: Assertion) =>
    call<Reveal>('POST', `${at(caseId)}/contacts/${encodeURIComponent(contactId)}/reveal`, { reason, assertion }),
  outcome: (caseId: string, contactId: string, outcome: string, detail: string) =>
    call<unknown>('POST', `${at(caseId)}/contacts/${encodeURIComponent(contactId)}/outcome`, { outcome, detail }),
  preview: (caseId: string, batch: MessageBatch) =>
    call<MessagePreview>('POST', `${at(caseId)}/messages/preview`, batch),
  approve: (caseId: string, batch: MessageBatch, assertion: Assertion) =>
    call<{ readonly queued: number; readonly skipped: number }>('POST', `${at(caseId)}/messages`, { batch, assertion }),
  resend: (caseId: string, contactId: string, reason: string) =>
    call<unknown>('POST', `${at(caseId)}/messages/${encodeURIComponent(contactId)}/resend`, { reason }),
  exports: (caseId: string) => call<ExportList>('GET', `${at(caseId)}/exports`),
  askExport: (caseId: string, wish: AskExport) => call<ExportView>('POST', `${at(caseId)}/exports`, wish),
  signExport: (caseId: string, exportHash: string, assertion: Assertion) =>
    call<ExportView>('POST', `${at(caseId)}/exports/${exportHash}/signatures`, { assertion }),
  takeExport: (caseId: string, exportHash: string, part: ExportView['parts'][number]) =>
    takeFile(`${at(caseId)}/exports/${exportHash}/files/${part}`),
  closeCase: (caseId: string) => call<CaseView>('POST', `${at(caseId)}/close`, {}),
  keys: () => call<KeysReply>('GET', '/keys'),
  log: (from: number) => call<LogView>('GET', `/log?from=${from}&limit=200`),
  roster: () => call<RosterReply>('GET', '/roster'),
  passkeyOptions: () => call<object>('POST', '/passkeys/options', {}),
  addPasskey: (response: object) => call<RosterReply>('POST', '/passkeys', { response }),
  demoSign: (hash: string) => call<Assertion>('POST', '/demo/sign', { hash }),
};
