// A sticker that moved to another bus: before, its rides were on the old one; after, on the new one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EIGHT, fromTo, inputOf, minuteMs, ride, runOf, sourceOf, worldOf } from './engine-kit.test.ts';
import { placed, trace, unitsByCode } from './index.ts';
import type { CodedPresence, Presence } from './index.ts';

const movedMs = EIGHT + 60 * minuteMs;
const bindings = [
  { code: 'q', unit: 'bus2', fromMs: movedMs, toMs: null },
  { code: 'q', unit: 'bus1', fromMs: 0, toMs: movedMs },
];

function coded({ unit: _unit, ...presence }: Presence, code: string): CodedPresence {
  return { ...presence, code };
}

describe('bindings of a code', () => {
  it('hold from their first instant until before their last, in any order', () => {
    const unitOf = unitsByCode(bindings.toReversed());
    assert.deepEqual([unitOf('q', movedMs - 1), unitOf('q', movedMs), unitOf('q', -1)], ['bus1', 'bus2', undefined]);
    assert.equal(unitOf('other', movedMs), undefined);
  });

  it('are believed in the one that began last where nobody closed the old one', () => {
    const open = bindings.map((binding) => ({ ...binding, toMs: null }));
    assert.equal(unitsByCode(open)('q', movedMs + 1), 'bus2');
  });
});

describe('a trace by codes', () => {
  it('finds fellow riders on the old bus before the sticker moved and on the new one after', () => {
    const runs = [runOf('r1'), runOf('late1', movedMs), runOf('late2', movedMs, 8, 'bus2')];
    const on = (id: string, run: string, startMs: number): Presence =>
      ride(id, 1, { runKey: run, boardedMs: startMs + 5 * minuteMs, evidence: [fromTo(1, 6)] });
    const runAt = (unit: string, ms: number) => (ms < movedMs ? 'r1' : unit === 'bus1' ? 'late1' : 'late2');
    const presences = placed(
      [
        coded(on('c', 'r1', EIGHT), 'q'),
        coded({ ...on('c2', 'x', movedMs), person: 'p-c' }, 'q'),
        coded(on('early', 'r1', EIGHT), 'q'),
        coded(on('old-bus', 'x', movedMs), 'fixed1'),
        coded(on('new-bus', 'x', movedMs), 'fixed2'),
        coded(on('nowhere', 'x', movedMs), 'unknown'),
      ],
      unitsByCode([
        ...bindings,
        { code: 'fixed1', unit: 'bus1', fromMs: 0, toMs: null },
        { code: 'fixed2', unit: 'bus2', fromMs: 0, toMs: null },
      ]),
      runAt,
    );
    assert.equal(presences.length, 5);
    const { contacts } = trace(inputOf([], { source: sourceOf(presences), world: worldOf(runs) }));
    assert.deepEqual(contacts.map(({ person }) => person).toSorted(), ['p-early', 'p-new-bus']);
  });
});
