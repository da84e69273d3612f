// At most so many at a time; the others wait in the order in which they came.

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function turns(atOnce: number): InTurn {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy < atOnce) busy += 1;
    // Whoever ends hands its place on, so that nobody who comes then takes it.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}
