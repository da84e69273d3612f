// Builds the front ends with Vite into their git-ignored `dist` folders, each only when the digest of its sources changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Packages whose source goes into pages. */
const SHARED = ['packages/protocol', 'packages/contract', 'packages/messages', 'apps/ui'];

function digestOf(app: string): string {
  const hash = createHash('sha256');
  const patterns = [...SHARED, app].flatMap((folder) => [
    `${folder}/src/**/*`,
    `${folder}/public/**/*`,
    `${folder}/*.{ts,json,html}`,
  ]);
  for (const file of globSync([...patterns, 'package-lock.json'], { cwd: root }).sort()) {
    if (/\.test\.tsx?$/.test(file)) continue;
    try {
      const bytes = readFileSync(join(root, file));
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    }
  }
  return hash.digest('hex');
}

for (const config of globSync('apps/*/vite.config.ts', { cwd: root }).sort()) {
  const app = dirname(config);
  const mark = join(root, app, 'dist', '.built-from');
  const want = digestOf(app);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === want) continue;
  const began = performance.now();
  const script = existsSync(join(root, app, 'build.ts'))
    ? [join(root, app, 'build.ts')]
    : [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'];
  const built = spawnSync(process.execPath, script, { cwd: join(root, app), stdio: ['ignore', 'ignore', 'inherit'] });
  if (built.status !== 0) {
    console.error(`Building ${relative(root, app) || app} failed.`);
    process.exit(1);
  }
  writeFileSync(mark, want);
  console.log(`Built ${app} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
