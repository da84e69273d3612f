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
import { turns } from './turns.ts';

/** Windows in one request (contract: FetchRequest). */
const MAX_WINDOWS = 500;

/** Refusals of an operator that does not know the roster or the log as it was shown them. */
const FORGOTTEN: ReadonlySet<string> = new Set(['signature-invalid', 'proof-invalid']);

export interface Asked {
  readonly needed: readonly Window[];
  readonly wished: readonly Window[];
  readonly likely: readonly Window[];
}

export interface Asking {
  match(order: OpenOrder, tags: readonly DayTags[]): Promise<TraceReply>;
  /** Runs of lines or vehicles in a time; names no ride. */
  runs(orderHash: Buffer, asked: Pick<RunsRequest, 'lineIds' | 'unitIds' | 'fromMs' | 'toMs'>): Promise<RunsReply>;
  /**
   * `needed` are asked for or the order's refusal is thrown; `wished` as far as the order allows: where it does not, the
   * gathered is marked as narrowed. `likely` come after them, the likeliest first, and as many of them as there is room for.
   */
  fetch(orderHash: Buffer, gathered: Gathered, windows: Asked): Promise<number>;
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

  /** False where the order allows no more. */
  async function isAnswered(orderHash: Buffer, gathered: Gathered, windows: readonly Window[]): Promise<boolean> {
    try {
      await fetchSome(orderHash, gathered, windows);
      return true;
    } catch (error) {
      if (!(error instanceof RemoteError) || error.code !== 'order-limit') throw error;
      gathered.isNarrowed = true;
      return false;
    }
  }

  /** The first that fit: what is too much at once is asked for in halves. False where one of them was too much. */
  async function fetchFirst(orderHash: Buffer, gathered: Gathered, windows: readonly Window[]): Promise<boolean> {
    if (windows.length === 0 || (await isAnswered(orderHash, gathered, windows))) return true;
    if (windows.length === 1) return false;
    const half = Math.ceil(windows.length / 2);
    const isFirstHalf = await fetchFirst(orderHash, gathered, windows.slice(0, half));
    return isFirstHalf && (await fetchFirst(orderHash, gathered, windows.slice(half)));
  }

  /** What the operator is known to have; undefined: to be told, or asked, again. */
  const operator: { rosterVersion?: number | undefined; logSize?: number | undefined } = {};

  /** A passkey that joined a moment ago may not have reached the operator yet. */
  async function showRoster(): Promise<void> {
    const roster = rosters.current();
    if (roster === undefined || roster.version === operator.rosterVersion) return;
    await platform.roster(roster);
    operator.rosterVersion = roster.version;
  }

  /** Shows the operator the log as it is now, where it has not seen the entry yet. Returns a size it has been shown. */
  async function showLog(index: number): Promise<number> {
    await showRoster();
    const shown = operator.logSize;
    if (shown !== undefined && shown > index) return shown;
    const from = shown ?? (await platform.checkpoint()).size;
    // Until its answer it is open what the operator has.
    operator.logSize = undefined;
    const { size, checkpoint, consistency } = await transparency.continues(from);
    await platform.logHead({ checkpoint, consistency: [...consistency], consistencyFrom: from });
    operator.logSize = size;
    return size;
  }

  /** One after another: each proves the log from where the operator knew it after the one before. */
  const inTurn = turns(1);

  async function matchOnce({ row, doc }: OpenOrder, tags: readonly DayTags[]): Promise<TraceReply> {
    const { logIndex } = row;
    if (logIndex === null) throw new Error('a signed order stands in the log');
    const [entry] = await transparency.entries(logIndex, 1);
    const logSize = await inTurn(() => showLog(logIndex));
    const body = {
      order: { ...doc.order, subjectCommitments: [...doc.order.subjectCommitments] },
      assertions: doc.signatures.map(({ assertion }) => assertion),
      tags: [...tags],
      logIndex,
      logEntry: entry?.line ?? '',
      logSize,
      inclusion: [...(await transparency.prove(logIndex, logSize))],
    };
    return platform.match(await signRequest(nodeSuite, signing.ed25519.sk, body, clock.now()));
  }

  /** An operator that was set up anew, or from a copy, has forgotten what it was shown: it is shown again, once. */
  async function matchFrom(order: OpenOrder, tags: readonly DayTags[]): Promise<TraceReply> {
    try {
      return await matchOnce(order, tags);
    } catch (error) {
      const isForgotten = error instanceof RemoteError && FORGOTTEN.has(error.code);
      if (!isForgotten) throw error;
      operator.rosterVersion = operator.logSize = undefined;
      return matchOnce(order, tags);
    }
  }

  return {
    match: matchFrom,
    async runs(orderHash, asked) {
      const body = { orderHash: toBase64Url(orderHash), ...asked };
      return platform.runs(await signRequest(nodeSuite, signing.ed25519.sk, body, clock.now()));
    },
    async fetch(orderHash, gathered, { needed, wished, likely }) {
      for (let at = 0; at < needed.length; at += MAX_WINDOWS) {
        await fetchSome(orderHash, gathered, needed.slice(at, at + MAX_WINDOWS));
      }
      for (let at = 0; at < wished.length; at += MAX_WINDOWS) {
        if (!(await isAnswered(orderHash, gathered, wished.slice(at, at + MAX_WINDOWS)))) break;
      }
      for (let at = 0; at < likely.length; at += MAX_WINDOWS) {
        if (!(await fetchFirst(orderHash, gathered, likely.slice(at, at + MAX_WINDOWS)))) break;
      }
      return gathered.rides.size;
    },
  };
}
