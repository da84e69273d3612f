import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '@tongche/runtime';
import { evaluateArguments } from './evaluate.ts';

test('lists of seeds and compliances, relative folders, and the published ones when nothing is said', () => {
  const { seeds, compliances, calibrates, data } = evaluateArguments(
    ['--seeds', '1,2', '--compliance', '.5', '--data', 'there'],
    '/here',
  );
  assert.deepEqual([seeds, compliances, calibrates, data], [[1, 2], [0.5], false, '/here/there']);
  const usual = evaluateArguments([], '/here');
  assert.deepEqual([usual.seeds.length, usual.compliances], [5, [0.97, 0.85, 0.5, 0.3]]);
});

test('what is no number, no share or unknown is refused in one line, and nothing is learned from tested seeds', () => {
  const wrong = [
    ['--seeds', '1,x'],
    ['--seeds', '1,'],
    ['--compliance', '2'],
    ['--compliance', '0'],
    ['--seed', '1'],
    ['--calibrate', '--seeds', '11,101'],
  ];
  for (const args of wrong) assert.throws(() => evaluateArguments(args, '/here'), ConfigError, args.join(' '));
  assert.deepEqual(evaluateArguments(['--calibrate'], '/here').seeds, [11, 12]);
});
