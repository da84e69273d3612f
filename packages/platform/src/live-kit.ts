// For this package's tests only: what a page hears on a shift's event stream.
import assert from 'node:assert/strict';

export interface HeardEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface LiveReader {
  next(): Promise<HeardEvent>;
  close(): void;
}

interface Listening {
  /** Origin of the platform asked. */
  readonly url: string;
  readonly cookie: string;
  readonly shiftId: unknown;
  readonly lastEventId?: string | undefined;
}

function eventOf(block: string): HeardEvent | undefined {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const event = fields.get('event');
  if (event === undefined) return undefined;
  const data = JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>;
  return { event, id: fields.get('id') ?? '', data };
}

export async function listenTo({ url, cookie, shiftId, lastEventId }: Listening): Promise<LiveReader> {
  const stop = new AbortController();
  const response = await fetch(`${url}/staff/shifts/${String(shiftId)}/live`, {
    headers: { cookie, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    signal: stop.signal,
  });
  assert.equal(response.status, 200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const waiting: HeardEvent[] = [];
  async function next(): Promise<HeardEvent> {
    for (;;) {
      const ready = waiting.shift();
      if (ready !== undefined) return ready;
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream ended');
      text += new TextDecoder().decode(value);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      waiting.push(...blocks.flatMap((block) => eventOf(block) ?? []));
    }
  }
  return { next, close: () => stop.abort() };
}
