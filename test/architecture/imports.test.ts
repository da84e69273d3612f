// Checks the shape of the repository itself: who may import whom, and through which door.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const builtins = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);

const serverBase = ['contract', 'http', 'postgres', 'protocol', 'runtime'];
/** Package -> workspace packages it may import. Anything that is not listed here is refused. No process imports another process. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  tracing: ['protocol'],
  exports: ['protocol'],
  network: ['exports'],
  contract: [],
  messages: [],
  print: [],
  runtime: [],
  postgres: ['runtime'],
  http: ['contract', 'runtime'],
  approval: ['protocol'],
  connectors: ['runtime', 'messages'],
  outbox: ['postgres', 'messages'],
  platform: [...serverBase, 'network', 'approval', 'print'],
  registrar: [...serverBase, 'connectors', 'messages'],
  vault: [...serverBase, 'approval', 'exports', 'tracing', 'outbox', 'messages'],
  notifier: ['contract', 'http', 'postgres', 'runtime', 'connectors', 'outbox', 'messages'],
  casework: [...serverBase, 'approval'],
  simulator: ['contract', 'network', 'protocol', 'runtime', 'tracing'],
  evaluation: ['simulator', 'tracing'],
  tongche: [
    ...serverBase,
    'approval',
    'casework',
    'connectors',
    'evaluation',
    'messages',
    'network',
    'notifier',
    'outbox',
    'platform',
    'print',
    'registrar',
    'simulator',
    'tracing',
    'vault',
  ],
  ui: ['contract'],
  passenger: ['protocol', 'contract', 'exports', 'tracing', 'ui'],
  staff: ['protocol', 'contract', 'ui'],
  authority: ['protocol', 'contract', 'ui'],
  operator: ['contract', 'ui'],
};
/** Portable: runs in phones and servers alike, so no Node, no DOM, no clock. Paths that may still use Node are named. */
const portable: Readonly<Record<string, readonly RegExp[]>> = {
  protocol: [/^src\/node(-[a-z-]+)?\.ts$/],
  tracing: [],
  contract: [],
  messages: [],
  exports: [/^src\/encode\.ts$/],
  network: [/^src\/import\//],
};
const browser = new Set(['ui', 'passenger', 'staff', 'authority', 'operator']);

interface Package {
  readonly name: string;
  readonly dir: string;
  readonly declared: ReadonlySet<string>;
  readonly dev: ReadonlySet<string>;
}
interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function packagesIn(folder: string): readonly Package[] {
  return globSync('{packages,apps}/*/package.json', { cwd: folder }).map((file) => {
    const json = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Manifest;
    return {
      name: json.name.replace(/^@tongche\//, ''),
      dir: join(folder, dirname(file)),
      declared: new Set(Object.keys({ ...json.dependencies, ...json.optionalDependencies })),
      dev: new Set(Object.keys(json.devDependencies ?? {})),
    };
  });
}

const importPattern =
  /(?:^|[\s;}])(import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/gm;

/** Every broken rule in one source text, as sentences. */
export function violations(pkg: Package, file: string, text: string): readonly string[] {
  const found: string[] = [];
  const isTest = /\.test\.tsx?$|^(test|test-kit)/.test(relative(pkg.dir, file));
  const inside = relative(pkg.dir, file);
  const isPortable = portable[pkg.name] !== undefined && !portable[pkg.name]?.some((pattern) => pattern.test(inside));
  for (const [, , type, fromStatic, fromDynamic] of text.matchAll(importPattern)) {
    const specifier = (fromStatic ?? fromDynamic ?? '').replace(/\?.*$/, '');
    const where = `${relative(root, file)} imports ${specifier}`;
    if (specifier.startsWith('.')) {
      if (!/\.(ts|tsx|css|json|html|sql)$/.test(specifier)) found.push(`${where}: write the extension`);
      if (relative(pkg.dir, resolve(dirname(file), specifier)).startsWith('..'))
        found.push(`${where}: leaves its package`);
      continue;
    }
    if (builtins.has(specifier)) {
      if (!isTest && isPortable) found.push(`${where}: a portable package may not use Node`);
      if (!isTest && browser.has(pkg.name) && inside.startsWith('src')) found.push(`${where}: a page may not use Node`);
      continue;
    }
    const name = specifier.startsWith('@')
      ? specifier.split('/').slice(0, 2).join('/')
      : (specifier.split('/')[0] ?? '');
    const workspace = name.startsWith('@tongche/') ? name.slice('@tongche/'.length) : undefined;
    if (isTest) continue;
    if (!pkg.declared.has(name) && !(pkg.dev.has(name) && !inside.startsWith('src')))
      found.push(`${where}, which its package.json does not declare`);
    if (workspace !== undefined && workspace !== pkg.name && !allowed[pkg.name]?.includes(workspace)) {
      found.push(`${where}, which the table of allowed imports does not name`);
    }
    if (browser.has(pkg.name) && workspace === 'contract' && !type)
      found.push(`${where}: pages import only types of the contract`);
  }
  if (
    isPortable &&
    !isTest &&
    /\bDate\.now\(|\bMath\.random\(|\bprocess\./.test(text.replace(/\/\/.*|\/\*[^]*?\*\//g, ''))
  ) {
    found.push(`${relative(root, file)}: a portable package takes clock and randomness as arguments`);
  }
  return found;
}

for (const pkg of packagesIn(root)) {
  test(`${pkg.name} imports only what it declares and is allowed`, () => {
    assert.ok(allowed[pkg.name], `${pkg.name} is missing from the table of allowed imports`);
    const files = globSync('{src,test,migrations}/**/*.{ts,tsx}', { cwd: pkg.dir });
    assert.ok(files.length > 0, `${pkg.name} has no source`);
    const all = files.flatMap((file) =>
      violations(pkg, join(pkg.dir, file), readFileSync(join(pkg.dir, file), 'utf8')),
    );
    assert.deepEqual(all, []);
  });
}

test('every planted violation is found', () => {
  const pkg: Package = {
    name: 'platform',
    dir: join(root, 'packages/platform'),
    declared: new Set(['@tongche/vault', 'fastify']),
    dev: new Set(),
  };
  const portablePkg: Package = {
    name: 'protocol',
    dir: join(root, 'packages/protocol'),
    declared: new Set(),
    dev: new Set(),
  };
  const at = (dir: string) => join(root, dir, 'src/planted.ts');
  const plant = (text: string, p: Package = pkg) => violations(p, at(`packages/${p.name}`), text).length;
  assert.equal(plant("import { buildVault } from '@tongche/vault';"), 1);
  assert.equal(plant("import x from 'left-pad';"), 1);
  assert.equal(plant("import { a } from '../../vault/src/index.ts';"), 1);
  assert.equal(plant("import { a } from './a';"), 1);
  assert.equal(plant("const a = await import('@tongche/vault');"), 1);
  assert.equal(plant("export { a } from '@tongche/vault';"), 1);
  assert.equal(plant("import {\n  a,\n  b,\n} from '@tongche/vault';"), 1);
  assert.equal(plant("import { readFileSync } from 'node:fs';", portablePkg), 1);
  assert.equal(plant('const now = Date.now();', portablePkg), 1);
  assert.equal(plant("import { a } from './a.ts';\nimport fastify from 'fastify';"), 0);
});
