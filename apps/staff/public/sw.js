// Keeps the staff page's own files so that it opens without a network. Nothing the server says about a shift is kept here.
const cacheName = 'staff-1';
const shell = '/staff/';

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.add(shell))
      .then(() => self.skipWaiting()),
  );
});
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/staff/assets/')) {
    event.respondWith(
      caches.open(cacheName).then(async (cache) => {
        const kept = await cache.match(event.request);
        if (kept) return kept;
        const fresh = await fetch(event.request);
        if (fresh.ok) await cache.put(event.request, fresh.clone());
        return fresh;
      }),
    );
    return;
  }
  const isPage = event.request.mode === 'navigate' && url.pathname.startsWith('/staff/');
  if (!isPage) return;
  event.respondWith(
    fetch(event.request)
      .then(async (fresh) => {
        if (fresh.ok) await (await caches.open(cacheName)).put(shell, fresh.clone());
        return fresh;
      })
      .catch(async () => (await caches.match(shell)) ?? Response.error()),
  );
});
