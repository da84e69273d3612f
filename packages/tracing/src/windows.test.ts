import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromTo, minuteMs, ride, run } from './kit.test.ts';
import { windowsFor } from './windows.ts';

describe('windowsFor', () => {
  it('reaches from the start of the run to where the case left', () => {
    const [window] = windowsFor([ride('c', { boardSeq: 2, notes: [fromTo(2, 5)] })], [run('r1')]);
    assert.deepEqual(window, { unit: 'bus1', fromMs: -5 * minuteMs, toMs: (21 + 5) * minuteMs, included: false });
  });

  it('reaches to the last stop where nobody knows', () => {
    const [window] = windowsFor([ride('c', { boardSeq: 2 })], [run('r1')]);
    assert.equal(window?.toMs, (29 + 5) * minuteMs);
  });

  it('stays within three hours of the ride', () => {
    const long = {
      ...run('r1'),
      stops: run('r1').stops.map((stop) => ({ ...stop, arrMs: stop.arrMs * 60, depMs: stop.depMs * 60 })),
    };
    const boardedMs = long.stops[4]?.arrMs ?? 0;
    const [window] = windowsFor([ride('c', { boardSeq: 4, boardedMs })], [long]);
    const reach = { fromMs: boardedMs - 180 * minuteMs, toMs: boardedMs + 180 * minuteMs };
    assert.deepEqual(window, { unit: 'bus1', ...reach, included: false });
  });

  it('asks for nothing without a run, and twice for nothing', () => {
    assert.deepEqual(windowsFor([ride('c', { runKey: null }), ride('d', { runKey: 'r9' })], [run('r1')]), []);
    const twice = windowsFor([ride('c'), ride('d', { boardSeq: 1 })], [run('r1')]);
    assert.equal(twice.length, 1);
  });

  it('keeps windows of one vehicle apart', () => {
    const windows = windowsFor(
      [
        ride('c', { notes: [fromTo(0, 3)] }),
        ride('d', { runKey: 'r2', boardedMs: 16 * minuteMs, notes: [fromTo(1, 6)] }),
        ride('e', { unit: 'bus0' }),
      ],
      [run('r1'), run('r2', 8, 12 * minuteMs)],
    );
    assert.deepEqual(
      windows.map(({ unit, fromMs, toMs }) => [unit, fromMs / minuteMs, toMs / minuteMs]),
      [
        ['bus0', -5, 34],
        ['bus1', -5, 18],
        ['bus1', 18, 42],
      ],
    );
  });

  it('tells windows of included rides apart and asks no minute twice', () => {
    const sure = ride('c', { boardSeq: 2, notes: [fromTo(2, 4)] });
    const included = [
      ride('d', { runKey: 'r2', boardedMs: 0 }),
      ride('e', { unit: 'bus0' }),
      ride('f', { notes: [fromTo(0, 3)] }),
    ];
    const windows = windowsFor([sure], [run('r1'), run('r2', 8, -20 * minuteMs)], included);
    assert.deepEqual(
      windows.map(({ unit, fromMs, toMs, included: extra }) => [unit, fromMs / minuteMs, toMs / minuteMs, extra]),
      [
        ['bus0', -5, 34, true],
        ['bus1', -25, -5, true],
        ['bus1', -5, 22, false],
      ],
    );
  });
});
