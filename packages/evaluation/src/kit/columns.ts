// Columns of numbers: a week of a city is a million rows, too many for objects.

/** The number at `index`; throws where there is none, so that a wrong index is never a quiet zero. */
export function at(column: ArrayLike<number>, index: number): number {
  const value = column[index];
  if (value === undefined) throw new RangeError(`no row ${index} of ${column.length}`);
  return value;
}

export function item<T>(items: readonly T[], index: number): T {
  const value = items[index];
  if (value === undefined) throw new RangeError(`no item ${index} of ${items.length}`);
  return value;
}

/** A column of whole numbers that grows. */
export interface Growing {
  push(value: number): void;
  readonly length: number;
  done(): Int32Array;
}

export function growing(): Growing {
  let column = new Int32Array(1024);
  let length = 0;
  return {
    push(value) {
      if (length === column.length) {
        const larger = new Int32Array(2 * length);
        larger.set(column);
        column = larger;
      }
      column[length] = value;
      length += 1;
    },
    get length() {
      return length;
    },
    done: () => column.slice(0, length),
  };
}

/** Rows by group: those of group g are rows[starts[g] .. starts[g + 1]), in the order in which they came. */
export interface Groups {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
}

export function grouped(groupOf: ArrayLike<number>, groups: number): Groups {
  const starts = new Int32Array(groups + 1);
  for (let row = 0; row < groupOf.length; row += 1) starts[at(groupOf, row) + 1] = at(starts, at(groupOf, row) + 1) + 1;
  for (let group = 0; group < groups; group += 1) starts[group + 1] = at(starts, group + 1) + at(starts, group);
  const next = starts.slice(0, groups);
  const rows = new Int32Array(groupOf.length);
  for (let row = 0; row < groupOf.length; row += 1) {
    const group = at(groupOf, row);
    rows[at(next, group)] = row;
    next[group] = at(next, group) + 1;
  }
  return { starts, rows };
}

export function rowsOf({ starts, rows }: Groups, group: number): Int32Array {
  return rows.subarray(at(starts, group), at(starts, group + 1));
}

/** The first index of an ascending column whose value is not below `value`. */
export function lowerBound(column: ArrayLike<number>, value: number, from = 0, to = column.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(column, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
