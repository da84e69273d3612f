// Writes the documents that come from source: docs/errors.md (error catalogue), docs/events.md (everything a process may
// log), docs/lists.md (what the columns of an operator’s lists may be called) and the tables of docs/sizing.md.
// With --check it writes nothing and fails when one is stale.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errors, type ErrorEntry } from '../packages/contract/src/errors.ts';
import { withTables } from '../bench/kit/sizing-page.ts';
import { LIST_SHAPES } from '../packages/network/src/import/index.ts';
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

/** What each list is for; its columns come from its reader. */
const LIST_WORDS: Readonly<Record<keyof typeof LIST_SHAPES, string>> = {
  fleet:
    'Every unit that carries a code: buses, carriages with their place in the train, stations, taxis, coaches, ferries. 车辆清单',
  roster: 'The operator’s own people who sign in: role `driver`, `station` or `admin`. 人员名单',
  codes: 'Codes printed earlier or elsewhere, with the unit each is stuck to. 二维码清单',
  aliases: 'Contents of QR codes the city already has, each standing for a code or a unit. 已有二维码',
  'vehicle-runs': 'Dispatch: which vehicle makes which trip, for a day or for good. 排班',
  'rider-counts': 'Riders counted by other means (card taps, drivers) by line and hour, to judge coverage. 客流',
  'line-stops':
    'A network without a timetable: the stops of every line in order, with coordinates (WGS-84, GCJ-02 or BD-09). 线路站点',
  positions: 'Where vehicles were (AVL); GTFS-Realtime feeds are taken as well. 车辆位置',
};

function listsPage(): string {
  const sections = Object.entries(LIST_SHAPES).flatMap(([kind, { columns, needed }]) => [
    `## ${kind}`,
    '',
    LIST_WORDS[kind as keyof typeof LIST_SHAPES],
    '',
    `Needed: ${needed.map((group) => group.map((key) => `\`${key}\``).join(' or ')).join(', ')}.`,
    '',
    '| column | also called |',
    '|---|---|',
    ...columns.map(({ key, words }) => `| \`${key}\` | ${words.join(' · ')} |`),
    '',
  ]);
  return [
    '# Lists an operator may send',
    '',
    'Generated from the readers in `packages/network/src/import`; do not edit. Each is a table with a header: CSV in UTF-8, UTF-16 or GB18030 with comma, semicolon or tab, or the first sheet of an XLSX workbook; the kind of file is told by its bytes. Columns may stand in any order; unknown ones are ignored. Every import is tried first: rows that are wrong are named by line, column and reason, and come back as a file to mend and send again. What is exported has these keys and can be imported again.',
    '',
    ...sections,
  ].join('\n');
}

const pages: Readonly<Record<string, string>> = {
  'docs/errors.md': errorsPage(),
  'docs/events.md': await eventsPage(),
  'docs/lists.md': listsPage(),
  'docs/sizing.md': withTables(readFileSync(join(root, 'docs/sizing.md'), 'utf8')),
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
