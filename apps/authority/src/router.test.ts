import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from './router.ts';

test('an address names its view, and an unknown one is the list of cases', () => {
  assert.deepEqual(placeOf('#/cases/a%2Fb'), { view: 'case', caseId: 'a/b' });
  assert.deepEqual(placeOf('#/cases'), { view: 'cases' });
  assert.deepEqual(placeOf('#/cases/'), { view: 'cases' });
  assert.deepEqual(placeOf('#/keys'), { view: 'keys' });
  assert.deepEqual(placeOf(''), { view: 'cases' });
  assert.deepEqual(placeOf('#/nonsense'), { view: 'cases' });
});
