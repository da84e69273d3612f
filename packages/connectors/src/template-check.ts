// Holds the templates of a provider's configuration to that provider's rules, before anything is sent.
import { lintProviderTemplate, lintWechatFields, TEMPLATES_BY_KEY } from '@tongche/messages';
import type { Finding, Template } from '@tongche/messages';

import type { ProviderConfig } from './provider-config.ts';

type Check = (template: Template) => readonly Finding[];

function checksOf(provider: ProviderConfig): readonly (readonly [key: string, check: Check])[] {
  switch (provider.kind) {
    case 'tencent':
    case 'aliyun': {
      const { kind } = provider;
      return Object.entries(provider.templates).map(([key, { text }]) => [
        key,
        (template) => lintProviderTemplate(kind, text, template),
      ]);
    }
    case 'wechat':
      return Object.entries(provider.templates).map(([key, { fields }]) => [
        key,
        (template) => lintWechatFields(fields, template),
      ]);
    case 'smpp':
    case 'smtp':
      return [];
  }
  throw new Error(`unknown provider ${String(provider satisfies never)}`);
}

/** What is wrong with the first template that is wrong; undefined when none is. */
export function templateFault(provider: ProviderConfig): string | undefined {
  for (const [key, check] of checksOf(provider)) {
    const template = TEMPLATES_BY_KEY.get(key);
    if (template === undefined)
      return `there is no template "${key}"; known: ${[...TEMPLATES_BY_KEY.keys()].join(', ')}`;
    const [finding] = check(template);
    if (finding !== undefined) {
      return `template "${key}": ${finding.en}${finding.words === undefined ? '' : ` (“${finding.words}”)`}`;
    }
  }
  return undefined;
}
