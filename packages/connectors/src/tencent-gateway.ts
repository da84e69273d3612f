// Sends by Tencent Cloud SMS (API 2021-01-11) through its official SDK, which is loaded here and nowhere else. One
// message a call: the wordings of a case differ by link and check code, so that 200 numbers a call would share nothing.
import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';

import { readAnswer } from './answers.ts';
import { events } from './events.ts';
import { E164_DIGITS, providerCannot, providerDown, refusedMessage } from './gateway.ts';
import type { MessageGateway, OutgoingMessage, Receipt, SendOutcome } from './gateway.ts';
import { createInFlight, settledSoon } from './in-flight.ts';
import { createReceiptDesk } from './receipt-desk.ts';
import { fillTemplate } from './templates.ts';
import type { ProviderTemplates } from './templates.ts';
import { TENCENT_OK, tencentAnswers } from './tencent-answers.ts';
import { watchedAgent } from './watched-agent.ts';

/** The provider's own limit for one pull; below it the queue is empty. */
const PULL_LIMIT = 100;
/** Keeps one round of pulling finite when receipts come faster than they are stored. */
const MAX_PULLS = 100;

export interface TencentGatewayOptions {
  readonly endpoint: string;
  readonly protocol: 'http' | 'https';
  readonly region: string;
  readonly sdkAppId: string;
  readonly signName: string;
  readonly templates: ProviderTemplates;
  readonly secretId: string;
  readonly secretKey: string;
  readonly windowSize: number;
  readonly answerWaitMs: number;
  /** How often receipts are pulled; 0 never: the queue is one for the whole application, and one process empties it. */
  readonly pullMs: number;
  readonly wireClock?: Clock;
  readonly log: Log;
}

export async function tencentGateway(options: TencentGatewayOptions): Promise<MessageGateway> {
  const { log } = options;
  const wireClock = options.wireClock ?? systemClock((error, job) => log.fault(job, error));
  const { default: sdk } = await import('tencentcloud-sdk-nodejs-sms');
  const inFlight = createInFlight(options.windowSize, wireClock);
  const desk = createReceiptDesk(wireClock, log);

  function open() {
    const { agent, wasConnected } = watchedAgent(options.protocol);
    const client = new sdk.sms.v20210111.Client({
      credential: { secretId: options.secretId, secretKey: options.secretKey },
      region: options.region,
      profile: {
        signMethod: 'TC3-HMAC-SHA256',
        httpProfile: {
          endpoint: options.endpoint,
          protocol: `${options.protocol}://`,
          reqMethod: 'POST',
          reqTimeout: options.answerWaitMs / 1_000,
          agent,
        },
      },
    });
    return { client, wasConnected };
  }

  async function sendOne({ id, to, wording }: OutgoingMessage): Promise<SendOutcome> {
    if (!E164_DIGITS.test(to)) return refusedMessage('bad-address');
    const filled = fillTemplate(options.templates, wording);
    if (typeof filled === 'string') return providerCannot(filled);
    const { client, wasConnected } = open();
    try {
      const { SendStatusSet } = await client.SendSms({
        PhoneNumberSet: [`+${to}`],
        SmsSdkAppId: options.sdkAppId,
        SignName: options.signName,
        TemplateId: filled.id,
        TemplateParamSet: filled.values.map(([, value]) => value),
        SessionContext: id,
      });
      const [status] = SendStatusSet ?? [];
      if (status?.Code === undefined) return { kind: 'unknown', reason: 'no-status' };
      if (status.Code !== TENCENT_OK) return readAnswer(tencentAnswers, status.Code, 'unknown');
      // Taken, but no receipt could ever be matched to it.
      if (!status.SerialNo) return { kind: 'unknown', reason: 'no-gateway-id' };
      return { kind: 'accepted', gatewayIds: [status.SerialNo] };
    } catch (error) {
      return readFailure(error, wasConnected());
    }
  }

  /**
   * Receipts are a queue on the provider's side: what is pulled is gone there, so it is stored at once and before the
   * next pull. What a crash catches between the two is lost: those messages become uncertain when their time is over.
   */
  async function pull(): Promise<void> {
    for (let pulls = 0; pulls < MAX_PULLS; pulls += 1) {
      const request = { Limit: PULL_LIMIT, SmsSdkAppId: options.sdkAppId };
      const { PullSmsSendStatusSet: pulled = [] } = await open().client.PullSmsSendStatus(request);
      const receipts = pulled.flatMap((one) => readPulled(one) ?? []);
      await Promise.all(receipts.map((receipt) => desk.hand(receipt)));
      if (pulled.length < PULL_LIMIT) return;
    }
  }

  async function pullAll(): Promise<void> {
    try {
      await pull();
    } catch {
      log.event(events.receiptsNotPulled, { provider: 'tencent' });
    }
  }

  let pulling: Promise<void> | undefined;
  /** One round at a time; a closing gateway waits for it, since what was pulled is nowhere else. */
  function pullOnce(): Promise<void> {
    pulling ??= pullAll().finally(() => {
      pulling = undefined;
    });
    return pulling;
  }

  const stopPulling = options.pullMs === 0 ? () => {} : wireClock.every('tencent-receipts', options.pullMs, pullOnce);
  return {
    send: (message) => inFlight.run(() => sendOne(message)),
    onReceipt: (handler) => desk.onReceipt(handler),
    onRoom: (handler) => inFlight.onRoom(handler),
    connected: () => true,
    room: () => inFlight.room(),
    async close() {
      stopPulling();
      if (pulling !== undefined) await settledSoon(pulling, wireClock);
      desk.close();
      await inFlight.close();
    },
  };
}

/** The SDK's errors: `code` from the provider's answer, `httpCode` without one; else the network. */
function readFailure(error: unknown, wasConnected: boolean): SendOutcome {
  if (!wasConnected) return providerDown('not-connected');
  const { code, httpCode } = error as { readonly code?: string; readonly httpCode?: number };
  if (code !== undefined && code !== '') return readAnswer(tencentAnswers, code, 'unknown');
  // The provider answers errors with status 200: a 4xx is a proxy's word in front of it.
  if (httpCode !== undefined && httpCode >= 400 && httpCode < 500) return providerDown(`http-${httpCode}`);
  return { kind: 'unknown', reason: httpCode === undefined ? 'no-answer' : `http-${httpCode}` };
}

interface Pulled {
  readonly SerialNo?: string;
  readonly SessionContext?: string;
  readonly ReportStatus?: string;
  readonly Description?: string;
}

function readPulled({ SerialNo, SessionContext, ReportStatus, Description }: Pulled): Receipt | undefined {
  if (SerialNo === undefined || (ReportStatus !== 'SUCCESS' && ReportStatus !== 'FAIL')) return undefined;
  return {
    gatewayId: SerialNo,
    ...(SessionContext === undefined || SessionContext === '' ? {} : { messageId: SessionContext }),
    state: ReportStatus === 'SUCCESS' ? 'delivered' : 'failed',
    reason: `${ReportStatus} ${Description ?? ''}`.trim().slice(0, 60),
  };
}
