// The to-do app's service worker: a page is of one version, also while there is a new one or nothing at all, and what
// is kept goes when the app does.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { scratch, sleep, until } from './support.mjs';
import { Server, app, device, hub, ready, tab } from './todo_app.mjs';

const folder = scratch('app');
cpSync(app, folder, { recursive: true, filter: (path) => !path.endsWith('node_modules') });

const PARTS = [
  ['index.html', (version) => ['lang="en"', `lang="en" data-page="${version}"`]],
  ['app.js', (version) => ['const find', `document.documentElement.dataset.app = '${version}';\nconst find`]],
  ['order.js', (version) => ['const NOTHING', `document.documentElement.dataset.order = '${version}';\nconst NOTHING`]],
];

let latest;

/** Puts a new version on the server. */
function release(version) {
  latest = version;
  for (const [file, change] of PARTS) {
    const text = readFileSync(join(app, file), 'utf8').replace(...change(version));
    assert.ok(text.includes(version));
    writeFileSync(join(folder, file), text);
  }
}

/** The version that a page is of; it is of one. */
async function versionOf({ page }) {
  const parts = await page.evaluate(() =>
    ['page', 'app', 'order'].map((part) => document.documentElement.dataset[part]));
  assert.equal(new Set(parts).size, 1, parts.join());
  return parts[0];
}

/** What the next page will get is the latest version. */
const newest = ({ page }) => until('the latest version is kept', () => page.evaluate(async (version) => {
  const state = await caches.match('/state/newest', { cacheName: 'todo-state' });
  const files = await caches.open(await state.text());
  return (await (await files.match('/')).text()).includes(`data-page="${version}"`);
}, latest));

async function reload(it) {
  await it.page.reload();
  await ready(it);
}

release('v1');
const server = await new Server(hub, folder).start();
const one = await device('phone', { at: server });
const two = await tab(one, server);

test('an update is there with the second reload, in each window by itself', { timeout: 120000 }, async () => {
  await newest(one);
  for (const it of [one, two]) await reload(it); // the first time they came without a service worker
  release('v2');
  await reload(one);
  assert.equal(await versionOf(one), 'v1');
  await newest(one);
  // The other window has begun with the old version, and whatever it loads from now on is of that too.
  const text = await two.page.evaluate(async () => (await fetch('order.js')).text());
  assert.ok(text.includes("'v1'"));
  await reload(one);
  assert.equal(await versionOf(one), 'v2');
  assert.equal(await versionOf(two), 'v1');
  await reload(two);
  assert.equal(await versionOf(two), 'v2');
  await until('the old version is dropped', () => one.page.evaluate(async () => (await caches.keys()).length === 2));
});

test('two windows reload at any moment of an update, without the server too', { timeout: 240000 }, async () => {
  for (let round = 0; round < 8; ++round) {
    await newest(one);
    release(`w${round}`);
    await Promise.all([one, two].map(reload));
    await Promise.all([server, one, two].map(async (it) => {
      await sleep(Math.random() * 150);
      return it === server ? server.stop() : reload(it);
    }));
    await Promise.all([one, two].map(versionOf));
    await Promise.all([one, two].map(reload));
    await Promise.all([one, two].map(versionOf));
    await server.start();
    await Promise.all([one, two].map(reload));
  }
  for (const { page } of [one, two]) assert.deepEqual(page.problems, []);
});

test('what a worker of the page loads is of the page\'s version too', { timeout: 60000 }, async () => {
  await newest(one);
  const ids = () => one.page.evaluate(async () => (await (await caches.open('todo-state')).keys()).length);
  // Two windows, a database's worker in each, and which version is the newest.
  await until('each has its version', async () => await ids() === 5);
});

test('where something else has the app\'s place, the app goes', { timeout: 120000 }, async () => {
  for (const answersAll of [false, true]) {
    await until('the app is there', async () => {
      await one.page.goto(server.url('phone'));
      await ready(one);
      return one.page.evaluate(() => Boolean(navigator.serviceWorker.controller));
    });
    await newest(one);
    await server.stop();
    const other = createServer((request, response) => {
      const isPage = answersAll || request.url.startsWith('/?');
      response.writeHead(isPage ? 200 : 404, { 'Content-Type': 'text/html' });
      response.end('<!doctype html><title>Something else</title>');
    });
    await new Promise((done) => other.listen(server.port, '127.0.0.1', done));
    await one.page.reload();
    await until('nothing is kept', () => one.page.evaluate(async () => (await caches.keys()).length === 0));
    await one.page.reload();
    assert.equal(await one.page.title(), 'Something else');
    // The app's page, the last time that it was there, may have registered it once more.
    await until('no service worker is left', () => one.page.evaluate(async () =>
      (await navigator.serviceWorker.getRegistrations()).length === 0 && (await caches.keys()).length === 0));
    other.closeAllConnections();
    await new Promise((done) => other.close(done));
    await server.start();
  }
});
