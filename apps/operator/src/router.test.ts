// An address opens the view it names with its filters; anything else opens the overview.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, placeOf } from './router.ts';

test('a place survives the way through the address', () => {
  const place = { view: 'vehicles', params: { line: 'M133', q: '粤B·1 2&3', open: 'bus/7' } } as const;
  assert.deepEqual(placeOf(hashOf(place.view, place.params)), place);
  assert.equal(hashOf('codes', { state: '' }), '#/codes');
});

test('what is unknown leads to the overview', () => {
  for (const hash of ['', '#', '#/', '#/nowhere?x=1']) assert.equal(placeOf(hash).view, 'overview');
});
