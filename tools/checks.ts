// The static checks, in the order of how soon they fail.
import { command, nodeTool, type Part } from './parts.ts';

/** TypeScript 7 and the linters are native programs behind small wrappers; each wrapper runs on our Node. */
export const checks: readonly Part[] = [
  nodeTool('types portable', 'typescript/bin/tsc', ['-p', 'tsconfig.portable.json']),
  nodeTool('types node', 'typescript/bin/tsc', ['-p', 'tsconfig.node.json']),
  nodeTool('types web', 'typescript/bin/tsc', ['-p', 'tsconfig.web.json']),
  nodeTool('types tests', 'typescript/bin/tsc', ['-p', 'tsconfig.pages-test.json']),
  nodeTool('lint', 'oxlint/bin/oxlint', ['--type-aware', '--quiet']),
  nodeTool('format', 'oxfmt/bin/oxfmt', ['--check']),
  nodeTool('dead code', 'knip/bin/knip.js', ['--no-config-hints']),
  command('generated', process.execPath, ['tools/generate.ts', '--check']),
];
