// `tongche start` as a person meets it: ready only when everything answers, one clear line when it cannot, and nothing
// left behind when it stops.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { removeData } from '@tongche/postgres';
import { statusOf } from '../src/health.ts';
import { runtimeFolder, socketsIn } from '../src/layout.ts';
import { cli, temporaryFolder } from './cli.ts';

const folder = temporaryFolder('start');
/** Deeper than the path of a socket may be long, with a space and Chinese in it. */
const dataDir = join(folder.path, 'd'.repeat(80), '数据 one', 'e'.repeat(60));
after(() => folder.remove(dataDir));
const isRoot = process.getuid?.() === 0;

interface Found {
  readonly pid: number;
  readonly args: string;
}

/** Processes whose command line names the folder; from /proc, since a bare system has no `ps`. */
function processesOf(path: string): readonly Found[] {
  if (!existsSync('/proc')) {
    const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
    return lines
      .map((line) => ({ pid: Number.parseInt(line, 10), args: line }))
      .filter(({ args }) => args.includes(path));
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return args.includes(path) ? [{ pid: Number(name), args }] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

function addressesOf(ready: string): Readonly<Record<string, string>> {
  const found = [...ready.matchAll(/(\w+) (https?:\/\/\S+)/g)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  );
  return Object.fromEntries(found);
}

async function json(url: string): Promise<unknown> {
  const reply = await fetch(url);
  assert.equal(reply.status, 200, url);
  return reply.json();
}

let firstBundles: unknown;

test('a start ends in one line that begins with ready, when every process answers', async () => {
  const run = cli(['start', '--data', dataDir, '--port', '0', '--local']);
  const ready = await run.line('ready');
  assert.equal(run.output().trimEnd().split('\n').at(-1), ready, 'the last line');
  const { passenger = '', staff = '', casework = '', messages = '' } = addressesOf(ready);
  const origin = (url: string): string => new URL(url).origin;
  assert.equal(((await json(`${origin(passenger)}/healthz`)) as { ok: boolean }).ok, true);
  assert.equal(((await json(`${origin(staff)}/healthz`)) as { ok: boolean }).ok, true);
  const caseworkPort = Number(new URL(casework).port);
  const hostHeader = new URL(casework).host;
  assert.equal(await statusOf({ host: '127.0.0.1', port: caseworkPort, path: '/healthz', hostHeader }), 200);
  assert.equal((await fetch(messages)).status, 200);
  const page = await fetch(passenger);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<html/);
  const sockets = socketsIn(runtimeFolder(dataDir));
  for (const socket of Object.values(sockets)) assert.equal(await statusOf({ socket, path: '/healthz' }), 200, socket);
  firstBundles = ((await json(`${origin(passenger)}/bundles`)) as { bundles: { keyId: string }[] }).bundles.map(
    ({ keyId }) => keyId,
  );

  const second = cli(['start', '--data', dataDir, '--port', '0', '--local']);
  assert.equal(await second.exit, 2);
  assert.match(second.output(), /^tongche: Tongche already runs on .* \(process \d+\).*\n$/);

  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
  assert.match(run.output(), /Stopped\.\n$/);
  assert.deepEqual(processesOf(dataDir), []);
  for (const socket of Object.values(sockets)) assert.equal(existsSync(socket), false);
  assert.equal(existsSync(join(dataDir, 'running')), false);
});

test('a second start finds the data of the first; a process that dies comes back; Ctrl-C stops everything', async () => {
  const run = cli(['start', '--data', dataDir, '--port', '0', '--local']);
  const { passenger = '', staff = '' } = addressesOf(await run.line('ready'));
  const { bundles } = (await json(`${new URL(passenger).origin}/bundles`)) as {
    bundles: { keyId: string; platformUrl: string }[];
  };
  assert.deepEqual(
    bundles.map(({ keyId }) => keyId),
    firstBundles,
    'the same day keys',
  );
  for (const { platformUrl } of bundles) assert.equal(platformUrl, new URL(staff).origin, 'where the platform is now');

  const notifierProcess = processesOf(dataDir).find(({ args }) => args.includes(' notifier --config '));
  assert.ok(notifierProcess !== undefined);
  process.kill(notifierProcess.pid, 'SIGKILL');
  await run.line('notifier ended (SIGKILL)');
  const { notifier } = socketsIn(runtimeFolder(dataDir));
  for (let tries = 0; (await statusOf({ socket: notifier, path: '/healthz' })) !== 200; tries += 1) {
    assert.ok(tries < 600, 'the notifier does not come back');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  // What a terminal does: the whole group gets it.
  process.kill(-(run.child.pid ?? 0), 'SIGINT');
  assert.equal(await run.exit, 0);
  assert.deepEqual(processesOf(dataDir), []);
  const logs = ['platform', 'registrar', 'vault', 'notifier', 'casework', 'sink', 'engine'];
  for (const name of logs)
    assert.ok(readFileSync(join(dataDir, 'logs', `${name}.log`), 'utf8').includes('"event"'), name);
});

test('a process that ends before all are ready ends the start, whichever is being waited for', async () => {
  const data = join(folder.path, 'broken');
  const run = cli(['start', '--data', data, '--port', '0', '--local']);
  const pidOf = async (name: string): Promise<number> => {
    for (;;) {
      const found = processesOf(data).find(({ args }) => args.includes(` ${name} --config `));
      if (found !== undefined) return found.pid;
      assert.equal(run.child.exitCode, null, run.output());
      await wait(20);
    }
  };
  // The vault is waited for from here on, however fast the machine.
  const vault = await pidOf('vault');
  process.kill(vault, 'SIGSTOP');
  process.kill(await pidOf('sink'), 'SIGKILL');
  assert.match(await run.line('  {'), /"event":/, 'how its log ends');
  process.kill(vault, 'SIGCONT');
  assert.equal(await run.exit, 2);
  assert.match(run.output(), /\ntongche: sink ended while starting \(SIGKILL\); its log is [^\n]*\n$/);
  assert.deepEqual(processesOf(data), []);
  removeData(join(data, 'postgres'));
});

test('a taken port is one clear line', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const run = cli(['start', '--data', join(folder.path, 'taken'), '--port', String(port), '--local']);
  assert.equal(await run.exit, 2);
  assert.match(run.output(), new RegExp(`^tongche: port ${port} for the passenger page is already taken[^\\n]*\\n$`));
});

test('a folder that cannot be written is one clear line', async () => {
  const closed = join(folder.path, 'closed');
  mkdirSync(closed);
  writeFileSync(join(closed, 'file'), '');
  const run = cli(['start', '--data', join(closed, 'file', 'data'), '--port', '0', '--local']);
  assert.equal(await run.exit, 2);
  assert.match(run.output(), /^tongche: \S+ cannot be written: a part of the path is a file\n$/);
});

test(
  'an ordinary user without rights gets one clear line',
  { skip: !isRoot && 'needs root to become another user' },
  async () => {
    const closed = join(folder.path, 'roots-own');
    mkdirSync(closed, { mode: 0o755 });
    chmodSync(folder.path, 0o755);
    const run = cli(['start', '--data', join(closed, 'data'), '--port', '0', '--local'], { uid: 65_534 });
    assert.equal(await run.exit, 2);
    assert.match(run.output(), /^tongche: \S+ cannot be written: this user may not write there\n$/);
  },
);

test('a missing system library is one clear line', async () => {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  for (const name of ['postgres', 'initdb']) {
    const program = `#!/bin/sh\necho "${name}: error while loading shared libraries: libmissing.so.1: cannot open shared object file: No such file or directory" >&2\nexit 127\n`;
    writeFileSync(join(bin, name), program, { mode: 0o755 });
  }
  const data = join(folder.path, 'library');
  const run = cli(['start', '--data', data, '--port', '0', '--local'], { env: { PG_BIN: bin } });
  assert.equal(await run.exit, 2);
  assert.match(run.output(), /^Starting the database …\ntongche: [^\n]*libmissing\.so\.1[^\n]*\n$/);
  removeData(join(data, 'postgres'));
});

test('an unknown command or flag is one line with the known ones', async () => {
  const command = cli(['begin']);
  assert.equal(await command.exit, 2);
  assert.match(command.output(), /^tongche: unknown command "begin"; known: start, platform, [^\n]+\n$/);
  const flag = cli(['start', '--speed', '9']);
  assert.equal(await flag.exit, 2);
  assert.match(flag.output(), /^tongche: start: unknown option '--speed'; it takes --data VALUE, [^\n]+\n$/);
  const value = cli(['start', '--port', 'many']);
  assert.equal(await value.exit, 2);
  assert.match(value.output(), /^tongche: start: --port must be a number from 0 to \d+\n$/);
});
