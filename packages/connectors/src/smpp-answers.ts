// What a message centre's error statuses mean for a message (SMPP 3.4, 5.1.3): data, because operators differ.
import type { Fault } from './gateway.ts';

export interface SmppVerdict {
  readonly fault: Fault;
  readonly retry: boolean;
}

/** Our account or the message centre itself; the number has nothing to do with it. */
const provider: ReadonlyMap<number, boolean> = new Map([
  [0x04, true], // ESME_RINVBNDSTS: not bound (any more)
  [0x08, true], // ESME_RSYSERR
  [0x0a, false], // ESME_RINVSRCADR: our sender is not allowed
  [0x0d, true], // ESME_RBINDFAIL
  [0x0e, true], // ESME_RINVPASWD
  [0x0f, true], // ESME_RINVSYSID
  [0x45, true], // ESME_RSUBMITFAIL
  [0x64, true], // ESME_RX_T_APPN: temporary
]);

/** `retry` is what the status means, not what helps: everything else is this message's own fault and final. */
export function smppVerdict(status: number): SmppVerdict {
  const retry = provider.get(status);
  return retry === undefined ? { fault: 'message', retry: false } : { fault: 'provider', retry };
}
