// Holds the whole app as one hashed set, so that it opens without a network. The list of files and the version of the
// set are put before this text by the build. The previous set is kept; a new one takes over only when the page says so.
const { version, files, later } = self.DAYBOOK;
const NAME = 'daybook-' + version;
// A name with a hash of what is in the file never means anything else: what the page has fetched is not fetched once more.
const HASHED = /-[0-9a-f]{16}[-_.]/;

self.addEventListener('install', event => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(files.map(file => new Request(file, { cache: HASHED.test(file) ? 'default' : 'reload' })));
    // The first visit has no older version to protect.
    if (!self.registration.active) await self.skipWaiting();
  })());
});

self.addEventListener('activate', event => {
  event.waitUntil((async () => {
    const ours = (await caches.keys()).filter(name => name.startsWith('daybook-') && name !== NAME);
    // All but the newest of the others.
    await Promise.all(ours.slice(0, -1).map(name => caches.delete(name)));
    await self.clients.claim();
  })());
});

// What belongs to the set but is fetched only when it is used, so that it is there without a network the next time.
async function keep() {
  const cache = await caches.open(NAME);
  const missing = [];
  for (const file of later) if (!(await cache.match(file))) missing.push(file);
  await cache.addAll(missing);
}

self.addEventListener('message', event => {
  if (event.data === 'activate') self.skipWaiting();
  if (event.data === 'keep') event.waitUntil(keep());
});

self.addEventListener('fetch', event => {
  const url = new URL(event.request.url);
  // The API is never answered from here: what it says has to come from the server.
  if (event.request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/v1/')) return;
  event.respondWith((async () => {
    const cache = await caches.open(NAME);
    const key = event.request.mode === 'navigate' ? '/' : url.pathname;
    return (await cache.match(key)) || (await caches.match(key)) || fetch(event.request);
  })());
});
