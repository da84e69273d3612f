// Processes of one kind on several hosts that share what they know: whichever answers is asked.
import type { TSchema } from 'typebox';
import { RemoteError } from './client.ts';
import type { CallOptions, InternalClient } from './client.ts';

/**
 * Asks the client that answered last, and the next ones in turn while nobody answers. A call whose answer was lost on the way
 * may so be made twice: every internal interface bears that. Closing it closes all.
 */
export function firstOf(clients: readonly InternalClient[]): InternalClient {
  let first = 0;

  async function ask<T>(call: (client: InternalClient) => Promise<T>): Promise<T> {
    let lost: unknown = new RemoteError(0, 'unreachable');
    for (let tried = 0; tried < clients.length; tried += 1) {
      const at = first;
      const client = clients[at];
      if (client === undefined) break;
      try {
        return await call(client);
      } catch (error) {
        if (!(error instanceof RemoteError) || error.code !== 'unreachable') throw error;
        lost = error;
        // Another call may have moved on already.
        if (first === at) first = (at + 1) % clients.length;
      }
    }
    throw lost;
  }

  return {
    get: async (path: string, reply?: TSchema, options?: CallOptions) =>
      ask(async (client) => (reply === undefined ? client.get(path) : client.get(path, reply, options))),
    post: async (path: string, body: unknown, reply?: TSchema, options?: CallOptions) =>
      ask(async (client) => (reply === undefined ? client.post(path, body) : client.post(path, body, reply, options))),
    stream: async (path, body, options) => ask(async (client) => client.stream(path, body, options)),
    file: async (path, body, options) => ask(async (client) => client.file(path, body, options)),
    async close() {
      await Promise.all(clients.map(async (client) => client.close()));
    },
  };
}
