// The service worker: one cached page serves every code, so that a scan asks the registrar for nothing.
// The page is fetched again at most once a day, by an address that carries no code.
declare const self: ServiceWorkerGlobalScope;

const CACHE = `tongche-${BUILD}`;
const PAGE = '/';
/** The assist form, kept on phones that open it: staff ride through tunnels too. */
const ASSIST = '/assist';
const PARTS = [`/assets/later-${BUILD}.js`, `/assets/words-en-${BUILD}.js`];
const FRESH_MS = 24 * 3_600_000;

async function refresh(page: string): Promise<void> {
  const cache = await caches.open(CACHE);
  // The parts first: a page is only kept when what it loads is there.
  for (const url of [...PARTS, page]) {
    const response = await fetch(url, { cache: 'no-cache', credentials: 'omit' });
    const isOfThisBuild = response.ok && response.headers.get('cache-control') !== 'no-store';
    // The registrar has another build: its own worker takes over with its own parts.
    if (!isOfThisBuild) return void (await self.registration.update().catch(() => undefined));
    await cache.put(url, response);
  }
}

async function refreshWhenOld(page: string, cached: Response | undefined): Promise<void> {
  if (cached === undefined && page === PAGE) return;
  const fetchedMs = Date.parse(cached?.headers.get('date') ?? '');
  if (Number.isFinite(fetchedMs) && Date.now() - fetchedMs < FRESH_MS) return;
  await refresh(page).catch(() => undefined);
}

self.addEventListener('install', (event) => {
  event.waitUntil(refresh(PAGE).then(() => self.skipWaiting()));
});
/** A new build brings its own page and parts; the old ones go together. */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
/** Which kept page answers a navigation. */
function pageFor(request: Request, path: string): string | undefined {
  if (request.mode !== 'navigate') return undefined;
  if (path === ASSIST) return ASSIST;
  return path === '/' || path === '/my' || path.startsWith('/r/') ? PAGE : undefined;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  const page = pageFor(request, url.pathname);
  if (page === undefined && !PARTS.includes(url.pathname)) return;
  const cached = caches.match(page ?? url.pathname);
  event.respondWith(cached.then((response) => response ?? fetch(request)));
  if (page !== undefined) event.waitUntil(cached.then((response) => refreshWhenOld(page, response)));
});
/** The form that is open came before its worker: it asks to be kept. */
self.addEventListener('message', (event) => {
  if (event.data === ASSIST) event.waitUntil(caches.match(ASSIST).then((kept) => refreshWhenOld(ASSIST, kept)));
});
