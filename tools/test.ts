// `npm test [-- part …]`: static checks, then architecture, unit, integration and browser tests, each part with its time.
import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { checks } from './checks.ts';
import { root, runParts, type Part, type PartResult } from './parts.ts';

/** A test file that hangs is ended after this long, and counts as failed. */
const FILE_TIMEOUT_MS = 10 * 60_000;

/** What keeps and finds rides: runs on any PostgreSQL (TEST_DATABASE_URL), on the embedded engine when none is named. */
const storeFiles = [
  'test/store/*.test.ts',
  'packages/postgres/src/{batch-writer,binary-arrays,database,offer,values-insert}.test.ts',
  'packages/platform/src/{operator,relay,rides,staff,store,trace}/*.test.ts',
  'packages/platform/src/roll.test.ts',
];
/** Sessions of one database hear each other's notifications: there, one file at a time. */
const storeConcurrency = process.env['TEST_DATABASE_URL'] ? 1 : 2;

/** Runs test files with node:test, each file in its own process. */
function files(name: string, patterns: readonly string[], concurrency: number, except: readonly string[] = []): Part {
  return {
    name,
    run: () => {
      const others = new Set(except.flatMap((pattern) => globSync(pattern, { cwd: root })));
      const found = patterns
        .flatMap((pattern) => globSync(pattern, { cwd: root }))
        .filter((file) => !others.has(file))
        .sort();
      if (found.length === 0) {
        console.log(`${name}: no test file matches ${patterns.join(', ')}`);
        return { passed: 0, failed: 1, skipped: 0 };
      }
      return new Promise<PartResult>((resolve) => {
        const result = { passed: 0, failed: 0, skipped: 0 };
        const stream = run({ files: found, cwd: root, concurrency, timeout: FILE_TIMEOUT_MS });
        stream.on('test:pass', (event) => {
          if (event.details.type === 'suite') return;
          if (event.skip !== undefined) result.skipped += 1;
          else result.passed += 1;
        });
        stream.on('test:fail', () => {
          result.failed += 1;
        });
        stream.on('end', () => resolve(result));
        stream.compose(new spec()).pipe(process.stdout, { end: false });
      });
    },
  };
}

const parts: readonly Part[] = [
  ...checks,
  files('architecture', ['test/architecture/**/*.test.ts'], 2),
  files('unit', ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'bench/**/*.test.ts'], 2, storeFiles),
  files('store', storeFiles, storeConcurrency),
  files(
    'integration',
    ['packages/*/test/**/*.test.ts', 'test/integration/**/*.test.ts', 'test/attacks/**/*.test.ts'],
    2,
  ),
  files('browser', ['apps/*/test/**/*.test.ts', 'test/e2e/**/*.test.ts'], 1),
];

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !parts.some((part) => part.name.startsWith(name)));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". Parts: ${parts.map((part) => part.name).join(', ')}.`);
  process.exit(2);
}
const chosen = wanted.length === 0 ? parts : parts.filter((part) => wanted.some((name) => part.name.startsWith(name)));
process.exitCode = await runParts(chosen);
