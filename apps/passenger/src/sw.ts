// The service worker: one cached page serves every code, so that a scan asks the registrar for nothing.
// The page is fetched again at most once a day, by an address that carries no code.
declare const self: ServiceWorkerGlobalScope;

const CACHE = `tongche-${BUILD}`;
const PAGE = '/';
const PARTS = [`/assets/later-${BUILD}.js`, `/assets/words-en-${BUILD}.js`];
const FRESH_MS = 24 * 3_600_000;

async function refresh(): Promise<void> {
  const cache = await caches.open(CACHE);
  // The parts first: a page is only kept when what it loads is there.
  for (const url of [...PARTS, PAGE]) {
    const response = await fetch(url, { cache: 'no-cache', credentials: 'omit' });
    if (response.ok) await cache.put(url, response);
  }
}

async function refreshWhenOld(cached: Response): Promise<void> {
  const fetchedMs = Date.parse(cached.headers.get('date') ?? '');
  if (Number.isFinite(fetchedMs) && Date.now() - fetchedMs < FRESH_MS) return;
  await refresh().catch(() => undefined);
}

self.addEventListener('install', (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()));
});
/** A new build brings its own page and parts; the old ones go together. */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  const isPage =
    request.mode === 'navigate' && (url.pathname === '/' || url.pathname === '/my' || url.pathname.startsWith('/r/'));
  if (!isPage && !PARTS.includes(url.pathname)) return;
  const cached = caches.match(isPage ? PAGE : url.pathname);
  event.respondWith(cached.then((response) => response ?? fetch(request)));
  if (isPage)
    event.waitUntil(cached.then((response) => (response === undefined ? undefined : refreshWhenOld(response))));
});
