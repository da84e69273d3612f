// Built pages and assets, read whole at the start: a path can only name what was there, and an absent page stops
// the process in one line instead of answering 404 later.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { ConfigError } from '@tongche/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendError } from './errors.ts';
import type { App } from './server.ts';

/** Hash sources of a page's inline scripts and styles, ready for a Content-Security-Policy. */
export interface InlineHashes {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/** A fixed policy, or one made from the page's inline hashes. */
export type PageCsp = string | ((inline: InlineHashes) => string);

export interface PageOptions {
  readonly csp?: PageCsp;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly csp: string | undefined;
  readonly plain: Buffer;
  readonly gzip: Buffer | undefined;
  readonly brotli: Buffer | undefined;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.pdf': 'application/pdf',
};

/** Front ends have a few dozen files of some hundred kilobytes; beyond this the wrong folder was named. */
const maxFiles = 1000;
const maxFolderBytes = 64 * 1024 * 1024;
/** Below this compression costs more headers than it saves. */
const minCompressBytes = 600;
/** Best brotli takes seconds on a megabyte; large files (a code reader's wasm) get a quick quality instead. */
const bestBrotliBytes = 128 * 1024;
const compressible = /^(text\/|application\/(json|manifest|wasm)|image\/svg)/;
/**
 * `assets/name-Xxxxxxx1.ext` as the bundler writes it: the name changes with the content. A hash of lower-case letters
 * alone could be a word, so it does not count; such a file is merely asked for again.
 */
const hashedName = /[/\\]assets[/\\][^/\\]*[-.](?=[^/\\.]*[A-Z0-9])[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;
const immutable = 'public, max-age=31536000, immutable';

/** `'sha256-...'` of an inline script or style, as a CSP source. `text` is what stands between the tags. */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Hashes of all inline scripts and styles of a page. */
export function inlineHashes(html: string): InlineHashes {
  const bodies = (tag: string): string[] =>
    [...html.matchAll(new RegExp(`<${tag}(?![^>]*\\ssrc=)[^>]*>([\\s\\S]*?)</${tag}>`, 'gi'))].map((m) => m[1] ?? '');
  return { scripts: bodies('script').map(cspHash), styles: bodies('style').map(cspHash) };
}

/** Own scripts, styles, images and connections; inline ones by hash only. */
export function ownPagesCsp({ scripts, styles }: InlineHashes): string {
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    ["style-src 'self'", ...styles].join(' '),
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function readPage(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new ConfigError(`${file}: the page is not there; build the front ends first`);
  }
}

function brotli(plain: Buffer): Buffer {
  const quality = plain.length > bestBrotliBytes ? 5 : constants.BROTLI_MAX_QUALITY;
  return brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}

/** A service worker lives under the policy its own script came with: it fetches the pages it keeps. */
function scriptCsp(type: string): string | undefined {
  return type.startsWith('text/javascript') ? "default-src 'none'; connect-src 'self'" : undefined;
}

function makeAsset(file: string, options: PageOptions): Asset {
  const plain = readPage(file);
  const type = types[extname(file).toLowerCase()] ?? 'application/octet-stream';
  const isPage = type.startsWith('text/html');
  const compress = compressible.test(type) && plain.length >= minCompressBytes;
  const csp = options.csp ?? ownPagesCsp;
  return {
    type,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    cacheControl: !isPage && hashedName.test(file) ? immutable : 'no-cache',
    csp: isPage ? (typeof csp === 'string' ? csp : csp(inlineHashes(plain.toString('utf8')))) : scriptCsp(type),
    plain,
    gzip: compress ? gzipSync(plain, { level: plain.length > bestBrotliBytes ? 6 : 9 }) : undefined,
    brotli: compress ? brotli(plain) : undefined,
  };
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset, options: PageOptions): FastifyReply {
  void reply.headers({ ...options.headers, etag: asset.etag, 'cache-control': asset.cacheControl });
  void reply.header('vary', 'accept-encoding');
  if (asset.csp !== undefined) void reply.header('content-security-policy', asset.csp);
  if (request.headers['if-none-match']?.includes(asset.etag) === true) return reply.code(304).send();
  const accepted = request.headers['accept-encoding'] ?? '';
  void reply.type(asset.type);
  if (asset.brotli !== undefined && /\bbr\b/.test(accepted)) {
    return reply.header('content-encoding', 'br').send(asset.brotli);
  }
  if (asset.gzip !== undefined && /\bgzip\b/.test(accepted)) {
    return reply.header('content-encoding', 'gzip').send(asset.gzip);
  }
  return reply.send(asset.plain);
}

export interface StaticPage {
  /** Hex SHA-256 of the page, for the start-up line and the log. */
  readonly sha256: string;
  readonly bytes: number;
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
}

/** One page for `app.get(path, page.handler)`. Throws ConfigError when the file is absent. */
export function staticPage(options: PageOptions & { readonly file: string }): StaticPage {
  const asset = makeAsset(options.file, options);
  return {
    sha256: createHash('sha256').update(asset.plain).digest('hex'),
    bytes: asset.plain.length,
    handler: async (request, reply) => sendAsset(request, reply, asset, options),
  };
}

export interface FolderOptions extends PageOptions {
  /** Begins and ends with a slash. */
  readonly prefix: string;
  readonly folder: string;
  /** File of the folder that answers its unknown paths without an extension (pages with their own routing). */
  readonly fallback?: string;
}

function readFolder(options: FolderOptions): Map<string, Asset> {
  const { folder } = options;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ConfigError(`${folder}: the pages are not there; build the front ends first`);
  }
  const assets = new Map<string, Asset>();
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const file = join(entry.parentPath, entry.name);
    const asset = makeAsset(file, options);
    total += asset.plain.length;
    if (assets.size >= maxFiles || total > maxFolderBytes) {
      throw new ConfigError(`${folder}: more than ${maxFiles} files or ${maxFolderBytes} bytes are not served`);
    }
    assets.set(relative(folder, file).split(sep).join('/'), asset);
  }
  return assets;
}

/**
 * Serves a folder of built files. No listing; `index.html` answers for the prefix itself; names with a content hash
 * may be kept for ever, others are checked each time. Throws ConfigError when the folder is absent.
 */
export function serveFolder(app: App, options: FolderOptions): void {
  const { prefix, fallback } = options;
  if (!/^\/(.*\/)?$/.test(prefix)) throw new RangeError(`prefix ${prefix} must begin and end with a slash`);
  const assets = readFolder(options);
  if (fallback !== undefined && !assets.has(fallback)) {
    throw new ConfigError(`${options.folder}: ${fallback} is not there; build the front ends first`);
  }
  app.get(`${prefix}*`, async (request, reply) => {
    const { '*': path } = request.params as { readonly '*': string };
    const asset = assets.get(path === '' ? 'index.html' : path);
    if (asset !== undefined) return sendAsset(request, reply, asset, options);
    const page = fallback !== undefined && extname(path) === '' ? assets.get(fallback) : undefined;
    return page === undefined ? sendError(reply, 'not-found') : sendAsset(request, reply, page, options);
  });
}
