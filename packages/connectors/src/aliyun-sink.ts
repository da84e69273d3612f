// Aliyun SMS in the development sink: requests of dysmsapi 2017-05-25, checked and answered as its documentation says.
import { randomUUID } from 'node:crypto';

import { acs3Fault } from './acs3.ts';
import type { SinkDesk, SinkProvider, SinkReply, SinkRule } from './http-sink.ts';
import type { SignedRequest } from './tc3.ts';

const API_VERSION = '2017-05-25';
/** Send details nobody asks for; the oldest is forgotten first. */
const MAX_KEPT = 20_000;
/** Codes the interface's gateway answers with an HTTP status; all others come with 200. */
const GATEWAY_STATUS: readonly (readonly [RegExp, number])[] = [
  [/^(Throttling|SignatureDoesNotMatch|IncompleteSignature|InvalidTimeStamp|Missing|Invalid)/, 400],
  [/^(Forbidden|NoPermission)/, 403],
  [/^InternalError/, 500],
  [/^ServiceUnavailable/, 503],
];

export interface AliyunSinkOptions {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly signName: string;
  /** Approved templates: code and text, whose variables are ${name}. */
  readonly templates: Readonly<Record<string, string>>;
  readonly rules?: readonly SinkRule[];
}

interface Detail {
  readonly phone: string;
  readonly outId: string;
  readonly templateCode: string;
  sendStatus: 1 | 2 | 3;
}

function coded(code: string, more: Readonly<Record<string, unknown>> = {}): SinkReply {
  const status = GATEWAY_STATUS.find(([pattern]) => pattern.test(code))?.[1] ?? 200;
  return {
    status,
    body: { RequestId: randomUUID(), Code: code, Message: code === 'OK' ? 'OK' : `refused: ${code}`, ...more },
  };
}

function national(phone: string): string {
  return phone.replace(/^(?:\+|00)?86(?=\d{11}$)/, '').replace(/^\+/, '');
}

export function aliyunSink(options: AliyunSinkOptions): (desk: SinkDesk) => SinkProvider {
  return (desk) => {
    const details = new Map<string, Detail>();
    let lastNo = 0;

    function textOf(code: string, values: Readonly<Record<string, unknown>>): string | undefined {
      const template = options.templates[code];
      if (template === undefined) return undefined;
      const names = [...template.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
      if (names.some((name) => typeof values[name] !== 'string')) return undefined;
      return `【${options.signName}】${template.replaceAll(/\$\{(\w+)\}/g, (_whole, name: string) => String(values[name]))}`;
    }

    function send(asked: URLSearchParams): SinkReply {
      const phones = asked.get('PhoneNumbers') ?? '';
      const templateCode = asked.get('TemplateCode') ?? '';
      if (!/^(?:\+|00)?[1-9]\d{5,14}$/.test(phones)) return coded('isv.MOBILE_NUMBER_ILLEGAL');
      const rule = options.rules?.find(({ toEndsWith }) => phones.endsWith(toEndsWith));
      if (rule !== undefined) return coded(rule.code);
      if (asked.get('SignName') !== options.signName) return coded('isv.SMS_SIGNATURE_ILLEGAL');
      const values = JSON.parse(asked.get('TemplateParam') ?? '{}') as Readonly<Record<string, unknown>>;
      const text = textOf(templateCode, values);
      if (text === undefined) return coded('isv.SMS_TEMPLATE_ILLEGAL');
      lastNo += 1;
      const bizId = `${desk.nowMs()}${lastNo}^0`;
      const phone = national(phones);
      const detail: Detail = { phone, outId: asked.get('OutId') ?? '', templateCode, sendStatus: 1 };
      details.set(bizId, detail);
      const oldest = details.keys().next().value;
      if (details.size > MAX_KEPT && oldest !== undefined) details.delete(oldest);
      const to = /^1\d{10}$/.test(phone) ? `86${phone}` : phone;
      const message = {
        channel: 'sms',
        provider: 'aliyun',
        systemId: options.accessKeyId,
        from: options.signName,
      } as const;
      desk.receive({ ...message, to, text, parts: 1, receivedMs: desk.nowMs() }, (state) => {
        detail.sendStatus = state === 'delivered' ? 3 : 2;
      });
      return coded('OK', { BizId: bizId });
    }

    function query(asked: URLSearchParams): SinkReply {
      const bizId = asked.get('BizId') ?? '';
      const detail = details.get(bizId);
      if (!/^\d{8}$/.test(asked.get('SendDate') ?? '')) return coded('isv.INVALID_PARAMETERS');
      const isTheirs = detail !== undefined && detail.phone === asked.get('PhoneNumber');
      const found = isTheirs
        ? [
            {
              PhoneNum: detail.phone,
              SendStatus: detail.sendStatus,
              ErrCode: detail.sendStatus === 3 ? 'DELIVERED' : detail.sendStatus === 2 ? 'UNDELIV' : '',
              TemplateCode: detail.templateCode,
              OutId: detail.outId,
            },
          ]
        : [];
      return coded('OK', { TotalCount: String(found.length), SmsSendDetailDTOs: { SmsSendDetailDTO: found } });
    }

    function answer(request: SignedRequest): SinkReply {
      const secretOf = (id: string) => (id === options.accessKeyId ? options.accessKeySecret : undefined);
      const fault = acs3Fault(request, secretOf, desk.wireNowMs());
      if (fault !== undefined) return coded(fault);
      if (request.headers['x-acs-version'] !== API_VERSION) return coded('InvalidVersion');
      const asked = new URLSearchParams(`${request.query}&${request.body}`);
      const action = request.headers['x-acs-action'];
      return action === 'SendSms' ? send(asked) : action === 'QuerySendDetails' ? query(asked) : coded('InvalidAction');
    }

    return {
      name: 'aliyun',
      takes: ({ headers }) => headers['x-acs-action'] !== undefined,
      sends: ({ headers }) => headers['x-acs-action'] === 'SendSms',
      answer,
      refuse: (_request, code) => coded(code),
    };
  };
}
