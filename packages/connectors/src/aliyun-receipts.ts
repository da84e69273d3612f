// Aliyun hands out receipts by number and day only, so each accepted message is asked for until it is settled. What is
// waited for is in memory; after a restart the caller says it again (awaitReceipts).
import type { Clock, Log } from '@tongche/runtime';

import { events } from './events.ts';
import type { Awaited, Receipt } from './gateway.ts';

/** Networks report within 72 hours or never. */
const GIVE_UP_MS = 72 * 3_600_000;
/** Beyond this the newest are not asked for and become uncertain: more than a day's messages of a large city. */
const MAX_AWAITED = 50_000;
/** Questions of one round; the provider allows thousands a second. */
const MAX_ASKED = 200;
const AT_A_TIME = 8;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** The provider's days. */
const dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' });

export interface SendDetail {
  readonly errCode?: string;
  readonly outId?: string;
  readonly sendStatus?: number;
}

export interface DetailQuery {
  readonly bizId: string;
  readonly phoneNumber: string;
  /** yyyyMMdd. */
  readonly sendDate: string;
  readonly pageSize: number;
  readonly currentPage: number;
}

export interface AliyunReceiptsOptions {
  readonly query: (request: DetailQuery) => Promise<readonly SendDetail[]>;
  readonly hand: (receipt: Receipt) => Promise<void>;
  readonly pullMs: number;
  readonly wireClock: Clock;
  readonly log: Log;
}

export interface AliyunReceipts {
  add(message: Awaited): void;
  close(): void;
}

interface Waiting extends Awaited {
  readonly nextMs: number;
}

export function createAliyunReceipts({ query, hand, pullMs, wireClock, log }: AliyunReceiptsOptions): AliyunReceipts {
  const waiting = new Map<string, Waiting>();

  async function ask(message: Waiting): Promise<boolean> {
    const { gatewayId, to, acceptedMs } = message;
    const [detail] = await query({
      bizId: gatewayId,
      phoneNumber: nationalNumber(to),
      sendDate: dayFormat.format(acceptedMs).replaceAll('-', ''),
      pageSize: 10,
      currentPage: 1,
    });
    const receipt = detail === undefined ? undefined : readDetail(gatewayId, detail);
    if (receipt === undefined) {
      const nowMs = wireClock.now();
      const pauseMs = Math.min(Math.max(pullMs, (nowMs - acceptedMs) / 4), LONGEST_PAUSE_MS);
      if (nowMs - acceptedMs > GIVE_UP_MS) waiting.delete(gatewayId);
      else waiting.set(gatewayId, { ...message, nextMs: nowMs + pauseMs });
      return true;
    }
    await hand(receipt);
    waiting.delete(gatewayId);
    return true;
  }

  async function round(): Promise<void> {
    const nowMs = wireClock.now();
    const due = [...waiting.values()].filter(({ nextMs }) => nextMs <= nowMs).slice(0, MAX_ASKED);
    for (let at = 0; at < due.length; at += AT_A_TIME) {
      const asked = await Promise.all(due.slice(at, at + AT_A_TIME).map((one) => ask(one).catch(() => false)));
      if (asked.includes(false)) {
        log.event(events.receiptsNotPulled, { provider: 'aliyun' });
        return;
      }
    }
  }

  const stop = pullMs === 0 ? () => {} : wireClock.every('aliyun-receipts', pullMs, round);
  return {
    add(message) {
      if (pullMs === 0 || waiting.size >= MAX_AWAITED) return;
      waiting.set(message.gatewayId, { ...message, nextMs: 0 });
    },
    close: stop,
  };
}

/** Mainland numbers without the country code, others with it: what this question wants. */
function nationalNumber(to: string): string {
  return /^86\d{11}$/.test(to) ? to.slice(2) : to;
}

/** SendStatus: 1 waits for the network, 2 failed, 3 delivered. */
function readDetail(gatewayId: string, { sendStatus, errCode = '', outId }: SendDetail): Receipt | undefined {
  if (sendStatus !== 2 && sendStatus !== 3) return undefined;
  return {
    gatewayId,
    ...(outId === undefined || outId === '' ? {} : { messageId: outId }),
    state: sendStatus === 3 ? 'delivered' : 'failed',
    reason: errCode.slice(0, 60),
  };
}
