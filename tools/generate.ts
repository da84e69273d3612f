// Writes the documents that come from source: docs/errors.md (error catalogue) and docs/events.md (everything a process may log).
// With --check it writes nothing and fails when one is stale.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errors, type ErrorEntry } from '../packages/contract/src/errors.ts';
import { root } from './parts.ts';

interface EventLike {
  readonly name: string;
  readonly level: string;
  readonly fields: readonly string[];
  readonly meaning: string;
}

const retryWords: Readonly<Record<ErrorEntry['retry'], string>> = {
  never: 'no: the request must change',
  later: 'yes, later, with growing pauses',
  'reseal-once': 'once, sealed again',
  'refill-once': 'once, after a new wallet',
  'sign-in': 'after signing in again',
};

function errorsPage(): string {
  const rows = Object.entries(errors).map(
    ([code, entry]: [string, ErrorEntry]) =>
      `| \`${code}\` | ${entry.status} | ${entry.en} | ${entry.zh} | ${retryWords[entry.retry]} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `packages/contract/src/errors.ts`; do not edit. Every refusal is `{"error": {"code", "message": {"zh", "en"}}}`, with further fields beside `error` where a client needs them (`nowMs`, `retryAfterS`).',
    '',
    '| code | status | English | 中文 | try again? |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

async function eventsPage(): Promise<string> {
  const found = new Map<string, EventLike>();
  for (const file of globSync('packages/*/src/{events,log}.ts', { cwd: root }).sort()) {
    const module = (await import(pathToFileURL(join(root, file)).href)) as {
      events?: Readonly<Record<string, EventLike>>;
    };
    for (const event of Object.values(module.events ?? {})) found.set(event.name, event);
  }
  const rows = [...found.values()]
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(
      (event) =>
        `| \`${event.name}\` | ${event.level} | ${event.fields.map((field) => `\`${field}\``).join(' ')} | ${event.meaning} |`,
    );
  return [
    '# Log events',
    '',
    'Generated from the `events` of each package; do not edit. Nothing else can be written to a log: no bodies, no query strings, no numbers of people.',
    '',
    '| event | level | fields | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const pages: Readonly<Record<string, string>> = {
  'docs/errors.md': errorsPage(),
  'docs/events.md': await eventsPage(),
};
const check = process.argv.includes('--check');
for (const [file, text] of Object.entries(pages)) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  if (check) {
    console.error(`${file} is stale: run node tools/run.mjs generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  }
}
