// The line that loses most registrations stands first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LineDay } from '@tongche/contract';
import { problemScore, sortLines } from './lines.ts';

function line(name: string, facts: Partial<LineDay>): LineDay {
  return {
    line: { id: name, shortName: name, name: { zh: name, en: name }, colour: '#000000' },
    vehicles: 10,
    inService: 10,
    signedIn: 10,
    noRegistration: 0,
    deadCodes: 0,
    flagged: 0,
    heads: 0,
    expected: null,
    hours: Array.from({ length: 24 }, () => 0),
    ...facts,
  };
}

test('silent vehicles go before dead stickers, those before missing sign-ins, then the busier line', () => {
  const lines = [
    line('10', { heads: 900 }),
    line('2', { heads: 5 }),
    line('3', { signedIn: 9 }),
    line('4', { deadCodes: 1 }),
    line('5', { noRegistration: 1 }),
  ];
  const names = (order: 'problems' | 'heads' | 'name') => sortLines(lines, order).map((each) => each.line?.id);
  assert.deepEqual(names('problems'), ['5', '4', '3', '10', '2']);
  assert.deepEqual(names('heads').slice(0, 2), ['10', '2']);
  assert.deepEqual(names('name'), ['2', '3', '4', '5', '10']);
  assert.equal(problemScore(line('6', { inService: 2, signedIn: 5 })), 0);
});
