// What is learned of numbers that two use.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sharesOf } from './sharing.ts';

describe('shares of numbers that two use', () => {
  it('are those seen, and never fall as more breaks are mended', () => {
    const [one, two] = [
      { all: [50, 10, 10, 4], byTwo: [10, 9, 7, 4] },
      { all: [50, 10, 10, 0], byTwo: [10, 7, 7, 0] },
    ];
    // Nine and seven of ten twice, and fewer with three: taken together.
    assert.deepEqual(sharesOf([one, two]), [0.2, 0.75, 0.75, 0.99]);
  });

  it('are none where nothing was seen', () => {
    assert.deepEqual(sharesOf([]), [0, 0, 0, 0]);
  });
});
