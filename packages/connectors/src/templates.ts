// Which approved template of a provider stands for one of ours, and which values it takes.
import { Type, type Static } from 'typebox';
import { gapsOf } from '@tongche/messages';
import type { Wording } from '@tongche/messages';

export const ProviderTemplate = Type.Object({
  /** The provider's own id of the approved template. */
  id: Type.String({ minLength: 1, maxLength: 64 }),
  /**
   * The text the provider approved, with the names of our values in braces where its variables stand: it says what is
   * filled in and in which order, and can be held to the provider's rules before anything is sent.
   */
  text: Type.String({ minLength: 1, maxLength: 1_000 }),
});

/** By our template's key. */
export const ProviderTemplates = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }), ProviderTemplate);
export type ProviderTemplates = Static<typeof ProviderTemplates>;

export interface FilledTemplate {
  readonly id: string;
  /** Name and value, in the provider's order. */
  readonly values: readonly (readonly [name: string, value: string])[];
}

/** The reason when the provider cannot say this wording. */
export function fillTemplate(
  templates: ProviderTemplates,
  wording: Wording,
): FilledTemplate | 'no-template' | 'no-value' {
  const template = templates[wording.template];
  if (template === undefined) return 'no-template';
  const values: (readonly [string, string])[] = [];
  for (const name of gapsOf(template.text)) {
    const value = wording.values[name];
    if (value === undefined) return 'no-value';
    values.push([name, value]);
  }
  return { id: template.id, values };
}
