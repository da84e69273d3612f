// COPY over a pg connection. pg leaves the COPY messages to query objects of one's own; these are the two. The
// embedded engine's COPY to a server-side path would need a superuser and files of the server's user.
import type { Connection, PoolClient, Submittable } from 'pg';

/** The methods pg's connection has for COPY; its published types leave them out. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** What pg calls on the active query while the messages of its answer arrive. */
interface ProtocolQuery extends Submittable {
  handleCopyInResponse(connection: CopyConnection): void;
  handleCopyData(message: { readonly chunk: Buffer }, connection: CopyConnection): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleReadyForQuery(): void;
  handleError(error: unknown): void;
  handleEmptyQuery(): void;
  handleRowDescription(): void;
  handleDataRow(): void;
  handlePortalSuspended(): void;
}

/** Above this the server is told to wait until the file has taken what came. */
const highWaterBytes = 4 * 1024 * 1024;
/** Rows are handed over in pieces of at least this. */
const sinkBytes = 256 * 1024;

function rowCountOf(commandTag: string): number {
  return Number(/^COPY (\d+)/.exec(commandTag)?.[1] ?? 0);
}

interface Handlers {
  readonly onCopyIn?: (connection: CopyConnection) => void;
  readonly onData?: (chunk: Buffer, connection: CopyConnection) => void;
}

/** Runs one COPY statement; resolves with its row count when the server is ready again. */
async function runCopy(client: PoolClient, text: string, handlers: Handlers, onError?: () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    const query: ProtocolQuery = {
      submit: (connection) => connection.query(text),
      handleCopyInResponse(connection) {
        if (handlers.onCopyIn === undefined) connection.sendCopyFail('not a COPY FROM');
        else handlers.onCopyIn(connection);
      },
      handleCopyData: ({ chunk }, connection) => handlers.onData?.(chunk, connection),
      handleCommandComplete: (message) => void (rows = rowCountOf(message.text)),
      handleReadyForQuery: () => resolve(rows),
      handleError(error) {
        onError?.();
        reject(error instanceof Error ? error : new Error('the COPY failed'));
      },
      handleEmptyQuery() {},
      handleRowDescription() {},
      handleDataRow() {},
      handlePortalSuspended() {},
    };
    client.query(query);
  });
}

/** COPY ... TO STDOUT; `sink` is called in order and awaited, the server waits while it is slow. */
export async function copyTo(
  client: PoolClient,
  text: string,
  sink: (chunk: Buffer) => Promise<void>,
): Promise<number> {
  let pieces: Buffer[] = [];
  let piecesBytes = 0;
  let waitingBytes = 0;
  let paused: CopyConnection | undefined;
  let failure: Error | undefined;
  let chain: Promise<void> = Promise.resolve();

  async function pass(chunk: Buffer): Promise<void> {
    try {
      if (failure === undefined) await sink(chunk);
    } catch (error) {
      failure = error instanceof Error ? error : new Error('the sink failed');
    }
    waitingBytes -= chunk.length;
    if (waitingBytes < highWaterBytes / 2) {
      paused?.stream.resume();
      paused = undefined;
    }
  }

  function flush(): void {
    const chunk = Buffer.concat(pieces);
    pieces = [];
    piecesBytes = 0;
    chain = chain.then(async () => pass(chunk));
  }

  function onData(chunk: Buffer, connection: CopyConnection): void {
    // The server sends a message per row; the parser reuses its buffer for the next one.
    pieces.push(Buffer.from(chunk));
    piecesBytes += chunk.length;
    waitingBytes += chunk.length;
    if (piecesBytes >= sinkBytes) flush();
    if (waitingBytes > highWaterBytes && paused === undefined) {
      paused = connection;
      connection.stream.pause();
    }
  }

  const rows = await runCopy(client, text, { onData });
  flush();
  await chain;
  if (failure !== undefined) throw failure;
  return rows;
}

async function drained(connection: CopyConnection): Promise<void> {
  const { stream } = connection;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

/** COPY ... FROM STDIN. When `source` throws, the COPY is called off and its error is thrown. */
export async function copyFrom(client: PoolClient, text: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  let failure: Error | undefined;
  let over = false;
  async function pump(connection: CopyConnection): Promise<void> {
    try {
      for await (const chunk of source) {
        // The server has refused something and ignores the rest.
        if (over) return;
        connection.sendCopyFromChunk(chunk);
        if (connection.stream.writableNeedDrain) await drained(connection);
      }
      if (!over) connection.endCopyFrom();
    } catch (error) {
      failure = error instanceof Error ? error : new Error('the source failed');
      if (!over) connection.sendCopyFail('called off');
    }
  }
  try {
    return await runCopy(client, text, { onCopyIn: (connection) => void pump(connection) }, () => (over = true));
  } catch (error) {
    throw failure ?? error;
  }
}
