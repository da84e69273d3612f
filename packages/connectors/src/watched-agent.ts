// An HTTP agent for one request that remembers whether a connection was ever made: if not, nothing can have been sent.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

export interface WatchedAgent {
  readonly agent: HttpAgent | HttpsAgent;
  /** True once bytes of the request may have left. */
  readonly wasConnected: () => boolean;
}

/** Names under .localhost are this machine (RFC 6761), also where the system's resolver does not know it. */
const lookup: LookupFunction = (hostname, options, callback) => {
  if (!/(^|\.)localhost$/i.test(hostname)) systemLookup(hostname, options, callback);
  else if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** No kept connections: one that the other side has just dropped would turn a certain "not sent" into an unknown. */
export function watchedAgent(protocol: 'http' | 'https'): WatchedAgent {
  let connected = false;
  const agent = protocol === 'https' ? new HttpsAgent({ lookup }) : new HttpAgent({ lookup });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, onCreated) => {
    const socket = connect(options, onCreated);
    const ready = protocol === 'https' ? 'secureConnect' : 'connect';
    socket?.once(ready, () => {
      connected = true;
    });
    return socket;
  };
  return { agent, wasConnected: () => connected };
}
