// Policies: every field has a source, what is broken is refused by name, and the day chooses.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { covid } from './engine-kit.test.ts';
import { choosePolicy, followUpDays, parsePolicy, policies, policyById, policyFor } from './index.ts';

const folder = join(import.meta.dirname, '../policies');

function refusal(json: unknown): string {
  const parsed = parsePolicy(json);
  assert.equal(parsed.ok, false);
  return parsed.ok ? '' : (parsed.detail ?? '');
}

describe('shipped policies', () => {
  it('are exactly the files of the folder, each valid, none twice', () => {
    const files = readdirSync(folder).toSorted();
    assert.deepEqual(policies.map(({ id }) => `${id}.json`).toSorted(), files);
    for (const file of files) {
      const parsed = parsePolicy(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      assert.equal(parsed.ok, true, `${file}: ${parsed.ok ? '' : parsed.detail}`);
    }
  });

  it('answer for every kind of space, whatever its air', () => {
    for (const { id, zones } of policies)
      for (const kind of ['bus', 'carriage', 'taxi', 'coach', 'ferry', 'station'] as const)
        for (const air of ['sealed', 'ventilated', 'unknown'] as const)
          assert.ok(
            zones.some((rule) => rule.kinds.includes(kind) && rule.air.includes(air)),
            `${id} says nothing of ${air} ${kind}`,
          );
  });

  it('follow one another in China without a gap, from January 2020 to January 2023', () => {
    const chosen = (day: string) => policyFor('covid-19', 'CN', day)?.id;
    assert.equal(chosen('2020-01-19'), undefined);
    assert.equal(chosen('2020-01-20'), 'covid-cn-2020');
    assert.equal(chosen('2021-05-13'), 'covid-cn-2020');
    assert.equal(chosen('2021-05-14'), 'covid-cn-v8');
    assert.equal(chosen('2022-06-28'), 'covid-cn-v9');
    assert.equal(chosen('2022-11-11'), 'covid-cn-2022-11');
    assert.equal(chosen('2023-01-08'), undefined);
  });

  it('hold the numbers of the texts they cite', () => {
    const of = (id: string) => {
      const policy = policyById(id);
      assert.ok(policy);
      return policy;
    };
    assert.deepEqual(
      ['covid-cn-2020', 'covid-cn-v8', 'covid-cn-v9', 'covid-cn-2022-11'].map((id) => {
        const { window, secondary } = of(id);
        return [window.beforeDays, followUpDays(of(id)), secondary.follow, secondary.followUpDays];
      }),
      [
        [2, 14, false, 0],
        [4, 21, true, 7],
        [2, 10, true, 7],
        [2, 8, false, 0],
      ],
    );
    const measles = of('measles');
    assert.deepEqual(measles.window, { anchors: ['rash'], beforeDays: 4, afterDays: 4 });
    assert.deepEqual([measles.minOverlapMin, measles.persistence.minutes, followUpDays(measles)], [0, 120, 21]);
    assert.deepEqual([of('tb').minOverlapMin, of('tb').urbanByDefault, followUpDays(of('tb'))], [480, false, 365]);
  });

  it('fall back on the international text where a jurisdiction has none', () => {
    assert.equal(policyFor('measles', 'CN', '2026-01-01')?.id, 'measles');
    assert.equal(policyFor('smallpox', 'CN', '2026-01-01'), undefined);
  });
});

describe('a policy', () => {
  it('is refused with the field that has no source', () => {
    const sources = covid.sources.filter(({ fields }) => !fields.includes('minOverlapMin'));
    assert.equal(refusal({ ...covid, sources }), 'minOverlapMin has no source');
  });

  it('is refused when a source speaks of a field there is not', () => {
    const sources = [...covid.sources, { fields: ['minOverlap'], text: 'x', standing: 'default' }];
    assert.equal(refusal({ ...covid, sources }), 'the source names minOverlap, which is no field');
  });

  it('is refused for unknown fields, wrong types and contradictions', () => {
    assert.match(refusal({ ...covid, homeRegion: 'x' }), /additional/i);
    assert.match(refusal({ ...covid, pClose: '0.3' }), /pClose/);
    assert.equal(refusal({ ...covid, pVerify: 0.4 }), 'pVerify is above pClose');
    assert.equal(refusal({ ...covid, validFrom: '2020-02-30' }), '2020-02-30 is no day');
    assert.equal(refusal({ ...covid, validTo: '2019-01-01' }), 'it ends before it begins');
    const infectiousness = [
      { day: 1, weight: 1 },
      { day: 0, weight: 1 },
    ];
    assert.equal(refusal({ ...covid, infectiousness }), 'days of infectiousness must rise');
    assert.match(refusal(null), /\//);
  });

  it('of several in force is the one that began last, then the newest version', () => {
    const older = { ...covid, id: 'a', validFrom: '2020-01-01', validTo: null };
    const newer = { ...covid, id: 'b', validFrom: '2021-01-01', validTo: null };
    const mended = { ...newer, id: 'c', version: 2 };
    const at = (day: string) =>
      choosePolicy([newer, mended, older], { pathogen: 'covid-19', jurisdiction: 'CN', day })?.id;
    assert.deepEqual([at('2020-06-01'), at('2021-06-01'), at('2019-06-01')], ['a', 'c', undefined]);
  });
});
