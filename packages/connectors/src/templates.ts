// Which approved template of a provider stands for one of ours, and in which order it takes the values.
import { Type, type Static } from 'typebox';
import type { Wording } from '@tongche/messages';

export const ProviderTemplate = Type.Object({
  /** The provider's own id of the approved template. */
  id: Type.String({ minLength: 1, maxLength: 64 }),
  /** Names of our values in the order of the provider's variables. */
  values: Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { maxItems: 20, default: [] }),
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
  for (const name of template.values) {
    const value = wording.values[name];
    if (value === undefined) return 'no-value';
    values.push([name, value]);
  }
  return { id: template.id, values };
}
