// The bytes that stand for a trace: one spelling, everything that was looked at, and nothing that was not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputOf, ride } from './engine-kit.test.ts';
import { canonicalText, recorded, trace, traceBytes } from './index.ts';
import type { Presence } from './index.ts';

function digestOf(presences: readonly Presence[]) {
  const record = recorded(inputOf(presences));
  return { out: traceBytes(trace(record.input)), went: record.bytes() };
}

describe('canonical text', () => {
  it('has one spelling for one value', () => {
    assert.equal(canonicalText({ b: [1.5, -0, null], a: '站', c: undefined }), '{"a":"站","b":[1.5,0,null]}');
    assert.equal(canonicalText({ 2: true, 10: false }), '{"10":false,"2":true}');
    // Whatever was spelt before, in whatever order its keys stood.
    for (let i = 0; i < 2; i += 1) {
      assert.equal(canonicalText({ a: 1, b: 2 }), canonicalText({ b: 2, a: 1 }));
      assert.equal(canonicalText({ 'a\0b': 1 }), '{"a\\u0000b":1}');
      assert.equal(canonicalText({ 'a\0b': 1, c: 2 }), '{"a\\u0000b":1,"c":2}');
      assert.equal(canonicalText({ a: 1, 'b\0c': 2 }), '{"a":1,"b\\u0000c":2}');
    }
  });

  it('refuses what has none', () => {
    for (const value of [Number.NaN, Infinity, undefined, 1n, () => 1])
      assert.throws(() => canonicalText([value]), TypeError);
  });
});

describe('the record of a trace', () => {
  const presences = [ride('c', 2), ride('x', 3), ride('elsewhere', 3, { unit: 'bus9', runKey: null })];

  it('is the same from the same, and another when a ride that was looked at is', () => {
    const one = digestOf(presences);
    assert.deepEqual(digestOf(presences.toReversed()), one);
    const changed = digestOf(presences.map((each) => (each.id === 'x' ? { ...each, party: 2 } : each)));
    assert.notDeepEqual(changed.went, one.went);
  });

  it('does not change by what nobody looked at', () => {
    assert.deepEqual(digestOf(presences.slice(0, 2)), digestOf(presences));
  });

  it('changes the trace in nothing', () => {
    assert.deepEqual(trace(recorded(inputOf(presences)).input), trace(inputOf(presences)));
  });
});
