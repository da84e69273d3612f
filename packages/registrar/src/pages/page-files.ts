// The built passenger pages, read once at start: settings written in, policy computed from the final text, digest of
// the bundle as built. Everything is served from memory, so no path of a request can name a file.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { cspHash } from '@tongche/http';
import { ConfigError } from '@tongche/runtime';
import { MAX_PAGE_BYTES } from '../limits.ts';

/** A text file of ours in memory, ready to be sent in three encodings. */
export interface PageFile {
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
  readonly etag: string;
  readonly csp: string;
}

const SETTINGS_MARK = '__SETTINGS__';

export interface Bundle {
  /** Hex SHA-256 over the sorted lines `sha256(file)  path`, before settings are written in: reproducible. */
  readonly sha256: string;
  readonly files: number;
}

/** Digest of a built folder. Throws ConfigError when it is absent or far too large. */
export function bundleDigest(folder: string): Bundle {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ConfigError(`${folder}: the passenger pages are not there; build the front ends first`);
  }
  let bytes = 0;
  const lines = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const content = readFileSync(file);
      bytes += content.length;
      const path = relative(folder, file).split(sep).join('/');
      return `${createHash('sha256').update(content).digest('hex')}  ${path}\n`;
    })
    .sort();
  if (bytes > MAX_PAGE_BYTES) throw new ConfigError(`${folder}: more than ${MAX_PAGE_BYTES} bytes are not served`);
  return { sha256: createHash('sha256').update(lines.join('')).digest('hex'), files: lines.length };
}

/** JSON that may stand inside a script element: no text of it can end the element. */
export function settingsJson(settings: unknown): string {
  return JSON.stringify(settings)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

interface Inline {
  readonly attributes: string;
  readonly text: string;
}

function inlineElements(html: string, tag: 'script' | 'style'): Inline[] {
  const found = html.matchAll(new RegExp(`<${tag}((?:\\s[^>]*)?)>([\\s\\S]*?)</${tag}\\s*>`, 'gi'));
  return [...found].map((match) => ({ attributes: match[1] ?? '', text: match[2] ?? '' }));
}

/** A data block is not run, so it needs no hash; a script with a source is own-origin or nothing. */
function isRun({ attributes }: Inline): boolean {
  return !/\ssrc\s*=/i.test(attributes) && !/\stype\s*=\s*["']?application\/json/i.test(attributes);
}

/** The policy of a page: nothing but what it was built with, own assets, and the two servers it talks to. */
export function pageCsp(html: string, platformUrl: string): string {
  const scripts = inlineElements(html, 'script')
    .filter(isRun)
    .map(({ text }) => cspHash(text));
  const styles = inlineElements(html, 'style').map(({ text }) => cspHash(text));
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    ["style-src 'self'", ...styles].join(' '),
    `connect-src 'self' ${platformUrl}`,
    "img-src 'self' data:",
    "media-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The one policy there is: the address of the service worker.
    'trusted-types sw',
  ].join('; ');
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    throw new ConfigError(`${join(folder, name)}: the page is not there; build the front ends first`);
  }
}

function fileOf(text: string, csp: string): PageFile {
  const plain = Buffer.from(text);
  return {
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    brotli: brotliCompressSync(plain),
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    csp,
  };
}

/** A page with its settings. Throws ConfigError when it is absent. */
export function readPage(folder: string, name: string, settings: unknown, platformUrl: string): PageFile {
  const html = read(folder, name).replace(SETTINGS_MARK, () => settingsJson(settings));
  return fileOf(html, pageCsp(html, platformUrl));
}

/** The service worker, which has a policy of its own: it may fetch from us and run nothing else. */
export function readWorker(folder: string, platformUrl: string): PageFile {
  return fileOf(read(folder, 'sw.js'), `default-src 'none'; connect-src 'self' ${platformUrl}; script-src 'self'`);
}
