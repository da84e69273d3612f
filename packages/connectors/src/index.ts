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
export { providerCannot, providerDown, refusedMessage } from './gateway.ts';
export { readAnswer } from './answers.ts';
export type { Answer, Meaning } from './answers.ts';
export { events } from './events.ts';
export { MAX_PARTS } from './smpp-text.ts';
export { fallback } from './fallback.ts';
export type { Fallback } from './fallback.ts';
export { channelOf, checkProviders, nameOf, ProvidersConfig, ProviderSecrets } from './provider-config.ts';
export type { ProviderConfig } from './provider-config.ts';
export { openProviders } from './providers.ts';
export type { Provider } from './providers.ts';
export { SinkConfig, SinkSecrets } from './sink-config.ts';
export { createSinkBook } from './sink-book.ts';
export type { ReceiptPlan, SinkBook, SinkFeed, SinkMessage } from './sink-book.ts';
export { smppSink } from './smpp-sink.ts';
export type { SinkFault, SmppSink, SmppSinkOptions } from './smpp-sink.ts';
export { httpSink } from './http-sink.ts';
export type { HttpSink, HttpSinkFault, SinkDesk, SinkProvider, SinkReply } from './http-sink.ts';
export { tencentSink } from './tencent-sink.ts';
export { aliyunSink } from './aliyun-sink.ts';
export { smtpSink } from './lazy-sinks.ts';
export { sinkPage } from './sink-page.ts';
export type { SinkPage, SinkPageOptions } from './sink-page.ts';
export { wechatApi, WechatUnavailable } from './wechat-api.ts';
export type { WechatApi, WechatOptions } from './wechat-api.ts';
export { wechatSink } from './wechat-sink.ts';
export type { WechatSink, WechatSinkOptions } from './wechat-sink.ts';
