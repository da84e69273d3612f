// A NUL character has no place in any text we take, and PostgreSQL refuses to store one: such input is malformed, not a fault.

/** Whether a text anywhere in parsed input (bodies may be nested as deep as they are long) holds a NUL. */
export function holdsNul(input: unknown): boolean {
  // Most of what comes is a text, or nothing.
  if (typeof input === 'string') return input.includes('\0');
  if (typeof input !== 'object' || input === null) return false;
  const waiting: unknown[] = [input];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string') {
      if (value.includes('\0')) return true;
      // Files sent as bytes are read by whoever takes them, and may hold anything.
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      for (const [name, inner] of Object.entries(value)) waiting.push(name, inner);
    }
  }
  return false;
}
