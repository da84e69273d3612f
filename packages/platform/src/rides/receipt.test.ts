// Receipts are written as text by hand: they must be what the contract's schema would have made of them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RideReceipt } from '@tongche/contract';
import { createServer } from '@tongche/http';
import type { Run } from '@tongche/network';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { checkSync } from '@tongche/protocol/node';
import { memoryLog, settableClock } from '@tongche/runtime';
import { cityOfRows } from '../city/city.ts';
import type { City } from '../city/city.ts';
import { codeBytes, startMs, today, zone } from '../test-kit.ts';
import type { Assigned } from './assign.ts';
import { GONE, IMPLAUSIBLE, LATE, REUSE, UNBOUND } from './flags.ts';
import { receipts } from './receipt.ts';
import type { WrittenRide } from './writer.ts';

const midnightMs = dayStartMs(today, zone);
const bytes = (n: number) => new Uint8Array(n).fill(7);

const app = createServer({
  name: 'schema',
  clock: settableClock(startMs),
  log: memoryLog('schema'),
  health: async () => ({ ok: true, checks: {} }),
});
let wanted: unknown;
app.get('/wanted', { schema: { response: { 200: RideReceipt } } }, async (_request, reply) =>
  reply.send(wanted as never),
);
after(() => app.close());

function cityNamed(suffix: string): City {
  // What the schema does not name must not come through.
  const named = (text: string) => ({ zh: `${text}"${suffix}"\n`, en: `${text}\\`, fr: 'secret' });
  return cityOfRows({
    lines: [{ id: 'M"1', name: named('线'), shortName: 'M1', mode: 'bus', colour: '#000000' }],
    directions: [{ lineId: 'M"1', dir: 0, headsign: named('终'), stops: [] }],
    // Every third stop of the list has no position.
    stops: Array.from({ length: 80 }, (_, n) => {
      const at = n % 3 === 0 ? { lat: 0, lon: 0 } : { lat: 22.543_21 + n / 1_000, lon: -114.057_86 };
      return { id: `s${n}`, name: named(`站${n}`), ...at };
    }),
    units: [
      {
        unitId: 'bus',
        kind: 'bus',
        plate: '粤B"1',
        label: named('车'),
        vehicleId: 'v',
        usualLineId: 'M"1',
        capacity: 9,
      },
      { unitId: 'hall', kind: 'station', label: named('站'), vehicleId: 'h', capacity: 9 },
    ],
    codes: [1, 2].map((codeId) => ({
      codeId,
      code8: `c${codeId}`,
      shortCode: `S${codeId}`,
      purpose: 'passenger',
      revokedMs: null,
    })),
    bindings: [
      { codeId: 1, code: 'c1', unitId: 'bus', fromMs: 0 },
      { codeId: 2, code: 'c2', unitId: 'hall', fromMs: 0 },
    ],
  });
}

function runOf(stops: number, dir: 0 | 1 = 0): Run {
  const at = (seq: number) => midnightMs + (8 * 60 + seq) * MINUTE_MS;
  return {
    runKey: `"${stops}"`,
    lineId: 'M"1',
    dir,
    day: today,
    vehicleId: 'v',
    // One stop that the city has no name for.
    stops: Array.from({ length: stops }, (_, seq) => ({
      seq,
      stopId: `s${seq + 11}`,
      arrMs: at(seq) - 1,
      depMs: at(seq),
    })),
  };
}

function assignedTo(run: Run | undefined, boardSeq: number | undefined, basis: Assigned['basis']): Assigned {
  return { run: run === undefined ? undefined : { runId: 1, run, dispatched: false }, boardSeq, basis };
}

