// What an answer other than yes, busy or silence changes about a ride and its wallet.
import type { App } from '../app.ts';
import type { Answer } from '../ride/flow.ts';
import { CLOCK_TOLERANCE_MS } from '../ride/model.ts';
import type { Me, StoredRide } from '../ride/model.ts';
import type { RideAnswer } from '../ride/net.ts';

/** The change of the ride; a clock that is off is put right in the wallet, and the next seal follows it. */
export async function mend(app: App, answer: Answer, body: RideAnswer): Promise<Partial<StoredRide>> {
  const problem = body.error === undefined ? {} : { problem: { code: body.error.code, ...body.error.message } };
  switch (answer) {
    case 'clock-wrong': {
      const aheadMs = (body.nowMs ?? 0) - app.nowMs();
      // The clock is right: then the ride waited too long for its bytes, and says so from now on.
      if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return { queued: true };
      await app.phone.store.transact(async (tx) => {
        const me = await tx.get<Me>('me');
        if (me !== undefined) tx.put('me', { ...me, offsetMs: me.offsetMs + aheadMs });
      });
      await app.read();
      return {};
    }
    case 'tag-used':
    case 'not-admitted':
      return { status: 'held', sealed: undefined };
    case 'unknown-code':
      return { status: 'unknown', sealed: undefined };
    case 'code-revoked':
    case 'refused':
      return { status: 'refused', ...problem };
    case 'ok':
    case 'busy':
    case 'unreachable':
      break;
  }
  return {};
}
