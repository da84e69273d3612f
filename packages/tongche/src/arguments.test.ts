// What the command line makes of its arguments.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '@tongche/runtime';
import { readFlags } from './arguments.ts';

const spec = { code: 'text', to: 'text', crew: 'flag' } as const;

test('a value may begin with a dash, as codes and key ids do', () => {
  assert.deepEqual(
    { ...readFlags('codes', ['--code', '-abc', '--to', '--xyz', '--crew'], spec) },
    {
      code: '-abc',
      to: '--xyz',
      crew: true,
    },
  );
  assert.deepEqual({ ...readFlags('codes', ['--code=-abc'], spec) }, { code: '-abc' });
});

test('a flag without its value, an unknown flag and a stray word are one line each', () => {
  for (const args of [['--code', '--to', 'x'], ['--code'], ['--cod', 'x'], ['x'], ['-c'], ['--crew=yes']]) {
    assert.throws(() => readFlags('codes', args, spec), ConfigError, args.join(' '));
  }
});
