// The hypergeometric tail in log space: how surprising it is that so many of a few marked people are among those drawn.

/** A table up to here; beyond, Stirling's series is exact to the last digits of a double. */
const TABLE = 256;

const logFactorials = ((): Float64Array => {
  const table = new Float64Array(TABLE);
  for (let n = 2; n < TABLE; n += 1) table[n] = (table[n - 1] ?? 0) + Math.log(n);
  return table;
})();

/** ln n!, of whole n ≥ 0. */
export function logFactorial(n: number): number {
  if (n < TABLE) return logFactorials[n] ?? Number.NaN;
  const square = n * n;
  const series = (1 / 12 - (1 / 360 - 1 / (1260 * square)) / square) / n;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** `drawn` people out of `population`, of whom `marked` are marked. Whole numbers; neither exceeds the population. */
export interface Urn {
  readonly population: number;
  readonly marked: number;
  readonly drawn: number;
}

function logMass(x: number, { population, marked, drawn }: Urn): number {
  return logChoose(marked, x) + logChoose(population - marked, drawn - x) - logChoose(population, drawn);
}

/** Sum of the masses from `x` on away from the mode, as a multiple of the mass at `x`. */
function sumFrom(x: number, step: 1 | -1, { population, marked, drawn }: Urn): number {
  let term = 1;
  let sum = 1;
  for (let k = x; term > sum * 1e-18; k += step) {
    const up = step === 1 ? k : k - 1;
    const ratio = ((marked - up) * (drawn - up)) / ((up + 1) * (population - marked - drawn + up + 1));
    term *= step === 1 ? ratio : 1 / ratio;
    if (!(term > 0) || !Number.isFinite(term)) break;
    sum += term;
  }
  return sum;
}

/** ln P(X ≥ x): 0 where it is certain, -Infinity where it cannot be. Relative error of P below 1e-9 up to ten million people. */
export function logTail(x: number, urn: Urn): number {
  const { population, marked, drawn } = urn;
  if (!(marked <= population && drawn <= population && marked >= 0 && drawn >= 0))
    throw new RangeError(`not an urn: ${marked} marked and ${drawn} drawn of ${population}`);
  const least = Math.max(0, drawn - (population - marked));
  if (x <= least) return 0;
  if (x > Math.min(drawn, marked)) return Number.NEGATIVE_INFINITY;
  const mode = Math.floor(((drawn + 1) * (marked + 1)) / (population + 2));
  if (x > mode) return Math.min(logMass(x, urn) + Math.log(sumFrom(x, 1, urn)), 0);
  const below = Math.exp(logMass(x - 1, urn)) * sumFrom(x - 1, -1, urn);
  return Math.log1p(-Math.min(below, 1));
}
