// A timeline made of nothing but registrations.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { EIGHT, inputOf, minuteMs, ride, worldOf } from './engine-kit.test.ts';
import { burstRuns, trace } from './index.ts';

/** A stop every two minutes from a start on, with so many registrations each, ten seconds apart. */
function scans(startMs: number, stops: number, each = 3): number[] {
  return Array.from(
    { length: stops * each },
    (_, i) => startMs + Math.floor(i / each) * 2 * minuteMs + (i % each) * 10_000,
  );
}

describe('bursts of registrations', () => {
  it('are stops, and a long silence lies between two runs', () => {
    const runs = burstRuns('v1', [...scans(EIGHT, 10), ...scans(EIGHT + 40 * minuteMs, 6)]);
    assert.deepEqual(
      runs.map(({ stops }) => stops.length),
      [10, 6],
    );
    const [first] = runs;
    assert.deepEqual(first?.stops[1], {
      seq: 1,
      stopId: null,
      name: { zh: '第2批登记', en: 'registrations no. 2' },
      lat: null,
      lon: null,
      arrMs: EIGHT + 2 * minuteMs,
      depMs: EIGHT + 2 * minuteMs + 20_000,
      source: 'scan-burst',
    });
  });

  it('are not cut where people always board rarely', () => {
    const rare = Array.from({ length: 8 }, (_, i) => EIGHT + i * 8 * minuteMs);
    assert.equal(burstRuns('v1', rare).length, 1);
  });

  it('hold every registration once, in order, whatever their order', () => {
    const times = fc.array(fc.integer({ min: 0, max: 6 * 3_600_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, (list) => {
        const runs = burstRuns('v1', list);
        assert.deepEqual(burstRuns('v1', list.toReversed()), runs);
        const calls = runs.flatMap(({ stops }) => stops);
        for (const ms of list) assert.equal(calls.filter(({ arrMs, depMs }) => arrMs <= ms && ms <= depMs).length, 1);
        calls.every(({ arrMs }, i) => assert.ok(i === 0 || arrMs > (calls[i - 1]?.depMs ?? 0)));
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe('a trace without any timeline', () => {
  it('keeps riders of the next run apart by the silence between', () => {
    const fill = [...scans(EIGHT, 10), ...scans(EIGHT + 31 * minuteMs, 8)].map((boardedMs, i) =>
      ride(`f${i}`, 0, { boardedMs, runKey: null }),
    );
    const at = (id: string, minute: number) => ride(id, 0, { boardedMs: EIGHT + minute * minuteMs, runKey: null });
    const presences = [at('c', 14), at('x', 16), at('next', 32), ...fill];
    const { contacts } = trace(inputOf(presences, { world: worldOf([]) }));
    const by = new Map(contacts.map((contact) => [contact.person, contact]));
    assert.ok((by.get('p-x')?.probability ?? 0) > 0.7);
    assert.equal(by.get('p-next'), undefined);
    assert.ok(by.get('p-x')?.reasons.some(({ code }) => code === 'no-timeline'));
  });
});
