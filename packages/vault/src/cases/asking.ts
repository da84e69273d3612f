// What the operator is asked under a signed order: the rides of tags, and everybody who boarded in windows.
import type { RunsReply, RunsRequest, TraceReply } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import { signRequest, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Clock } from '@tongche/runtime';
import type { Window } from '@tongche/tracing';
import type { PlatformClient } from '../clients/platform.ts';
import type { Rosters } from '../keys/roster.ts';
import type { SigningKeys } from '../keys/signing.ts';
import type { TransparencyLog } from '../log/transparency.ts';
import type { OpenOrder } from './access.ts';
import type { Gathered } from './gathered.ts';
import type { DayTags } from './tags.ts';

/** Windows in one request (contract: FetchRequest). */
const MAX_WINDOWS = 500;

export interface Asking {
  match(order: OpenOrder, tags: readonly DayTags[]): Promise<TraceReply>;
  /** Runs of lines or vehicles in a time; names no ride. */
  runs(orderHash: Buffer, asked: Pick<RunsRequest, 'lineIds' | 'unitIds' | 'fromMs' | 'toMs'>): Promise<RunsReply>;
  /**
   * `needed` are asked for or the order's refusal is thrown; `wished` as far as the order allows: where it does not, the
   * gathered is marked as narrowed.
   */
  fetch(
    orderHash: Buffer,
    gathered: Gathered,
    windows: { readonly needed: readonly Window[]; readonly wished: readonly Window[] },
  ): Promise<number>;
}

interface AskingParts {
  readonly clock: Clock;
  readonly platform: PlatformClient;
  readonly signing: SigningKeys;
  readonly transparency: TransparencyLog;
  readonly rosters: Rosters;
}

export function openAsking({ clock, platform, signing, transparency, rosters }: AskingParts): Asking {
  async function fetchSome(orderHash: Buffer, gathered: Gathered, windows: readonly Window[]): Promise<void> {
    const body = {
      orderHash: toBase64Url(orderHash),
      windows: windows.map(({ unit, fromMs, toMs, reason }) => ({
        unitId: unit,
        fromMs: Math.floor(fromMs),
        toMs: Math.ceil(toMs),
        reason,
      })),
    };
    const signed = await signRequest(nodeSuite, signing.ed25519.sk, body, clock.now());
    gathered.add(await platform.fetch(signed), false);
  }

  return {
    async match({ row, doc }, tags) {
      if (row.logIndex === null) throw new Error('a signed order stands in the log');
      const roster = rosters.current();
      // A passkey that joined a moment ago may not have reached the operator yet.
      if (roster !== undefined) await platform.roster(roster);
      const known = await platform.checkpoint();
      const proof = await transparency.prove(row.logIndex, known.size);
      const [entry] = await transparency.entries(row.logIndex, 1);
      const body = {
        order: { ...doc.order, subjectCommitments: [...doc.order.subjectCommitments] },
        assertions: doc.signatures.map(({ assertion }) => assertion),
        tags: [...tags],
        logIndex: row.logIndex,
        logEntry: entry?.line ?? '',
        checkpoint: proof.checkpoint,
        inclusion: [...proof.inclusion],
        consistency: [...proof.consistency],
        consistencyFrom: known.size,
      };
      return platform.match(await signRequest(nodeSuite, signing.ed25519.sk, body, clock.now()));
    },
    async runs(orderHash, asked) {
      const body = { orderHash: toBase64Url(orderHash), ...asked };
      return platform.runs(await signRequest(nodeSuite, signing.ed25519.sk, body, clock.now()));
    },
    async fetch(orderHash, gathered, { needed, wished }) {
      for (let at = 0; at < needed.length; at += MAX_WINDOWS) {
        await fetchSome(orderHash, gathered, needed.slice(at, at + MAX_WINDOWS));
      }
      for (let at = 0; at < wished.length; at += MAX_WINDOWS) {
        try {
          await fetchSome(orderHash, gathered, wished.slice(at, at + MAX_WINDOWS));
        } catch (error) {
          if (!(error instanceof RemoteError) || error.code !== 'order-limit') throw error;
          gathered.isNarrowed = true;
          break;
        }
      }
      return gathered.rides.size;
    },
  };
}
