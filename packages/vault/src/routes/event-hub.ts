// Tells open consoles that something changed. Events name cases, never people.
export interface EventHub {
  send(event: 'case' | 'contacts' | 'keys', data: { readonly caseId?: string }): void;
  /** Returns how to stop. */
  listen(listener: (event: string, data: object) => void): () => void;
}

export function eventHub(): EventHub {
  const listeners = new Set<(event: string, data: object) => void>();
  return {
    send(event, data) {
      for (const listener of listeners) listener(event, data);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
