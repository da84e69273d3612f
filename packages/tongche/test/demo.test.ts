// `demo` as a person meets it: a small day whose every number is the plan's, one clear line for a wrong option, and nothing left
// behind however it ends.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dayFromText, unwrap } from '@tongche/protocol';
import { aboardWithCase, planDay } from '@tongche/simulator';
import type { DayPlan } from '@tongche/simulator';
import { readDemoCity } from '../src/demo/city.ts';
import { demoOptions } from '../src/demo/options.ts';
import type { DemoReport } from '../src/demo/report.ts';
import { cli, temporaryFolder } from './cli.ts';

const folder = temporaryFolder('demo-test');
const temp = join(folder.path, 't');
mkdirSync(temp);
after(() => folder.remove());
const env = { TMPDIR: temp };
const riders = 120;
const seed = 11;
/** As fast as the machine can. */
const fast = ['--speed', '100000', '--port', '0', '--local'];
const hourMs = 3_600_000;

/** What a plan promises, counted here ride by ride. */
function expectedOf({ rides, shifts, units }: DayPlan) {
  const told = { scanned: 0, companions: 0, assisted: 0, offline: 0, wrong: 0, undone: 0, heads: 0 };
  for (const { registration } of rides) {
    if (registration.kind === 'none') continue;
    told.heads += 1 + registration.party;
    if (registration.kind === 'assisted') {
      told.assisted += 1;
      continue;
    }
    const { companion, sentMs, wrong, party } = registration;
    if (sentMs === undefined) told.scanned += 1;
    else told.offline += 1;
    if (companion !== undefined) told.companions += 1;
    if (companion !== undefined) told.heads += 1;
    if (wrong === undefined) continue;
    told.wrong += 1;
    told.scanned += 1;
    if (wrong.isUndone) told.undone += 1;
    else told.heads += 1 + party;
  }
  const crew = shifts.filter(
    ({ crewDigits, unitId }) => crewDigits !== undefined && units.get(unitId)?.crewCode8 !== undefined,
  ).length;
  const acknowledged = told.scanned + told.offline + told.companions + told.assisted + crew;
  return { ...told, crew, acknowledged, trips: shifts.reduce((sum, { trips }) => sum + trips.length, 0) };
}

function escaped(text: string): string {
  return text.replaceAll(/[()[\]]/g, '\\$&');
}

function leftBehind(): readonly string[] {
  return readdirSync(temp).filter((name) => /^tongche-(demo|run)-/.test(name));
}

function enginesBelow(path: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(path, 'tongche-demo-'));
    } catch {
      return false;
    }
  }).length;
}

test('a small day comes to what its plan says, and its case finds everybody who could be found', async () => {
  const run = cli(['demo', '--once', '--json', '--riders', `${riders}`, '--seed', `${seed}`, ...fast], { env });
  assert.equal(await run.exit, 0, run.output());
  const { good, ...report } = JSON.parse(await run.line('{"demo"')) as DemoReport & { readonly good: boolean };
  assert.equal(good, true);
  const day = unwrap(dayFromText(report.date));
  const plan = planDay(await readDemoCity(join(folder.path, 'city')), day, { riders, seed });
  const { statistics, theCase, later } = report;
  assert.deepEqual({ ...statistics, ...expectedOf(plan) }, statistics);
  assert.deepEqual([statistics.refused, statistics.faults], [{}, 0]);
  assert.equal(report.stored, statistics.acknowledged - statistics.undone);

  // The same question asked of the truth: who was aboard, and known by then.
  const caseMs = plan.fromMs + (12.25 - 4.5) * hourMs;
  const aboard = aboardWithCase(plan, caseMs);
  const known = [...aboard.values()].filter((unknown) => unknown === undefined).length;
  assert.ok(known > 0, 'a case nobody rode with tests nothing');
  assert.deepEqual(
    [theCase.grade.aboard, theCase.grade.expected, theCase.grade.found, theCase.grade.extra.unexplained],
    [aboard.size, known, known, 0],
  );
  assert.equal(later.found, later.expected);
  assert.equal(theCase.contacts, theCase.grade.found + theCase.grade.extras);
  assert.deepEqual([theCase.messages, theCase.delivered, theCase.failed], [theCase.contacts, theCase.contacts, 0]);
  assert.deepEqual(leftBehind(), []);
});

test('a killed demonstration is cleared away by the next, and one that is stopped clears away itself', async () => {
  const killed = cli(['demo', '--riders', '20', ...fast], { env });
  await killed.line('  Passenger page');
  killed.child.kill('SIGKILL');
  await killed.exit;
  assert.ok(leftBehind().length > 0);
  assert.ok(enginesBelow(temp) > 0, 'the database outlives its owner');

  const next = cli(['demo', '--riders', '20', '--speed', '600', '--port', '0', '--local'], { env });
  await next.line('Removed what a killed demonstration left.');
  await next.line('  Passenger page');
  assert.equal(leftBehind().filter((name) => name.startsWith('tongche-demo-')).length, 1);
  next.child.kill('SIGTERM');
  assert.equal(await next.exit, 0);
  assert.match(next.output(), /Stopped; the data of this demonstration is removed\.\n$/);
  assert.deepEqual(leftBehind(), []);
  assert.equal(enginesBelow(temp), 0);
});

test('a wrong option is one clear line', async () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [['--riders', 'many'], '--riders must be a number from 10 to 200000'],
    [['--riders', '9'], '--riders must be a number from 10 to 200000'],
    [['--speed', '1'], '--speed must be a number from 60 to 100000'],
    [['--port', '80'], '--port must be 0 (any free ones) or from 1024 to 65000'],
    [['--rider', '100'], "unknown option '--rider'"],
  ];
  for (const [args, said] of wrong)
    assert.throws(() => demoOptions(args), new RegExp(`^ConfigError: demo: .*${escaped(said)}`));
  const run = cli(['demo', '--riders', 'many'], { env });
  assert.equal(await run.exit, 2);
  assert.equal(run.output(), 'tongche: demo: --riders must be a number from 10 to 200000\n');
  assert.deepEqual(leftBehind(), []);
});
