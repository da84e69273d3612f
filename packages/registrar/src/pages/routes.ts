// The page every printed code leads to, and its companions. This plugin imports nothing of one-time codes, tickets
// or wallets, never looks at the path behind /r/, and answers every code with the same bytes.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { serveFolder } from '@tongche/http';
import type { App } from '@tongche/http';
import type { PageFile } from './page-files.ts';

export interface Pages {
  readonly index: PageFile;
  readonly assist: PageFile;
  readonly notice: PageFile;
  /** Where sites behind other QR codes of the city send phones; a build may lack it. */
  readonly alias: PageFile | undefined;
  readonly worker: PageFile;
  /** The built folder; its `assets` are served under /assets/. */
  readonly folder: string;
}

/** An edge or a browser may keep the page ten minutes, and show the old one for a day while it fetches the new one. */
const PAGE = { type: 'text/html; charset=utf-8', cache: 'public, max-age=600, stale-while-revalidate=86400' };
/** Registered with updateViaCache 'all': else Chromium fetches it 2 s after each scan and so counts scans. */
const WORKER = { type: 'text/javascript; charset=utf-8', cache: 'public, max-age=86400' };

/**
 * A page kept by a browser asks for the parts it was built with; after a deployment they are gone. This module stands in
 * for any of them: it drops what is kept and opens the page again, at most once a minute. The ride of the scan is safe:
 * the page stores it before it loads a part.
 */
const STALE_PART = `const key='tongche-renewed',now=Date.now();
if(!(now-Number(sessionStorage.getItem(key))<60000)){
sessionStorage.setItem(key,String(now));
if(globalThis.caches)for(const name of await caches.keys())await caches.delete(name);
location.reload();
}
`;
const ASSETS = '/assets/';
/** Names the build gives to its parts: `later-1a2b3c4d.js`. */
const PART = /^[a-z-]{1,16}-[0-9a-f]{8}\.js$/;

interface Answer {
  readonly status: 200 | 304;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
}

/** What is sent depends on two headers about the form of the answer, and on nothing else of the request. */
function answer(
  file: PageFile,
  kind: { readonly type: string; readonly cache: string },
  asked: { readonly 'accept-encoding'?: string | string[] | undefined; readonly 'if-none-match'?: string | undefined },
): Answer {
  const headers = {
    'content-type': kind.type,
    'content-security-policy': file.csp,
    'referrer-policy': 'no-referrer',
    'cache-control': kind.cache,
    vary: 'accept-encoding',
    etag: file.etag,
  };
  if (asked['if-none-match']?.includes(file.etag) === true) return { status: 304, headers, body: undefined };
  const accepted = String(asked['accept-encoding'] ?? '');
  if (/\bbr\b/.test(accepted)) {
    return { status: 200, headers: { ...headers, 'content-encoding': 'br' }, body: file.brotli };
  }
  if (/\bgzip\b/.test(accepted)) {
    return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: file.gzip };
  }
  return { status: 200, headers, body: file.plain };
}

function serve(
  app: App,
  paths: readonly string[],
  file: PageFile,
  kind: { readonly type: string; readonly cache: string },
): void {
  for (const path of paths) {
    app.get(path, async (request, reply) => {
      const { status, headers, body } = answer(file, kind, request.headers);
      return reply.code(status).headers(headers).send(body);
    });
  }
}

/** Before the folder is asked: an unknown part of another build renews the page that wants it. */
function renewStale(app: App, assets: string): void {
  const known = new Set(readdirSync(assets));
  app.addHook('onRequest', async (request, reply) => {
    const part = request.url.slice(ASSETS.length);
    if (known.has(part) || !PART.test(part)) return undefined;
    // Not to be stored by anybody; that is also how the service worker tells it from a part.
    return reply.header('cache-control', 'no-store').type('text/javascript; charset=utf-8').send(STALE_PART);
  });
}

export function pageRoutes(app: App, pages: Pages): void {
  serve(app, ['/', '/my', '/r', '/r/*'], pages.index, PAGE);
  serve(app, ['/assist'], pages.assist, PAGE);
  serve(app, ['/n/*'], pages.notice, PAGE);
  if (pages.alias !== undefined) serve(app, ['/a'], pages.alias, PAGE);
  serve(app, ['/sw.js'], pages.worker, WORKER);
  const assets = join(pages.folder, 'assets');
  // A small build may have everything inline.
  if (statSync(assets, { throwIfNoEntry: false })?.isDirectory() === true) {
    void app.register(async (scope: App) => {
      renewStale(scope, assets);
      serveFolder(scope, { prefix: ASSETS, folder: assets });
    });
  }
}
