// Who asks, as casework's session says; it stands in two headers.
import { Refusal } from '@tongche/contract';
import type { Actor } from '../cases/common.ts';

const MAX_PERSON = 64;

/** The part of a request that names its actor. */
export interface WithHeaders {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export function actorOf(request: WithHeaders): Actor {
  const person = request.headers['x-actor'];
  const role = request.headers['x-role'];
  if (typeof person !== 'string' || typeof role !== 'string') throw new Refusal('not-signed-in');
  let name: string;
  try {
    name = decodeURIComponent(person);
  } catch {
    throw new Refusal('not-signed-in');
  }
  if (name === '' || name.length > MAX_PERSON || !/^(tracer|approver|officer)$/.test(role)) {
    throw new Refusal('not-signed-in');
  }
  return { person: name, role };
}

/** Case work is for tracers and approvers; officers see keys, log and roster. */
export function caseActor(request: WithHeaders): Actor {
  const actor = actorOf(request);
  if (actor.role === 'officer') throw new Refusal('forbidden');
  return actor;
}
