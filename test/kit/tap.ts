// Stands between two processes on a Unix socket, passes everything on, and keeps what was asked.
import { createServer, request as ask } from 'node:http';

export interface Tapped {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface Tap {
  readonly socket: string;
  readonly seen: readonly Tapped[];
  close(): Promise<void>;
}

/** Listens on `socket` in place of `target`. */
export function openTap(target: string): Tap {
  const socket = `${target}.tap`;
  const seen: Tapped[] = [];
  const server = createServer((incoming, outgoing) => {
    const pieces: Uint8Array[] = [];
    incoming.on('data', (piece: Uint8Array) => pieces.push(piece));
    incoming.on('end', () => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      const body = Buffer.concat(pieces);
      seen.push({ method, path, body: body.toString('utf8') });
      const passed = ask({ socketPath: target, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      passed.end(body);
    });
  });
  server.listen(socket);
  return {
    socket,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}
