// Recorded rides played through a whole city: nothing missing, nothing extra, and a wrong expectation is seen. What is expected
// is computed here by comparing every ride with every other.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '@tongche/runtime';
import { runReplay } from '../src/commands/replay.ts';
import type { ReplayFiles } from '../src/commands/replay.ts';
import { cli, temporaryFolder } from './cli.ts';

interface Ride {
  readonly date: string;
  readonly line: string;
  readonly runId: string;
  readonly time: string;
  readonly board: number;
  readonly alight: number;
  readonly card: string;
}
interface Case {
  readonly card: string;
  readonly from: string;
  readonly to: string;
}

const lines = ['7', 'N2'];
const days = ['2026-03-02', '2026-03-03', '2026-03-04'];
const stopsOfRun = 9;
const cards = Array.from({ length: 40 }, (_, index) => `C${index}`);
const cases: readonly Case[] = [
  { card: 'C0', from: '2026-03-02', to: '2026-03-04' },
  { card: 'C1', from: '2026-03-03', to: '2026-03-03' },
  { card: 'C2', from: '2026-03-02', to: '2026-03-03' },
];

const folder = temporaryFolder('replay');
after(() => folder.remove());

const random = seededRandom('replayed rides');
function below(limit: number): number {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) % limit;
}

function timeOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00`;
}

interface Run {
  readonly id: string;
  readonly date: string;
  readonly line: string;
  readonly startMinute: number;
}

function runsOf(): readonly Run[] {
  return days.flatMap((date) =>
    lines.flatMap((line) =>
      [7 * 60, 18 * 60].map((startMinute) => ({ id: `${date}-${line}-${startMinute}`, date, line, startMinute })),
    ),
  );
}

function rideOn({ id, date, line, startMinute }: Run, card: string, board: number, alight: number): Ride {
  return { date, line, runId: id, time: timeOf(startMinute + board * 4), board, alight, card };
}

function makeRides(runs: readonly Run[]): readonly Ride[] {
  const rides: Ride[] = [];
  for (const run of runs) {
    for (const card of cards) {
      if (below(3) > 0) continue;
      const board = 1 + below(stopsOfRun - 1);
      const ride = rideOn(run, card, board, board + 1 + below(stopsOfRun - board));
      // Some recordings do not know the run.
      rides.push(below(8) === 0 ? { ...ride, runId: '' } : ride);
    }
    // A card twice on one run, off the bus in between.
    rides.push(rideOn(run, 'C-twice', 1, 3), rideOn(run, 'C-twice', 6, 8));
  }
  return rides;
}

function isTogether(a: Ride, b: Ride): boolean {
  return a.runId !== '' && a.runId === b.runId && Math.max(a.board, b.board) < Math.min(a.alight, b.alight);
}

function fellowsOf(rides: readonly Ride[], { card, from, to }: Case): readonly string[] {
  const own = rides.filter((ride) => ride.card === card && ride.date >= from && ride.date <= to);
  const fellows = rides.filter((ride) => ride.card !== card && own.some((mine) => isTogether(mine, ride)));
  return [...new Set(fellows.map((ride) => ride.card))];
}

function ridesCsv(rides: readonly Ride[]): string {
  const rows = rides.map((ride) =>
    [ride.date, ride.line, 0, ride.runId, ride.time, ride.board, '', ride.alight, ride.card].join(','),
  );
  return ['service_date,line,direction,run_id,board_time,board_seq,alight_time,alight_seq,card', ...rows, ''].join(
    '\n',
  );
}

function visitsCsv(runs: readonly Run[]): string {
  const rows = runs.flatMap((run) =>
    Array.from({ length: stopsOfRun }, (_, index) => {
      const time = timeOf(run.startMinute + (index + 1) * 4);
      return [run.date, run.line, 0, run.id, index + 1, index === 0 ? '' : time, time].join(',');
    }),
  );
  return ['service_date,line,direction,run_id,stop_seq,arrival_time,departure_time', ...rows, ''].join('\n');
}

function expectedJsonl(wanted: readonly (Case & { readonly fellows: readonly string[] })[]): string {
  return wanted
    .map(({ card, from, to, fellows }) => {
      const riders = Object.fromEntries(fellows.map((fellow) => [fellow, []]));
      return `${JSON.stringify({ index_card: card, from_date: from, to_date: to, co_riders: riders })}\n`;
    })
    .join('');
}

function write(name: string, text: string): string {
  const file = join(folder.path, name);
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

function argumentsOf({ rides, visits, expected }: ReplayFiles): readonly string[] {
  return ['replay', '--rides', rides, '--visits', visits, '--expected', expected];
}

test('two lines on three days: nothing missing, nothing extra', { timeout: 120_000 }, async () => {
  const runs = runsOf();
  const rides = makeRides(runs);
  const wanted = cases.map((each) => ({ ...each, fellows: fellowsOf(rides, each) }));
  const expected = wanted.reduce((sum, { fellows }) => sum + fellows.length, 0);
  // Rides that only touch, lack a run or fall outside the window must be there to be left out.
  const sameRun = cases.map(({ card }) => {
    const own = new Set(rides.filter((ride) => ride.card === card && ride.runId !== '').map((ride) => ride.runId));
    return new Set(rides.filter((ride) => ride.card !== card && own.has(ride.runId)).map((ride) => ride.card)).size;
  });
  assert.ok(expected > 10);
  assert.ok(sameRun.reduce((sum, size) => sum + size, 0) > expected + 10);
  assert.ok(rides.some((ride) => ride.runId === ''));
  assert.ok(wanted.some(({ fellows }) => fellows.includes('C-twice')));

  const files = {
    rides: write('rides.csv.gz', ridesCsv(rides)),
    visits: write('visits.csv', visitsCsv(runs)),
    expected: write('expected.jsonl.gz', expectedJsonl(wanted)),
  };
  assert.deepEqual(await runReplay(files, () => {}), {
    rides: rides.length,
    cases: cases.length,
    expected,
    found: expected,
    missing: 0,
    extra: 0,
  });
});

test('a wrong expectation is told in the last line and by the exit code', { timeout: 120_000 }, async () => {
  const [run] = runsOf();
  assert.ok(run);
  const rides = [rideOn(run, 'C0', 2, 5), rideOn(run, 'C1', 3, 4), rideOn(run, 'C2', 5, 6)];
  const wrong = { card: 'C0', from: run.date, to: run.date, fellows: ['C2'] };
  const command = cli(
    argumentsOf({
      rides: write('few.csv', ridesCsv(rides)),
      visits: write('few-visits.csv.gz', visitsCsv([run])),
      expected: write('wrong.jsonl', expectedJsonl([wrong])),
    }),
  );
  assert.equal(await command.exit, 1);
  const { seconds, ...told } = JSON.parse(command.output().trimEnd().split('\n').at(-1) ?? '') as Record<
    string,
    unknown
  >;
  assert.deepEqual(told, { replay: 'fellow-riders', rides: 3, cases: 1, expected: 1, found: 0, missing: 1, extra: 1 });
  assert.equal(typeof seconds, 'number');
});

test('a missing file or argument is one clear line', { timeout: 60_000 }, async () => {
  const visits = write('some-visits.csv', visitsCsv(runsOf()));
  const files = { rides: join(folder.path, 'absent.csv'), visits, expected: visits };
  const absent = cli(argumentsOf(files));
  assert.equal(await absent.exit, 2);
  assert.equal(absent.output(), `tongche: rides: ${files.rides} cannot be read (ENOENT)\n`);
  const short = cli(argumentsOf(files).slice(0, 3));
  assert.equal(await short.exit, 2);
  assert.match(short.output(), /^tongche: usage: [^\n]+\n$/);
});
