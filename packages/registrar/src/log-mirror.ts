// The mirror of the public log checks what it mirrors: entries only join when the signed checkpoint fits all of them,
// so that the authority's own registrar would notice a log rewritten behind its back.
import { Refusal } from '@tongche/contract';
import type { LogPush } from '@tongche/contract';
import {
  equalBytes,
  fromBase64Url,
  Frontier,
  leafHash,
  parseCheckpoint,
  unwrap,
  utf8,
  verifyCheckpoint,
} from '@tongche/protocol';
import type { Checkpoint } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import type { Log } from '@tongche/runtime';
import { events } from './events.ts';
import { LOG_PAGE, MAX_LOG_ENTRY_CHARS, MAX_WAITING_ENTRIES } from './limits.ts';
import type { LogStore } from './store/log.ts';

export interface LogMirror {
  size(): number;
  /** Throws Refusal: conflict (a gap, or other entries than before), signature-invalid, proof-invalid, bad-request. */
  push(pushed: LogPush): Promise<void>;
}

export async function openLogMirror(store: LogStore, ed25519: string, log: Log): Promise<LogMirror> {
  const pk = unwrap(fromBase64Url(ed25519));
  let frontier = new Frontier(nodeSha256);
  for (;;) {
    const entries = await store.entries(frontier.size, LOG_PAGE);
    for (const entry of entries) frontier.append(leafHash(nodeSha256, utf8(entry)));
    if (entries.length < LOG_PAGE) break;
  }
  const kept = parseCheckpoint((await store.checkpoint()) ?? '');
  let origin = kept.ok ? kept.value.checkpoint.origin : undefined;
  let waiting: readonly string[] = [];
  let turn: Promise<void> = Promise.resolve();

  function refuse(code: 'conflict' | 'signature-invalid' | 'proof-invalid' | 'bad-request', reason: string): never {
    log.event(events.logRefused, { reason, size: frontier.size });
    throw new Refusal(code, { size: frontier.size });
  }

  async function signedHead(note: string): Promise<Checkpoint> {
    const parsed = parseCheckpoint(note);
    if (!parsed.ok) return refuse('bad-request', 'checkpoint');
    const [own] = parsed.value.signatures;
    const keys = { log: { name: own?.name ?? '', pk }, origin: origin ?? parsed.value.checkpoint.origin };
    const verified = await verifyCheckpoint(nodeSuite, note, keys);
    return verified.ok ? verified.value : refuse('signature-invalid', 'checkpoint');
  }

  /** Entries sent again must be those mirrored; answers only the new ones. */
  async function newEntries(from: number, entries: readonly string[]): Promise<readonly string[]> {
    const known = frontier.size + waiting.length - from;
    if (known < 0) refuse('conflict', 'gap');
    const mirrored = from < frontier.size ? await store.entries(from, Math.min(known, entries.length)) : [];
    const again = [...mirrored, ...waiting.slice(Math.max(0, from - frontier.size))];
    if (again.slice(0, entries.length).some((entry, index) => entry !== entries[index]))
      refuse('conflict', 'rewritten');
    return entries.slice(known);
  }

  async function take({ from, entries, checkpoint }: LogPush): Promise<void> {
    if (entries.some((entry) => entry.length > MAX_LOG_ENTRY_CHARS || /[\n\r]/.test(entry))) {
      refuse('bad-request', 'entry');
    }
    const head = await signedHead(checkpoint);
    const fresh = [...waiting, ...(await newEntries(from, entries))];
    if (frontier.size + fresh.length < head.size && fresh.length <= MAX_WAITING_ENTRIES) {
      // Part of a longer push under one checkpoint: nothing counts before all of it fits.
      waiting = fresh;
      return;
    }
    waiting = [];
    const next = new Frontier(nodeSha256, frontier.state());
    for (const entry of fresh) next.append(leafHash(nodeSha256, utf8(entry)));
    if (next.size !== head.size || !equalBytes(next.root(), head.root)) refuse('proof-invalid', 'root');
    await store.append(frontier.size, fresh, head.size, checkpoint);
    frontier = next;
    origin = head.origin;
    if (fresh.length > 0) {
      log.event(events.logMirrored, { from: head.size - fresh.length, entries: fresh.length, size: head.size });
    }
  }

  return {
    size: () => frontier.size,
    push(pushed) {
      // One after another: two pushes at once would both append to the same tree.
      const mine = turn.then(() => take(pushed));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
