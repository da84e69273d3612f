// One spelling of a JSON value, so that two parties hash and sign the same bytes: sorted keys, no spaces, integers only.

/** Nothing signed here is nested deeper; a limit keeps hostile input from exhausting the stack. */
const MAX_DEPTH = 16;

/** Keys sorted by UTF-16 code units. Throws TypeError for undefined, functions, bigints, and numbers that are not safe integers. */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError('nested too deeply for canonical JSON');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    // JSON.stringify would write -0 as 0: one spelling, but two values.
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError('canonical JSON takes safe integers');
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: unknown) => write(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${write(item, depth + 1)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`canonical JSON has no ${typeof value}`);
}
