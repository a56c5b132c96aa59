// Lets the page load without a network. The files of the app come from a cache; each time the page is opened they are
// compared with the server's, and if any differs the whole set is fetched anew, for the next time. As a set: a page is
// never put together from two versions, so each page keeps the set that it began with. Everything else, config.json
// too, goes to the network.

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

// Each set is a cache. STATE says which one new pages get, and which one each open page or worker has, by its id.
const STATE = 'todo-state';
const NEWEST = 'newest';
const keyOf = (id) => new URL(`state/${id}`, location.href).href;

const stateOf = async (id) => (await caches.match(keyOf(id), { cacheName: STATE }))?.text();
const setState = async (id, set) => (await caches.open(STATE)).put(keyOf(id), new Response(set));

const tagOf = (response) => response?.headers.get('etag');

// Some servers answer with a page for whatever they do not have.
const isThere = (response) =>
  response.ok &&
  !response.redirected &&
  /^text\/html/.test(response.headers.get('content-type')) === response.url.endsWith('/');

const get = (url) => fetch(url, { cache: 'no-cache' });

/** Fetches the files; as a new set if any is another than in the newest one. */
async function refresh() {
  const responses = await Promise.all(SHELL.map(get));
  const missing = responses.filter((response) => !isThere(response)).map((response) => response.url);
  if (missing.length > 0) {
    await leaveIfGone();
    throw new Error(`not kept for use without a network, for want of ${missing.join(', ')}`);
  }
  const newest = await stateOf(NEWEST);
  const known = newest ? await Promise.all(SHELL.map((url) => caches.match(url, { cacheName: newest }))) : [];
  if (!responses.every((response, i) => tagOf(response) && tagOf(response) === tagOf(known[i]))) {
    const name = `todo-${Date.now()}`;
    const set = await caches.open(name);
    await Promise.all(SHELL.map((url, i) => set.put(url, responses[i])));
    await setState(NEWEST, name);
  }
  await tidy();
}

/** Drops the sets that nobody has any more. */
async function tidy() {
  const state = await caches.open(STATE);
  const ids = (await state.keys()).map(({ url }) => url.slice(keyOf('').length)).filter((id) => id !== NEWEST);
  const gone = await Promise.all(ids.map(async (id) => !(await clients.get(id))));
  await alone(async () => {
    await Promise.all(ids.filter((_, i) => gone[i]).map((id) => state.delete(keyOf(id))));
    const used = await Promise.all((await state.keys()).map(async (key) => (await state.match(key)).text()));
    const names = (await caches.keys()).filter((name) => name !== STATE && !used.includes(name));
    await Promise.all(names.map((name) => caches.delete(name)));
  });
}

/** Where this script is not there either, something else has the app's place by now: what was kept must not hide it. */
async function leaveIfGone() {
  const script = await get(location.href);
  // A server in trouble, or one that wants a login first, is not another one.
  const isAnother = script.status === 404 || (script.ok && !script.redirected && !isThere(script));
  if (!isAnother) return;
  await alone(async () => Promise.all((await caches.keys()).map((name) => caches.delete(name))));
  await registration.unregister();
}

// Nobody must be given a set that is just being dropped.
const alone = (work) => navigator.locks.request('todo-state', work);
// Also when two pages are opened at once, or a newer service worker is being installed.
const refreshAlone = () => navigator.locks.request('todo-refresh', refresh);

/** Which set the request is answered from: a page's is the newest, and then that of all it loads. */
async function setFor({ request, clientId, resultingClientId }) {
  const read = async () =>
    (request.mode === 'navigate' ? undefined : await stateOf(clientId)) ?? (await stateOf(NEWEST));
  if (!resultingClientId) return read();
  // A page, or a worker that a page starts.
  return alone(async () => {
    const set = await read();
    if (set) await setState(resultingClientId, set);
    return set;
  });
}

async function answer(event, url) {
  const set = await setFor(event);
  const kept = set && (await caches.match(url, { cacheName: set }));
  return kept ?? fetch(event.request);
}

addEventListener('install', (event) => event.waitUntil(refreshAlone().then(skipWaiting)));

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.search = ''; // ?device= and ?room= are for the page
  if (request.method !== 'GET' || !SHELL.includes(url.href)) return;
  const answered = answer(event, url.href).catch(() => fetch(request));
  event.respondWith(answered);
  // Offline this fails, and the app stays as it is.
  if (request.mode === 'navigate') event.waitUntil(answered.then(refreshAlone).catch(() => {}));
});
