// What the passenger page loads must not reach a library: no file behind './formats' or './webcrypto' imports a package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Every module specifier reachable from a file of this folder. */
function reachable(start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (!file.startsWith('./')) continue;
    const source = readFileSync(new URL(file, import.meta.url), 'utf8');
    for (const match of source.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gms)) waiting.push(match[1] ?? '');
  }
  return seen;
}

for (const entry of ['./formats.ts', './webcrypto.ts']) {
  test(`${entry} reaches no package, no Node module, no noble and no test helper`, () => {
    const files = reachable(entry);
    assert.ok(files.size > 5, 'the walk found the files');
    const outside = [...files].filter((file) => !file.startsWith('./'));
    assert.deepEqual(outside, []);
    for (const file of ['./noble.ts', './node.ts', './testing.ts']) assert.ok(!files.has(file), file);
  });
}

test('the face as a whole reaches noble and nothing else outside', () => {
  const outside = [...reachable('./index.ts')].filter((file) => !file.startsWith('./')).sort();
  assert.ok(outside.length > 0);
  for (const file of outside) assert.match(file, /^@noble\/(ciphers|curves|hashes)\//);
});

test('portable files name no clock, no randomness and no process of their own', () => {
  for (const file of reachable('./formats.ts')) {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.doesNotMatch(source, /Date\.now|new Date\(\)|Math\.random|process\.|globalThis/, file);
  }
});
