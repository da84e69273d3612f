// `tongche import`, `export` and `codes` against a running city: files in and out, codes under hand, mistakes in one line.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cli, temporaryFolder } from './cli.ts';

const folder = temporaryFolder('files');
const dataDir = join(folder.path, 'data');
after(() => folder.remove());

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function tongche(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const [first = '', ...others] = command.split(' ');
  const run = cli([first, ...others, ...args, '--data', dataDir], { cwd: folder.path, env });
  return { code: await run.exit, output: run.output() };
}

test('lists go in and out, codes are issued, moved and revoked', { timeout: 600_000 }, async () => {
  const city = cli(['start', '--data', dataDir, '--local', '--port', '0']);
  await city.line('ready');

  const out = await tongche('export fleet fleet.csv', []);
  assert.equal(out.code, 0, out.output);
  const fleet = readFileSync(join(folder.path, 'fleet.csv'), 'utf8');
  const same = await tongche('import fleet fleet.csv', []);
  assert.equal(same.code, 0, same.output);
  assert.match(same.output, /units: 0 new, 0 changed, \d+ the same, 0 gone/);

  const extra = `${fleet.trim()}\nextra-1,bus,extra-1,,粤B12321D,,,,,70\nextra-2,bus,extra-2,,nonsense,,,,,70\n`;
  writeFileSync(join(folder.path, 'more.csv'), extra);
  const refused = await tongche('import fleet more.csv', ['--bad-rows', 'bad.csv']);
  assert.equal(refused.code, 1, refused.output);
  assert.match(refused.output, /plate: bad-plate/);
  assert.match(refused.output, /nothing was taken in/);
  assert.match(readFileSync(join(folder.path, 'bad.csv'), 'utf8'), /extra-2,.*plate: bad-plate/);
  const good = await tongche('import fleet more.csv', ['--good-rows']);
  assert.match(good.output, /units: 1 new, 0 changed/);
  assert.match(good.output, /taken in: \d+ rows/);

  const issued = await tongche('codes issue', ['--units', 'extra-1', '--per-unit', '3']);
  assert.match(issued.output, /^batch \d+: 3 codes for 1 units\n$/);
  const list = await tongche('codes list', ['--unit', 'extra-1']);
  const codes = list.output.trim().split('\n');
  assert.equal(codes.length, 3, list.output);
  const [code = '', shortCode, purpose, , unit, plate] = codes[0]?.split('\t') ?? [];
  assert.deepEqual([purpose, unit, plate], ['passenger', 'extra-1', '粤B12321D']);
  assert.match(shortCode ?? '', /^[2-9A-Y]{7}$/);
  const other = fleet.split('\n')[1]?.split(',')[0] ?? '';
  const moved = await tongche(`codes move ${code}`, ['--to', other]);
  assert.equal(moved.output.split('\t')[4], other, moved.output);
  const replaced = await tongche(`codes replace ${code}`, []);
  assert.equal(replaced.code, 0, replaced.output);
  const revoked = await tongche(`codes revoke ${replaced.output.split('\t')[0] ?? ''}`, []);
  assert.equal(revoked.output.split('\t')[3], 'revoked');

  writeFileSync(join(folder.path, 'people.csv'), '账号,姓名,岗位\nqian,钱七,司机\n');
  const people = await tongche('import roster people.csv', ['--passwords', 'first.csv']);
  assert.equal(people.code, 0, people.output);
  assert.match(readFileSync(join(folder.path, 'first.csv'), 'utf8'), /qian,钱七,driver,[2-9A-Y]{4}-/);
  assert.equal(statSync(join(folder.path, 'first.csv')).mode & 0o777, 0o600);

  const network = await tongche('export gtfs net.zip', []);
  assert.equal(network.code, 0, network.output);
  assert.ok(existsSync(join(folder.path, 'net.zip')));
  const dry = await tongche('import gtfs net.zip', ['--dry-run']);
  assert.equal(dry.code, 0, dry.output);
  assert.match(dry.output, /timetable: 0 new, 0 changed, 1 the same, 0 gone/);
  assert.match(dry.output, /nothing was taken in/);

  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['import fleets fleet.csv', [], /there is no kind "fleets"; there are gtfs/],
    ['import fleet nowhere.csv', [], /nowhere\.csv cannot be read: ENOENT/],
    ['import fleet', [], /it is called as import KIND FILE/],
    ['import gtfs fleet.csv', [], /\(import-unreadable\)/],
    ['codes', [], /say what to do: issue, list, move/],
    ['codes move short', ['--to', 'extra-1'], /"short" is no code of 11 characters/],
    [`codes move ${code}`, ['--to', 'nowhere'], /\(unknown-unit\)/],
    ['codes issue', ['--units', 'nowhere'], /\(unknown-unit\)/],
  ];
  for (const [command, args, expected] of mistakes) {
    const { code: exit, output } = await tongche(command, args);
    assert.equal(exit, 2, output);
    assert.match(output, expected);
    assert.equal(output.trim().split('\n').length, 1, output);
  }
  const wrong = await tongche('export fleet x.csv', [], { TONGCHE_PASSWORD: 'wrong' });
  assert.equal(wrong.code, 2);
  assert.match(wrong.output, /\(wrong-credentials\)/);
  city.child.kill('SIGTERM');
  await city.exit;
});
