// What the vault brings to the registrar: keys, the log, notices, lists; and the receipts it takes back.
import { ReceiptsReply } from '@tongche/contract';
import type { ListPush, LogPush, NoticePush, RegistrarKeys } from '@tongche/contract';
import { internalClient } from '@tongche/http';
import type { Target } from '@tongche/http';
import { Type, type Static } from 'typebox';

const MirrorSize = Type.Object({ size: Type.Integer() });

export interface RegistrarClient {
  keys(keys: RegistrarKeys): Promise<void>;
  mirroredSize(): Promise<number>;
  log(push: LogPush): Promise<void>;
  notices(push: Static<typeof NoticePush>): Promise<void>;
  list(push: Static<typeof ListPush>): Promise<void>;
  receipts(afterMs: number): Promise<Static<typeof ReceiptsReply>['receipts']>;
  close(): Promise<void>;
}

/** Throws RemoteError where the registrar refuses or does not answer. */
export function registrarClient(target: Target): RegistrarClient {
  const client = internalClient(target);
  return {
    keys: async (keys) => void (await client.post('/internal/keys', keys)),
    mirroredSize: async () => (await client.get('/internal/log', MirrorSize)).size,
    log: async (push) => void (await client.post('/internal/log', push)),
    notices: async (push) => void (await client.post('/internal/notices', push)),
    list: async (push) => void (await client.post('/internal/lists', push)),
    receipts: async (afterMs) => (await client.get(`/internal/receipts?afterMs=${afterMs}`, ReceiptsReply)).receipts,
    close: () => client.close(),
  };
}
