// Sinks whose library only those should load who use them.
import type { SmtpSink, SmtpSinkOptions } from './smtp-sink.ts';

/** A mail server that delivers to nobody. Rejects when the port is taken. */
export async function smtpSink(options: SmtpSinkOptions): Promise<SmtpSink> {
  const sink = await import('./smtp-sink.ts');
  return sink.smtpSink(options);
}
