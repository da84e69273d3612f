// Somebody of the casework staff without a browser: signed in over the console's API, with a development key at hand.
import { openConsole } from '@tongche/simulator';
import type { Console, Signer } from '@tongche/simulator';
import { at } from './at.ts';
import type { City } from './city.ts';

export interface ConsoleDesk {
  readonly console: Console;
  readonly signer: Signer;
}
type Role = 'tracer' | 'approver';

/** The first of the role's demonstration accounts. */
export function accountOf({ accounts }: City, role: Role): City['accounts']['casework'][number] {
  return at(
    accounts.casework.filter((each) => each.role === role),
    0,
  );
}

export async function consoleDesk(city: City, role: Role): Promise<ConsoleDesk> {
  const { password } = accountOf(city, role);
  const signer = city.signers[role];
  return { console: await openConsole(city.urls.casework, { account: role, password, signer }), signer };
}
