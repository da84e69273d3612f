// Cases as investigators enter them, sign for them and look at what was found.
import type { CaseView, ContactPage, ContactView, OrderView, TraceView } from '@tongche/contract';
import { dayOf, dayText } from '@tongche/protocol';
import { get, post, signed, startMs, zone } from './kit.ts';
import type { Person, World } from './kit.ts';

export const today = dayText(dayOf(startMs, zone));

/** A confirmed case of today by telephone number, unless told otherwise. */
export function enterCase(world: World, phones: readonly string[], changes: object = {}): Promise<CaseView> {
  const subjects = phones.map((value) => ({ kind: 'phone', value }));
  const body = { caseNo: 'C-1', status: 'confirmed', purpose: 'trace', subjects, from: today, to: today, ...changes };
  return post<CaseView>(world, world.people.lin, '/cases', body);
}

export function askOrder(world: World, { caseId }: CaseView): Promise<OrderView> {
  return post<OrderView>(world, world.people.lin, `/cases/${caseId}/orders`, {});
}

/** Signs `hash`, which is the order's own unless somebody signs something else. */
export async function signOrder(world: World, order: OrderView, who: Person, hash = order.orderHash) {
  const assertion = await signed(who, hash);
  return post<OrderView>(world, who, `/orders/${order.orderHash}/signatures`, { assertion });
}

/** Asked for, signed by both, and done. */
export async function traceCase(world: World, one: CaseView): Promise<void> {
  const order = await askOrder(world, one);
  for (const who of [world.people.lin, world.people.chen]) await signOrder(world, order, who);
  await world.vault.idle();
}

export async function tracedCase(world: World, phones: readonly string[], changes: object = {}): Promise<CaseView> {
  const one = await enterCase(world, phones, changes);
  await traceCase(world, one);
  return one;
}

export const viewOf = (world: World, { caseId }: CaseView) =>
  get<CaseView>(world, world.people.lin, `/cases/${caseId}`);
export const traceOf = (world: World, { caseId }: CaseView) =>
  get<TraceView>(world, world.people.lin, `/cases/${caseId}/trace`);

/** `query` as in `&aside=true`. */
export async function contactsOf(world: World, { caseId }: CaseView, query = ''): Promise<readonly ContactView[]> {
  const path = `/cases/${caseId}/contacts?limit=500${query}`;
  return (await get<ContactPage>(world, world.people.lin, path)).contacts;
}

/** As lists show a number. */
export const masked = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`;

/** Kinds of what stands in the public log by now. */
export function loggedKinds(world: World): readonly string[] {
  return world.registrar.log.map((line) => (JSON.parse(line) as { kind: string }).kind);
}
