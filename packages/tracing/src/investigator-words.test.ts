import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterWords } from './cluster-words.ts';
import { coverageOf } from './coverage.ts';
import type { Name } from './types.ts';

/** Both languages are there, each in its own script, and no value is missing. */
function assertWhole({ zh, en }: Name): void {
  assert.match(zh, /\p{Script=Han}.*[。%]$/u);
  assert.match(en, /^[^\p{Script=Han}]+\.$/u);
  for (const text of [zh, en]) assert.doesNotMatch(text, /undefined|null|NaN|Infinity|\{|\}/, text);
}

describe('words of clusters and coverage', () => {
  it('are whole in both languages, whatever is known', () => {
    const base = {
      key: 'r1',
      day: 18_288,
      runKeys: ['r1'],
      persons: [],
      observed: 5,
      expected: 0.004,
      riders: 45,
      p: 1e-12,
      q: 1e-8,
      explains: [],
    };
    const onsets = [null, { known: 0, consistent: 0, spreadDays: null }, { known: 5, consistent: 4, spreadDays: 3 }];
    const controls = [
      null,
      { groups: 4, riders: 160, cases: 0, p: 0.001 },
      { groups: 4, riders: 160, cases: 18, p: 0.6 },
    ];
    const seen = new Set<string>();
    for (const level of ['run', 'carriage-day', 'vehicle-day', 'line-day'] as const)
      for (const status of ['alarm', 'watch'] as const)
        for (const adjusted of [0, 3e-9, 0.02])
          for (const onset of onsets)
            for (const matched of controls) {
              const words = clusterWords({ ...base, level, status, adjusted, onset, matched });
              assertWhole(words);
              seen.add(words.en);
            }
    assert.equal(seen.size, 4 * 2 * 3 * 2 * 3, 'an onset nobody knows reads like none');
    const tiny = clusterWords({ ...base, level: 'run', status: 'alarm', adjusted: 3e-9, onset: null, matched: null });
    assert.equal(
      tiny.en,
      'Common exposure suspected: 5 cases among the 45 registered riders of one run, where chance would put <0.01; probability over all tests <10^-8.',
    );
  });

  it('tell every basis and every advice', () => {
    const seen = new Set<string>();
    for (const by of ['apc', 'fares', 'driver', 'taps'] as const) {
      for (const heads of [20, 60]) {
        const counts = { runKey: 'r', unit: 'u', registered: 20, estimated: { heads, by } };
        const { text, advice } = coverageOf({ counts, capacity: 80, comparable: [] });
        assertWhole(text);
        seen.add(advice);
      }
    }
    const counts = { runKey: 'r', unit: 'u', registered: 20, estimated: null };
    for (const comparable of [[], [{ registered: 10, aboard: 40 }]]) {
      const { text, advice } = coverageOf({ counts, capacity: 80, comparable });
      assertWhole(text);
      seen.add(advice);
    }
    assert.deepEqual([...seen].sort(), ['count-first', 'none', 'public-notice']);
  });
});
