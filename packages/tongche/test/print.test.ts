// `tongche print` against a running city: stickers of a line and of vehicles, and one clear line for each mistake.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readFleet } from '@tongche/network/import';
import { cli, temporaryFolder } from './cli.ts';

const folder = temporaryFolder('print');
const dataDir = join(folder.path, 'data');
after(() => folder.remove());

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function print(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const run = cli(['print', '--data', dataDir, ...args], { cwd: folder.path, env });
  return { code: await run.exit, output: run.output() };
}

test('stickers are printed by the running city, and mistakes are one line', { timeout: 300_000 }, async () => {
  const wanted = ['--template', 'bus-90x120', '--out', 'stickers.pdf'];
  const early = await print([...wanted, '--batch', '1']);
  assert.equal(early.code, 2);
  assert.match(early.output, /^tongche: --url is needed/);

  const city = cli(['start', '--data', dataDir, '--local', '--port', '0']);
  await city.line('ready');
  const fleet = await readFleet(join(dataDir, 'city', 'fleet.csv'));
  const bus = fleet.rows.find(({ kind, usualLineId }) => kind === 'bus' && usualLineId !== undefined);
  const [unit, line] = [bus?.unitId ?? '', bus?.usualLineId ?? ''];

  const byUnit = await print([...wanted, '--units', unit]);
  assert.equal(byUnit.code, 0, byUnit.output);
  assert.match(byUnit.output, /^\d+ pages?, \d+ KB: .*stickers\.pdf\n$/);
  assert.equal(readFileSync(join(folder.path, 'stickers.pdf')).subarray(0, 5).toString(), '%PDF-');
  const byLine = await print(['--template', 'window-50x50', '--out', 'line.pdf', '--line', line]);
  assert.equal(byLine.code, 0, byLine.output);
  assert.ok(existsSync(join(folder.path, 'line.pdf')));

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [[...wanted, '--batch', '4711'], /^tongche: .*\(not-found\)/],
    [[...wanted, '--units', 'no-such'], /^tongche: .*\(unknown-unit\) .*no-such/],
    [[...wanted, '--line', 'no-such'], /^tongche: print: no vehicle serves the line "no-such"/],
    [wanted, /^tongche: print: say what to print/],
    [['--template', 'postcard', '--out', 'x.pdf', '--batch', '1'], /no template "postcard"; there are bus-90x120/],
    [['--template', 'bus-90x120', '--out', 'no/such/x.pdf', '--units', unit], /cannot be written: ENOENT/],
    [[...wanted, '--units', unit, '--url', 'http://127.0.0.1:1'], /nobody answers at http:\/\/127\.0\.0\.1:1/],
  ];
  for (const [args, expected] of mistakes) {
    const { code, output } = await print(args);
    assert.equal(code, 2, output);
    assert.match(output, expected);
    assert.equal(output.trim().split('\n').length, 1, output);
  }
  const wrong = await print([...wanted, '--units', unit], { TONGCHE_PASSWORD: 'wrong' });
  assert.match(wrong.output, /\(wrong-credentials\)/);
  city.child.kill('SIGINT');
  assert.equal(await city.exit, 0, city.output());
});
