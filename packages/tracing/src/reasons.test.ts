// Reasons: in both languages, with the numbers they speak of, and every code explained.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EIGHT, fromTo, inputOf, minuteMs, ride, runOf, spaceOf, worldOf } from './engine-kit.test.ts';
import { trace } from './index.ts';
import type { Basis, Contact, Presence, TraceInput } from './index.ts';

const plated = worldOf([runOf('r1')], [spaceOf('bus1', { plate: '粤B12345D', air: 'sealed' })]);

function only(presences: readonly Presence[], more: Partial<TraceInput> = {}): Contact {
  const [contact, ...others] = trace(inputOf(presences, { world: plated, ...more })).contacts;
  assert.ok(contact !== undefined && others.length === 0);
  return contact;
}

describe('reasons', () => {
  it('tell line, plate, clock, stops, likelihood and minutes in both languages', () => {
    const { reasons } = only([ride('c', 2), ride('x', 4)]);
    assert.deepEqual(
      reasons.map(({ code }) => code),
      ['together', 'case-alighting-prior', 'alighting-prior', 'air-sealed'],
    );
    assert.deepEqual(reasons[0]?.text, {
      zh: 'M133路 粤B12345D：08:17登记，站4至站7之间同乘，可能性约 60%，预计约 3.1 分钟',
      en: 'M133 粤B12345D: registered 08:17, on board together between Stop 4 and Stop 7, about 60 %, 3.1 min expected',
    });
  });

  it('name how each of the two was placed', () => {
    for (const basis of ['observed', 'interviewed', 'chained', 'habitual'] satisfies readonly Basis[]) {
      const codes = only([ride('c', 2, { evidence: [fromTo(2, 6, basis)] }), ride('x', 4)]).reasons.map(
        ({ code }) => code,
      );
      assert.ok(codes.includes(`case-alighting-${basis}`) && codes.includes('alighting-prior'), codes.join());
    }
  });

  it('say where times were planned only', () => {
    const { stops, ...run } = runOf('r1');
    const planned = worldOf([{ ...run, stops: stops.map((stop) => ({ ...stop, source: 'schedule' as const })) }]);
    const { reasons } = only([ride('c', 2), ride('x', 4)], { world: planned });
    assert.ok(reasons.some(({ code }) => code === 'times-by-timetable'));
  });

  it('count what they do not tell one by one', () => {
    const runs = Array.from({ length: 5 }, (_, i) => runOf(`r${i}`, EIGHT + i * 40 * minuteMs));
    const both = runs.flatMap(({ runKey }, i) =>
      ['c', 'x'].map((who) =>
        ride(`${who}${i}`, 2, {
          person: `p-${who}`,
          runKey,
          boardedMs: EIGHT + (i * 40 + 9) * minuteMs,
          evidence: [fromTo(2, 6)],
        }),
      ),
    );
    const { reasons, exposures } = only(both, { world: worldOf(runs) });
    assert.equal(exposures.length, 5);
    assert.equal(reasons.filter(({ code }) => code === 'together').length, 3);
    assert.equal(reasons.find(({ code }) => code === 'more-rides')?.text.zh, '另有 2 次同乘');
  });

  it('have every code explained in the glossary', () => {
    const source = readFileSync(join(import.meta.dirname, 'reasons.ts'), 'utf8');
    const glossary = readFileSync(join(import.meta.dirname, '../../../docs/glossary.md'), 'utf8');
    const codes = [...source.matchAll(/reason\(\s*'([a-z-]+)'/g)].map(([, code]) => code ?? '');
    assert.ok(codes.length > 15);
    for (const code of codes) assert.ok(glossary.includes(`\`${code}\``), code);
  });
});
