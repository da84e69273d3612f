// `npm run bench -- NAME`: runs bench/NAME.ts, which ends with one JSON line.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './parts.ts';

const names = globSync('bench/*.ts', { cwd: root }).map((file) => basename(file, '.ts'));
const [name = '', ...rest] = process.argv.slice(2);
if (names.includes(name)) {
  const done = spawnSync(process.execPath, [join(root, 'bench', `${name}.ts`), ...rest], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = done.status ?? 1;
} else {
  console.error(`There is no bench "${name}". Benches: ${names.sort().join(', ')}.`);
  process.exitCode = 2;
}
