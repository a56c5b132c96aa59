// Lets the page load without a network. The files of the app come from a cache; each time the page is opened they are
// compared with the server's, and if any differs the whole set is fetched anew, for the next time. As a set: a page is
// never put together from two versions. Everything else, config.json too, goes to the network.

const SHELL = [
  './',
  'app.js',
  'colours.css',
  'drag.js',
  'icon.svg',
  'item.js',
  'list.css',
  'list.js',
  'manifest.webmanifest',
  'order.js',
  'store.js',
  'style.css',
  'sync.js',
  'undo.js',
  'modules/tinybase/store/index.js',
  'modules/tinybase/persisters/persister-cr-sqlite-wasm/index.js',
  'rejoin/error.js',
  'rejoin/host.js',
  'rejoin/index.js',
  'rejoin/lock.js',
  'rejoin/opfs.js',
  'rejoin/rejoin.mjs',
  'rejoin/rejoin.wasm',
  'rejoin/sqlite.js',
  'rejoin/talk.js',
  'rejoin/worker.js',
].map((path) => new URL(path, location.href).href);

const [CURRENT, NEXT] = ['todo-current', 'todo-next'];
const COMPLETE = new URL('complete', location.href).href; // is in a set when all the rest of it is

const tagOf = (response) => response?.headers.get('etag');

/** Fetches the files; into NEXT if any is another than in what is there. */
async function refresh() {
  const latest = (await readyCache(NEXT)) ?? (await readyCache(CURRENT));
  const responses = await Promise.all(SHELL.map((url) => fetch(url, { cache: 'no-cache' })));
  const missing = responses.filter((response) => !response.ok).map((response) => response.url);
  if (missing.length > 0) throw new Error(`not kept for use without a network, for want of ${missing.join(', ')}`);
  const known = latest ? await Promise.all(SHELL.map((url) => latest.match(url))) : [];
  if (responses.every((response, i) => tagOf(response) && tagOf(response) === tagOf(known[i]))) return;
  await caches.delete(NEXT);
  const next = await caches.open(NEXT);
  await Promise.all(SHELL.map((url, i) => next.put(url, responses[i])));
  await next.put(COMPLETE, new Response());
}

async function readyCache(name) {
  if (!(await caches.has(name))) return undefined;
  const cache = await caches.open(name);
  return (await cache.match(COMPLETE)) ? cache : undefined;
}

/** Makes NEXT, if there is one, the set that pages are served from. */
async function promote() {
  const next = await readyCache(NEXT);
  if (!next) return;
  await caches.delete(CURRENT);
  const current = await caches.open(CURRENT);
  for (const request of await next.keys()) {
    if (request.url !== COMPLETE) await current.put(request, await next.match(request));
  }
  await current.put(COMPLETE, new Response());
  await caches.delete(NEXT);
}

async function fromCache(url, request) {
  const current = await readyCache(CURRENT);
  return (await current?.match(url)) ?? fetch(request);
}

addEventListener('install', (event) => event.waitUntil(refresh().then(skipWaiting)));

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.search = ''; // ?device= and ?room= are for the page
  if (request.method !== 'GET' || !SHELL.includes(url.href)) return;
  if (request.mode === 'navigate') {
    const promoted = promote();
    event.respondWith(promoted.then(() => fromCache(url.href, request)));
    // Offline this fails, and the app stays as it is.
    event.waitUntil(promoted.then(refresh).catch(() => {}));
  } else {
    event.respondWith(fromCache(url.href, request));
  }
});
