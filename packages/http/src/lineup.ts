// Things in the order in which they came, rewritten thousands of times a second. A Map would keep that order too, but its
// tables are thrown away again and again, and one that has grown old keeps whatever stood in it alive until the next full
// collection: a request's every object. Here, who leaves holds nobody and is held by nobody.

export interface Place<Value> {
  readonly value: Value;
  before: Place<Value> | undefined;
  after: Place<Value> | undefined;
}

export interface Lineup<Value> {
  /** Puts the value last. */
  enter(value: Value): Place<Value>;
  /** Puts a place of this line last, wherever it stood or if it had left. */
  moveLast(place: Place<Value>): void;
  /** Leaving twice changes nothing. */
  leave(place: Place<Value>): void;
  /** The first first. The one just told may leave or move meanwhile. */
  values(): Iterable<Place<Value>>;
}

export function lineup<Value>(): Lineup<Value> {
  let first: Place<Value> | undefined;
  let last: Place<Value> | undefined;

  function leave(place: Place<Value>): void {
    const { before, after } = place;
    if (before === undefined && first !== place) return;
    if (before === undefined) first = after;
    else before.after = after;
    if (after === undefined) last = before;
    else after.before = before;
    place.before = undefined;
    place.after = undefined;
  }
  function moveLast(place: Place<Value>): void {
    leave(place);
    place.before = last;
    if (last === undefined) first = place;
    else last.after = place;
    last = place;
  }
  return {
    enter(value) {
      const place: Place<Value> = { value, before: undefined, after: undefined };
      moveLast(place);
      return place;
    },
    moveLast,
    leave,
    *values() {
      let place = first;
      while (place !== undefined) {
        const { after } = place;
        yield place;
        place = after;
      }
    },
  };
}
