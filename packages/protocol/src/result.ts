// Expected refusals as values: every parser and opener of this package answers with a Result, never with an exception.

export type Result<T, C extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: C; readonly detail?: string };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<C extends string>(
  code: C,
  detail?: string,
): { readonly ok: false; readonly code: C; readonly detail?: string } {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail };
}

/** The value, where a refusal would be a fault of the caller's own making. Throws an Error that names the code. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.detail === undefined ? result.code : `${result.code}: ${result.detail}`);
}
