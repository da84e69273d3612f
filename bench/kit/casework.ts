// What people at the console do, over the vault's own socket: enter a case, ask for its order, sign, and see when it is traced.
import { randomBytes } from 'node:crypto';
import { CaseView, OrderView, TraceView } from '@tongche/contract';
import type { NewCase } from '@tongche/contract';
import { internalClient } from '@tongche/http';
import { dayText, fromBase64Url, unwrap } from '@tongche/protocol';
import type { InstalledVault, Role } from './vault.ts';

/** A case whose order waits for the approver. */
export interface Entered {
  readonly caseId: string;
  readonly orderHash: string;
}

export interface Desk {
  enter(phone: bigint, fromDay: number, toDay: number): Promise<Entered>;
  /** The second signature; resolves with the milliseconds until the trace has ended. */
  trace(entered: Entered): Promise<number>;
  view(entered: Entered): Promise<TraceView>;
  counts(entered: Entered): Promise<CaseView['counts']>;
  /** Whether its order was carried out. */
  isTraced(entered: Entered): Promise<boolean>;
  close(): Promise<void>;
}

const headersOf = (role: Role) => ({ headers: { 'x-actor': role, 'x-role': role } });

/** Splits a stream of events; calls `heard` with the event's name and the case it names. */
async function listen(stream: AsyncIterable<Uint8Array>, heard: (event: string, caseId: string) => void) {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const piece of stream) {
      const blocks = (rest + decoder.decode(piece, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event = ''] = /^event: (.*)$/m.exec(block) ?? [];
        const [, data = '{}'] = /^data: (.*)$/m.exec(block) ?? [];
        heard(event, String((JSON.parse(data) as { readonly caseId?: string }).caseId));
      }
    }
  } catch {
    // The vault was stopped.
  }
}

export async function openDesk({ socket, signers }: InstalledVault): Promise<Desk> {
  const client = internalClient({ socket });
  const ended = new Map<string, () => void>();
  const events = internalClient({ socket });
  void listen(await events.stream('/events'), (event, caseId) => {
    if (event !== 'contacts') return;
    ended.get(caseId)?.();
    ended.delete(caseId);
  });

  async function sign(role: Role, orderHash: string): Promise<OrderView> {
    const assertion = await signers[role].sign(unwrap(fromBase64Url(orderHash)));
    return client.post(`/orders/${orderHash}/signatures`, { assertion }, OrderView, headersOf(role));
  }
  async function caseOf({ caseId }: Entered): Promise<CaseView> {
    return client.get(`/cases/${caseId}`, CaseView, headersOf('tracer'));
  }

  return {
    async enter(phone, fromDay, toDay) {
      const body: NewCase = {
        caseNo: `B-${randomBytes(9).toString('base64url')}`,
        status: 'confirmed',
        purpose: 'trace',
        subjects: [{ kind: 'phone', value: `+${phone}` }],
        from: dayText(fromDay),
        to: dayText(toDay),
      };
      const { caseId } = await client.post('/cases', body, CaseView, headersOf('tracer'));
      const { orderHash } = await client.post(`/cases/${caseId}/orders`, {}, OrderView, headersOf('tracer'));
      await sign('tracer', orderHash);
      return { caseId, orderHash };
    },
    async trace(entered) {
      const done = new Promise<void>((resolve) => ended.set(entered.caseId, resolve));
      const beganMs = performance.now();
      await sign('approver', entered.orderHash);
      await done;
      return performance.now() - beganMs;
    },
    async view(entered) {
      const view = await client.get(`/cases/${entered.caseId}/trace`, TraceView, headersOf('tracer'));
      if (view.state === 'done') return view;
      const { order } = await caseOf(entered);
      throw new Error(`a trace ended as ${view.state}: ${order?.failure ?? 'no reason'}`);
    },
    counts: async (entered) => (await caseOf(entered)).counts,
    isTraced: async (entered) => (await caseOf(entered)).order?.state === 'done',
    async close() {
      await client.close();
      await events.close();
    },
  };
}
