// The assist form's one question: a value becomes {tag, adm, slot}; nothing is kept.
import { AssistReply, AssistRequest, Refusal } from '@tongche/contract';
import type { App } from '@tongche/http';
import type { Clock } from '@tongche/runtime';
import type { AssistAsked } from '../assist/derive.ts';
import type { AssistTokens } from '../assist/token.ts';
import type { Config } from '../config.ts';
import { rateTable } from '../otp/rate.ts';
import { ownOrigin } from './guard.ts';

interface AssistRoutes {
  readonly config: Pick<Config, 'publicUrl' | 'perAssistant'>;
  readonly clock: Clock;
  readonly tokens: AssistTokens;
  readonly derive: (asked: AssistAsked) => AssistReply;
}

export function assistRoutes(app: App, { config, clock, tokens, derive }: AssistRoutes): void {
  const checkOrigin = ownOrigin(config);
  const perAssistant = rateTable(clock, config.perAssistant);
  app.post('/assist', { schema: { body: AssistRequest, response: { 200: AssistReply } } }, async (request) => {
    checkOrigin(request.headers.origin, request.host);
    const kid = await tokens.check(request.headers.authorization);
    if (!perAssistant.take(kid)) throw new Refusal('rate-limited', { retryAfterS: 60 });
    return derive(request.body);
  });
}
