// Ways to reach people, and the runnable stand-ins for the networks behind them.
export type {
  Accepted,
  Awaited,
  Fault,
  MessageGateway,
  OutgoingMessage,
  Postponed,
  Receipt,
  ReceiptHandler,
  ReceiptState,
  Refused,
  SendOutcome,
  Unknown,
} from './gateway.ts';
export { events } from './events.ts';
export { MAX_PARTS } from './smpp-text.ts';
export { smppGateway } from './smpp-gateway.ts';
export type { SmppGatewayOptions } from './smpp-gateway.ts';
export { createSinkBook } from './sink-book.ts';
export type { ReceiptPlan, SinkBook, SinkFeed, SinkMessage } from './sink-book.ts';
export { smppSink } from './smpp-sink.ts';
export type { SinkFault, SmppSink, SmppSinkOptions } from './smpp-sink.ts';
export { sinkPage } from './sink-page.ts';
export type { SinkPage, SinkPageOptions } from './sink-page.ts';
export { wechatApi, WechatUnavailable } from './wechat-api.ts';
export type { WechatApi, WechatOptions } from './wechat-api.ts';
export { wechatGateway } from './wechat-gateway.ts';
export type { WechatGatewayOptions, WechatTemplate } from './wechat-gateway.ts';
export { wechatSink } from './wechat-sink.ts';
export type { WechatSink, WechatSinkOptions } from './wechat-sink.ts';
