// The command line of Tongche. Each command is one file in ./commands, loaded only when it is called, so that a process
// of one trust domain never loads the code of another.
import { ConfigError } from '@tongche/runtime';
import type { Context } from './arguments.ts';

type Run = (context: Context, args: readonly string[]) => Promise<void>;

const oneProcess = (
  name: 'platform' | 'registrar' | 'vault' | 'notifier' | 'casework' | 'sink',
): (() => Promise<Run>) => {
  return async () => {
    const { runOne } = await import('./commands/one-process.ts');
    return (_context, args) => runOne(name, args);
  };
};

const commands: Readonly<Record<string, () => Promise<Run>>> = {
  start: async () => (await import('./commands/start.ts')).start,
  platform: oneProcess('platform'),
  registrar: oneProcess('registrar'),
  vault: oneProcess('vault'),
  notifier: oneProcess('notifier'),
  casework: oneProcess('casework'),
  sink: oneProcess('sink'),
  provision: async () => (await import('./commands/provision.ts')).provisionCommand,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  replay: async () => {
    const { replayCommand } = await import('./commands/replay.ts');
    return async (_context, args) => void (process.exitCode = await replayCommand(args));
  },
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  'check-text': async () => (await import('./commands/check-text.ts')).checkText,
  demo: async () => (await import('./commands/demo.ts')).demo,
  print: async () => (await import('./commands/print.ts')).print,
  import: async () => (await import('./commands/import.ts')).importCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  codes: async () => (await import('./commands/codes.ts')).codes,
  verify: async () => (await import('./commands/verify.ts')).verify,
  ceremony: async () => (await import('./commands/ceremony.ts')).ceremony,
};

/** What `help` prints. One line a command. */
const usage: readonly (readonly [string, string])[] = [
  ['start [--data DIR] [--port N] [--local]', 'everything on this machine, with the demonstration city'],
  ['platform|registrar|vault|notifier|casework|sink --config FILE --secrets FILE', 'one process'],
  ['platform … --processes N', 'several platform processes on this machine that share the port'],
  ['provision --data DIR …', 'keys, configuration and secrets of a production installation'],
  ['backup --data DIR --to DIR', 'databases, configuration and logs; never a key'],
  ['restore --from DIR --data DIR', 'a backup into an empty data folder'],
  ['verify --url URL|--folder DIR --key KEY [--keep FILE]', "check the authority's public log, as anybody can"],
  ['check-text --file FILE [--purpose P] [--language zh|en] [--provider P]', 'holds a message text to the rules'],
  ['ceremony root|roster …', 'the root key, and the signed list of staff keys'],
  [
    'print --template T --out FILE --units A,B|--batch N|--line L [--data DIR|--url URL --account A]',
    'stickers or posters of codes as PDF; password of the account in TONGCHE_PASSWORD',
  ],
  [
    'import KIND FILE [--dry-run] [--good-rows] [--bad-rows FILE] [--as-of DATE] [--coordinates C] [--plate-prefix P] …',
    'gtfs, line-stops, fleet, roster, codes, aliases, vehicle-runs, positions or rider-counts into the platform; checked first; C is wgs84, gcj02 or bd09',
  ],
  ['export KIND FILE.csv|.xlsx|.zip …', 'what an import of that kind takes'],
  ['codes issue|list|move|replace|revoke …', 'codes of vehicles, carriages and stations'],
  ['demo [--riders N] [--speed N] [--once] [--json] …', 'a day of the city in a minute, with a case at noon'],
  ['replay --rides FILE --visits FILE --expected FILE', 'recorded rides through the whole system, graded'],
  ['evaluate [--seeds A,B] [--compliance X,Y] [--calibrate]', 'how good the trace is, in a simulated city; its priors'],
];

function help(): void {
  for (const [call, meaning] of usage) process.stdout.write(`tongche ${call}\n    ${meaning}\n`);
}

async function main(): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2);
  if (name === 'help' || name === '--help') return help();
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    const list = Object.keys(commands).join(', ');
    throw new ConfigError(name === '' ? `a command is needed: ${list}` : `unknown command "${name}"; known: ${list}`);
  }
  const context: Context = {
    calledFrom: process.env['TONGCHE_CALLED_FROM'] ?? process.cwd(),
    print: (line) => void process.stdout.write(`${line}\n`),
    isTerminal: process.stdout.isTTY,
    postgresBin: process.env['PG_BIN'],
  };
  const run = await load();
  await run(context, args);
}

// A terminal that was closed must not keep us from stopping everything in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`tongche: ${error.message}\n`);
  process.exitCode = 2;
}
