// Lists in tests: their elements are there, or the test is wrong.
/** The element, or a clear fault where a test expected more than there is. */
export function at<Item>(list: readonly Item[], index: number): Item {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no element ${index} of ${list.length}`);
  return item;
}
