// What a backup holds beside the databases. Slots and secrets are missing on purpose.
import type { Layout } from './layout.ts';

export const manifestFile = 'backup.json';

export function copiedFolders(layout: Layout): readonly (readonly [string, string])[] {
  return [
    ['config', layout.configs],
    ['city', layout.city],
    ['logs', layout.logs],
  ];
}
