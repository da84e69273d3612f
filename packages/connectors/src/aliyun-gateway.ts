// Sends by Aliyun SMS (dysmsapi 2017-05-25) through its official SDK, which is loaded here and nowhere else.
import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';

import { ALIYUN_OK, aliyunAnswers } from './aliyun-answers.ts';
import { createAliyunReceipts } from './aliyun-receipts.ts';
import { readAnswer } from './answers.ts';
import { E164_DIGITS, providerCannot, providerDown, refusedMessage } from './gateway.ts';
import type { MessageGateway, OutgoingMessage, SendOutcome } from './gateway.ts';
import { createInFlight } from './in-flight.ts';
import { createReceiptDesk } from './receipt-desk.ts';
import { fillTemplate } from './templates.ts';
import type { ProviderTemplates } from './templates.ts';

export interface AliyunGatewayOptions {
  /** Host, with a port where it is not the protocol's own. */
  readonly endpoint: string;
  readonly protocol: 'http' | 'https';
  readonly signName: string;
  readonly templates: ProviderTemplates;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly windowSize: number;
  readonly answerWaitMs: number;
  /** How often receipts are asked for; 0 never. */
  readonly pullMs: number;
  readonly wireClock?: Clock;
  readonly log: Log;
}

/** Errors that can only happen before the first byte of a request. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

async function openClient(options: AliyunGatewayOptions) {
  const [sms, core] = await Promise.all([import('@alicloud/dysmsapi20170525'), import('@alicloud/openapi-core')]);
  const config = new core.$OpenApiUtil.Config({
    accessKeyId: options.accessKeyId,
    accessKeySecret: options.accessKeySecret,
    endpoint: options.endpoint,
    protocol: options.protocol,
    readTimeout: options.answerWaitMs,
    connectTimeout: options.answerWaitMs,
    // A kept connection that the other side has just dropped would turn a certain "not sent" into an unknown.
    globalParameters: new core.$OpenApiUtil.GlobalParameters({ headers: { connection: 'close' } }),
  });
  return { client: new sms.default.default(config), sms };
}

export async function aliyunGateway(options: AliyunGatewayOptions): Promise<MessageGateway> {
  const { log } = options;
  const wireClock = options.wireClock ?? systemClock((error, job) => log.fault(job, error));
  const { client, sms } = await openClient(options);
  const inFlight = createInFlight(options.windowSize, wireClock);
  const desk = createReceiptDesk(wireClock, log);
  const receipts = createAliyunReceipts({
    query: async (request) => {
      const { body } = await client.querySendDetails(new sms.QuerySendDetailsRequest(request));
      return body?.code === ALIYUN_OK ? (body.smsSendDetailDTOs?.smsSendDetailDTO ?? []) : [];
    },
    hand: (receipt) => desk.hand(receipt),
    pullMs: options.pullMs,
    wireClock,
    log,
  });

  async function sendOne({ id, to, wording }: OutgoingMessage): Promise<SendOutcome> {
    if (!E164_DIGITS.test(to)) return refusedMessage('bad-address');
    const filled = fillTemplate(options.templates, wording);
    if (typeof filled === 'string') return providerCannot(filled);
    const request = new sms.SendSmsRequest({
      phoneNumbers: to,
      signName: options.signName,
      templateCode: filled.id,
      outId: id,
      ...(filled.values.length === 0 ? {} : { templateParam: JSON.stringify(Object.fromEntries(filled.values)) }),
    });
    try {
      const { body } = await client.sendSms(request);
      const { code, bizId } = body ?? {};
      if (code === undefined) return { kind: 'unknown', reason: 'no-status' };
      if (code !== ALIYUN_OK) return readAnswer(aliyunAnswers, code, 'unknown');
      // Taken, but no receipt could ever be matched to it.
      if (bizId === undefined || bizId === '') return { kind: 'unknown', reason: 'no-gateway-id' };
      receipts.add({ gatewayId: bizId, to, acceptedMs: wireClock.now() });
      return { kind: 'accepted', gatewayIds: [bizId] };
    } catch (error) {
      return readFailure(error);
    }
  }

  return {
    send: (message) => inFlight.run(() => sendOne(message)),
    onReceipt: (handler) => desk.onReceipt(handler),
    awaitReceipts(messages) {
      for (const message of messages) receipts.add(message);
    },
    onRoom: (handler) => inFlight.onRoom(handler),
    connected: () => true,
    room: () => inFlight.room(),
    async close() {
      receipts.close();
      desk.close();
      await inFlight.close();
    },
  };
}

/** The SDK's errors: those of the provider have a `statusCode`; else `code` is the network's. */
function readFailure(error: unknown): SendOutcome {
  const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number };
  if (statusCode !== undefined) {
    const isKnownCode = code !== undefined && code !== '' && code !== 'undefined';
    // A 4xx is a refusal even where the table does not know its code; a 5xx may have come too late.
    const otherwise = statusCode < 500 ? 'provider-later' : 'unknown';
    return readAnswer(aliyunAnswers, isKnownCode ? code : `http.${statusCode}`, otherwise);
  }
  if (code !== undefined && BEFORE_SENDING.has(code)) return providerDown('not-connected');
  return { kind: 'unknown', reason: 'no-answer' };
}
