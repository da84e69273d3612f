// What is let in as the load grows: rides before their undoing, both before the staff's screens, those before everything that
// only looks. See docs/decisions/0023-overload.md.
import type { RequestClass } from '@tongche/http';

/** A phone gives its request up after twelve seconds; a body that takes longer is nobody's. */
const bodyMs = 15_000;
const ride: RequestClass = { name: 'ride', upTo: 1, bodyMs, isQuick: true };
const undo: RequestClass = { name: 'undo', upTo: 0.9, bodyMs };
const staff: RequestClass = { name: 'staff', upTo: 0.6 };
const live: RequestClass = { ...staff, isStream: true };
const read: RequestClass = { name: 'read', upTo: 0.35 };

function isPath(url: string, path: string): boolean {
  return url === path || url.startsWith(`${path}?`);
}

/** Undefined for what is let in always: whether the process is well is never a question of load. */
export function classOfRequest(method: string, url: string): RequestClass | undefined {
  if (method === 'POST' && isPath(url, '/v1/rides')) return ride;
  if (method === 'POST' && isPath(url, '/v1/rides/undo')) return undo;
  if (isPath(url, '/healthz')) return undefined;
  if (!url.startsWith('/staff/')) return read;
  return url.startsWith('/staff/shifts/') && /^[^?]*\/live(\?|$)/.test(url) ? live : staff;
}
