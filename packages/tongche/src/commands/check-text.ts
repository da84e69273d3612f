// Says what is wrong with a text of a city's own before anybody is sent it: the rules of the vault, and of providers.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gapsOf, lint, lintProviderTemplate, partsOf, TEMPLATES } from '@tongche/messages';
import type { Finding, Template, TemplateProvider } from '@tongche/messages';
import { ConfigError } from '@tongche/runtime';
import { needed, readFlags } from '../arguments.ts';
import type { Context } from '../arguments.ts';

const PROVIDERS: readonly TemplateProvider[] = ['tencent', 'aliyun'];

function textOf(context: Context, file: string): string {
  try {
    return readFileSync(resolve(context.calledFrom, file), 'utf8').trim();
  } catch {
    throw new ConfigError(`check-text: ${file} cannot be read`);
  }
}

function templateOf(purpose: string, language: string): Template {
  const family = purpose === 'exposure' || purpose === 'one-time-code' ? TEMPLATES[purpose] : undefined;
  if (family === undefined) throw new ConfigError('check-text: --purpose is exposure or one-time-code');
  if (language !== 'zh' && language !== 'en') throw new ConfigError('check-text: --language is zh or en');
  return family[language];
}

function findingsOf(text: string, template: Template, provider: string | undefined): readonly Finding[] {
  // Which gaps a text leaves out stands in the last lines.
  if (provider === undefined) return lint({ ...template, text }).filter(({ rule }) => rule !== 'unused-gap');
  const known = PROVIDERS.find((name) => name === provider);
  if (known === undefined) throw new ConfigError(`check-text: --provider is ${PROVIDERS.join(' or ')}`);
  return lintProviderTemplate(known, text, template);
}

/** Exit code 1 when the text would be refused. */
export async function checkText(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('check-text', args, {
    file: 'text',
    purpose: 'text',
    language: 'text',
    provider: 'text',
  });
  const text = textOf(context, needed('check-text', 'file', flags.file));
  const template = templateOf(flags.purpose ?? 'exposure', flags.language ?? 'zh');
  const findings = findingsOf(text, template, flags.provider);
  for (const { severity, rule, words, zh, en } of findings) {
    context.print(`${severity}  ${rule}${words === undefined ? '' : `  “${words}”`}`);
    context.print(`    ${en}`);
    context.print(`    ${zh}`);
  }
  const gaps = gapsOf(text).map((name) => `{${name}}`);
  const known = Object.keys(template.gaps).map((name) => `{${name}}`);
  context.print(`Gaps used: ${gaps.join(' ') || 'none'}; there are ${known.join(' ')}.`);
  const refused = findings.filter(({ severity }) => severity === 'refuse').length;
  context.print(
    refused === 0 ? `Nothing stands in its way (${partsOf(text)} parts before it is filled).` : `Refused: ${refused}.`,
  );
  if (refused > 0) process.exitCode = 1;
}
