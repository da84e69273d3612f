// What an outsider can say about the public log from its entries, its checkpoint and the checkpoint kept last time
// (RFC 6962; checkpoints and keys as C2SP signed notes). No I/O.
import {
  concat,
  equalBytes,
  err,
  fromBase64,
  Frontier,
  leafHash,
  ok,
  parseCheckpoint,
  toBase64,
  utf8,
  verifyCheckpoint,
} from '@tongche/protocol';
import type { Bytes, Checkpoint, Result } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';

export type LogProblem =
  | 'bad-key'
  | 'bad-checkpoint'
  | 'forged-checkpoint'
  | 'missing-entries'
  | 'bad-entry'
  | 'changed-entries'
  | 'rewritten-history'
  | 'shrunk'
  | 'other-log';

export interface LogKey {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly pk: Bytes;
}

export interface LogReport {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly kinds: Readonly<Record<string, number>>;
  /** How many entries the kept checkpoint already covered; undefined at the first check. */
  readonly before: number | undefined;
}

const ed25519Type = 1;
const keyIdBytes = 4;

function keyIdOf(name: string, pk: Bytes): Bytes {
  return nodeSha256(concat(utf8(`${name}\n`), new Uint8Array([ed25519Type]), pk)).slice(0, keyIdBytes);
}

/** `name+hex key id+base64(type byte ‖ key)`, the verifier key of C2SP signed notes. */
export function encodeLogKey({ name, pk }: LogKey): string {
  const id = Buffer.from(keyIdOf(name, pk)).toString('hex');
  return `${name}+${id}+${toBase64(concat(new Uint8Array([ed25519Type]), pk))}`;
}

export function parseLogKey(text: string): Result<LogKey, 'bad-key'> {
  const match = /^([^\s+]{1,120})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim());
  const [, name, id, key] = match ?? [];
  if (name === undefined || id === undefined || key === undefined) {
    return err('bad-key', 'a key is written name+8 hex digits+base64');
  }
  const bytes = fromBase64(key);
  if (!bytes.ok || bytes.value.length !== 33 || bytes.value[0] !== ed25519Type) {
    return err('bad-key', 'not an Ed25519 key');
  }
  const pk = bytes.value.slice(1);
  if (Buffer.from(keyIdOf(name, pk)).toString('hex') !== id) return err('bad-key', 'the digits do not fit the key');
  return ok({ name, pk });
}

function kindOf(entry: string): string | undefined {
  try {
    const value: unknown = JSON.parse(entry);
    const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
    return typeof kind === 'string' ? kind : undefined;
  } catch {
    return undefined;
  }
}

/** A kept checkpoint is our own note of an earlier check, but its file lies around: its signature is checked again. */
async function readCheckpoint(note: string, key: LogKey): Promise<Result<Checkpoint, LogProblem>> {
  const parsed = parseCheckpoint(note);
  if (!parsed.ok) return err('bad-checkpoint', 'not in the format of a checkpoint');
  const { origin } = parsed.value.checkpoint;
  const verified = await verifyCheckpoint(nodeSuite, note, { log: key, origin });
  return verified.ok ? ok(verified.value) : err('forged-checkpoint', 'the checkpoint is not signed by this key');
}

export interface LogEvidence {
  readonly key: LogKey;
  readonly checkpoint: string;
  /** One line each, from the first on; more than the checkpoint covers are ignored. */
  readonly entries: readonly string[];
  /** The checkpoint of the last check. */
  readonly kept?: string | undefined;
}

/** Everything that can be checked; the first mismatch is named. */
export async function checkLog({
  key,
  checkpoint,
  entries,
  kept,
}: LogEvidence): Promise<Result<LogReport, LogProblem>> {
  const head = await readCheckpoint(checkpoint, key);
  if (!head.ok) return head;
  const { origin, size, root } = head.value;
  const before = kept === undefined ? undefined : await readCheckpoint(kept, key);
  if (before !== undefined && !before.ok) return err(before.code, `kept from the last check: ${before.detail ?? ''}`);
  if (before !== undefined && before.value.origin !== origin) {
    return err('other-log', `the last check was of "${before.value.origin}", this log is "${origin}"`);
  }
  if (before !== undefined && before.value.size > size) {
    return err('shrunk', `it had ${before.value.size} entries at the last check and has ${size} now`);
  }
  if (entries.length < size) {
    return err('missing-entries', `the checkpoint covers ${size} entries, only ${entries.length} are there`);
  }
  const frontier = new Frontier(nodeSha256);
  const kinds: Record<string, number> = {};
  for (const [index, entry] of entries.slice(0, size).entries()) {
    if (before !== undefined && index === before.value.size && !equalBytes(frontier.root(), before.value.root)) {
      return err('rewritten-history', `among the first ${index} entries, which were checked before`);
    }
    const kind = kindOf(entry);
    if (kind === undefined) return err('bad-entry', `entry ${index} is not an entry`);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    frontier.append(leafHash(nodeSha256, utf8(entry)));
  }
  if (before !== undefined && before.value.size === size && !equalBytes(before.value.root, root)) {
    return err('rewritten-history', `two signed checkpoints of ${size} entries differ`);
  }
  if (!equalBytes(frontier.root(), root)) {
    return err('changed-entries', 'the entries do not add up to the signed root: one was changed, removed or moved');
  }
  const rootHex = Buffer.from(root).toString('hex');
  return ok({ origin, size, root: rootHex, kinds, before: before?.value.size });
}
