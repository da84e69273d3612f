// A tracer and an approver without a browser: they enter a case, ask for the order, sign it in their two roles and read the
// ranked list, over the console's own interface.
import type {
  Assertion,
  CaseView,
  ContactPage,
  ContactView,
  MessageBatch,
  MessagePreview,
  NewCase,
  OrderView,
} from '@tongche/contract';
import { fromBase64Url, unwrap, type Bytes } from '@tongche/protocol';
import { openCaller, type Caller } from '../phone/caller.ts';

export interface Signer {
  sign(hash: Bytes): Promise<Assertion>;
}
export interface Person {
  readonly account: string;
  readonly password: string;
  readonly signer: Signer;
}
export interface CaseRun {
  readonly one: CaseView;
  readonly contacts: readonly ContactView[];
}

const pageSize = 500;
/** A trace takes seconds; after this long something is wrong. */
const traceWithinMs = 120_000;
const askEveryMs = 25;

export class ConsoleRefused extends Error {
  readonly body: unknown;
  constructor(path: string, status: number, body: unknown) {
    super(`${path} answered ${status}`);
    this.name = 'ConsoleRefused';
    this.body = body;
  }
}

export interface Console {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  close(): Promise<void>;
}

/** Signs a person in and keeps the session. `host` is the name the console insists on. */
export async function openConsole(origin: string, person: Person): Promise<Console> {
  const { hostname, port, host } = new URL(origin);
  // Names below .localhost are loopback by definition, also where the resolver does not know them.
  const caller: Caller = openCaller(hostname.endsWith('.localhost') ? `http://127.0.0.1:${port}` : origin, 4);
  let cookie = '';
  async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const answer = await caller.call(method, `/api${path}`, {
      ...(body === undefined ? {} : { json: body }),
      headers: { host, origin, ...(cookie === '' ? {} : { cookie }) },
    });
    if (answer.status > 299) throw new ConsoleRefused(path, answer.status, answer.body);
    if (answer.cookie !== undefined) cookie = answer.cookie;
    return answer.body as T;
  }
  await call('POST', '/session', { account: person.account, password: person.password });
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    close: () => caller.close(),
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Enters a case, has it signed by both people and waits for its list. */
export async function traceCase(
  tracer: { console: Console; signer: Signer },
  approver: { console: Console; signer: Signer },
  body: NewCase,
): Promise<CaseRun> {
  const made = await tracer.console.post<CaseView>('/cases', body);
  const order = await tracer.console.post<OrderView>(`/cases/${made.caseId}/orders`, {});
  const hash = unwrap(fromBase64Url(order.orderHash));
  for (const person of [tracer, approver]) {
    await person.console.post<OrderView>(`/orders/${order.orderHash}/signatures`, {
      assertion: await person.signer.sign(hash),
    });
  }
  const untilMs = performance.now() + traceWithinMs;
  let one = made;
  while (one.order?.state !== 'done') {
    if (one.order?.state === 'failed' || performance.now() > untilMs)
      throw new Error(
        `the trace of ${body.caseNo} ended as ${one.order?.state ?? 'nothing'}: ${one.order?.failure ?? 'no answer in time'}`,
      );
    await pause(askEveryMs);
    one = await tracer.console.get<CaseView>(`/cases/${made.caseId}`);
  }
  return { one, contacts: await allContacts(tracer.console, made.caseId) };
}

export async function allContacts(console: Console, caseId: string): Promise<readonly ContactView[]> {
  const contacts: ContactView[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: ContactPage = await console.get(
      `/cases/${caseId}/contacts?limit=${pageSize}${after > 0 ? `&after=${after}` : ''}`,
    );
    contacts.push(...page.contacts);
    after = page.next;
  }
  return contacts;
}

/** Approves messages to these contacts with the approver's signature. */
export async function sendMessages(
  approver: { console: Console; signer: Signer },
  caseId: string,
  batch: MessageBatch,
): Promise<{ queued: number; skipped: number }> {
  const preview = await approver.console.post<MessagePreview>(`/cases/${caseId}/messages/preview`, batch);
  const assertion = await approver.signer.sign(unwrap(fromBase64Url(preview.batchHash)));
  return approver.console.post(`/cases/${caseId}/messages`, { batch, assertion });
}
