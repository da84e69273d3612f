// A loopback server that hands TypeScript files of this repository to a browser as JavaScript modules, types stripped: the
// browser then runs the very source that the tests of Node run.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stripTypeScriptTypes } from 'node:module';
import { join, normalize, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const served = /^(?:packages\/protocol\/src|test\/e2e)\/[\w-]+\.ts$/;

export interface ModuleServer {
  /** Origin, on 127.0.0.1, which browsers take as a secure context. */
  readonly url: string;
  close(): Promise<void>;
}

/** Any path that is not one of the served sources answers 404; `/` is an empty page. */
export async function serveModules(): Promise<ModuleServer> {
  const server = createServer((request, response) => {
    const path = normalize(request.url ?? '/').slice(1);
    if (path === '') {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>modules</title>');
    } else if (served.test(path)) {
      response.setHeader('content-type', 'text/javascript');
      response.end(stripTypeScriptTypes(readFileSync(join(root, path), 'utf8')));
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}