function rideOf(city: City, codeId: number, flags: number, day = today): WrittenRide {
  const code = city.codeById(codeId);
  assert.ok(code);
  const unit = city.unitAt(code, startMs);
  assert.ok(unit);
  const record = {
    version: 1,
    suite: 1,
    code: codeBytes(codeId),
    iss: 1,
    day,
    w: { minute: 492, party: 0, queued: false },
    tag: bytes(16),
    adm: bytes(16),
    eraseC: bytes(16),
    enc: bytes(32),
    ct: bytes(32),
  } as const;
  const ids = { rideId: bytes(16), check: checkSync({ tag: bytes(16), code: codeBytes(codeId), day, minute: 492 }) };
  const boardedMs = startMs - 20_000;
  const job = {
    record,
    code,
    unit,
    isBound: true,
    boardedMs,
    receivedMs: startMs,
    late: false,
    assisted: false,
    ...ids,
  };
  return { job, row: { run: null, no: 12, boardSeq: null, flags, receivedS: 0 } };
}

const fromLatin1 = (text: string): string => Buffer.from(text, 'latin1').toString();

test('a receipt’s text is what the schema would have written of it', async () => {
  const answers = receipts(zone);
  const [city, renamed] = [cityNamed('a'), cityNamed('b')];
  const [short, long, back] = [runOf(30), runOf(75), runOf(5, 1)];
  const all = LATE | REUSE | IMPLAUSIBLE | UNBOUND | GONE;
  const cases: readonly (readonly [WrittenRide, Assigned])[] = [
    [rideOf(city, 1, 0), assignedTo(short, 7, 'schedule')],
    [rideOf(city, 1, all), assignedTo(long, 3, 'dispatch')],
    [rideOf(city, 1, LATE), assignedTo(long, 40, 'trip')],
    [rideOf(city, 1, 0), assignedTo(back, undefined, 'positions')],
    [rideOf(city, 1, 0), assignedTo(undefined, undefined, 'usual')],
    [rideOf(city, 1, 0), assignedTo(undefined, undefined, 'corrected')],
    [rideOf(city, 2, 0), assignedTo(undefined, undefined, 'usual')],
    // The night after midnight belongs to a run of the day before.
    [rideOf(city, 1, 0, today + 1), assignedTo(short, 7, 'schedule')],
  ];
  for (const [written, assigned] of cases) {
    // The second time from what was kept.
    for (const _ of [1, 2]) {
      const text = fromLatin1(answers.latin1(city, written, assigned, startMs));
      wanted = JSON.parse(text);
      const reply = await app.inject('/wanted');
      assert.equal(reply.statusCode, 200);
      assert.equal(text, reply.body);
    }
  }
  const [first] = cases[0] ?? assert.fail();
  const again = fromLatin1(
    answers.latin1(renamed, { ...first, job: rideOf(renamed, 1, 0).job }, assignedTo(short, 7, 'trip'), startMs),
  );
  assert.ok(!again.includes('a\\"') && again.includes('站17\\"b\\"'), 'names of the city in force');
});

test('a stop comes with its position in ten-thousandths of a degree, where there is one', () => {
  const city = cityNamed('');
  const written = rideOf(city, 1, 0);
  const text = fromLatin1(receipts(zone).latin1(city, written, assignedTo(runOf(3), 0, 'schedule'), startMs));
  const { run } = JSON.parse(text) as RideReceipt;
  assert.deepEqual(
    run?.stops.map(({ at }) => at),
    [[225_542, -1_140_579], undefined, [225_562, -1_140_579]],
  );
});

test('the stops shown follow the boarding stop of each ride', () => {
  const answers = receipts(zone);
  const city = cityNamed('');
  const long = runOf(75);
  const shown = (boardSeq: number): readonly { seq: number; arr: number; dep: number }[] => {
    const text = fromLatin1(answers.latin1(city, rideOf(city, 1, 0), assignedTo(long, boardSeq, 'schedule'), startMs));
    const { run } = JSON.parse(text) as RideReceipt;
    assert.equal(run?.boardSeq, boardSeq);
    return run.stops;
  };
  for (const [boardSeq, first] of [
    [2, 0],
    [12, 2],
    [13, 3],
    [12, 2],
    [70, 15],
  ] as const) {
    const stops = shown(boardSeq);
    assert.equal(stops.length, 60);
    assert.deepEqual(
      { ...stops[0], name: undefined, at: undefined },
      { seq: first, name: undefined, at: undefined, arr: 479 + first, dep: 480 + first },
    );
  }
});
