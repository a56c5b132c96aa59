// The to-do app as its users have it: its server, a hub, browsers with the page open, and what one does there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Hub, atEnd, launch, modulePath, openPage, packagesDir, scratch, tool, until } from './support.mjs';

export const app = fileURLToPath(new URL('../../examples/todo/', import.meta.url));
const pictures = join(packagesDir, '..', 'screenshots');
mkdirSync(pictures, { recursive: true });

/** The app's web server. */
export class Server {
  constructor(hub, folder = app) {
    this.hub = hub;
    this.folder = folder;
    this.port = 0;
    atEnd.push(() => this.stop());
  }

  async start() {
    this.process = spawn(process.execPath, [join(this.folder, 'serve.mjs'), '--port', this.port, '--hub',
      `ws://127.0.0.1:${this.hub.port}`, '--modules', modulePath(), '--rejoin', modulePath('@rejoin', 'wasm')],
    { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    this.process.stdout.on('data', (text) => (said += text));
    this.port = await until('the web server', () => /:(\d+)\//.exec(said)?.[1]);
    return this;
  }

  stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return undefined;
    return new Promise((done) => this.process.once('exit', done).kill());
  }

  url(device) {
    return `http://127.0.0.1:${this.port}/?device=${device}`;
  }
}

export const hub = await new Hub().start();
export const server = await new Server(hub).start();
const browser = await launch();

/** A device: a browser of its own with the app open. */
export async function device(name, { at = server, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 760 }, ...options });
  return tab({ name, context }, at);
}

/** One more window of a device. */
export async function tab({ name, context }, at = server) {
  const it = { name, context, page: await openPage(context, at.url(name)) };
  await ready(it);
  return it;
}

/** What was written is on the disk: one may close the window without being asked to stay. */
export const saved = ({ page }) => page.locator('html:not([data-saving=true])').waitFor();
export const ready = ({ page }) => page.locator('html[data-ready=true]').waitFor();
export const state = ({ page }) => page.evaluate(() => document.documentElement.dataset.sync);
export const synced = (it) => until(`${it.name} is synced`, async () => (await state(it)) === 'synced');

/** What is on the page: texts in order, with a mark behind what is done. */
export const list = ({ page }) => page.locator('#list > .item:not([hidden])').evaluateAll((items) =>
  items.map((item) => item.querySelector('.text').textContent + (item.querySelector('.done').checked ? ' ✓' : '')));

export async function add(it, ...texts) {
  for (const text of texts) {
    await it.page.getByRole('textbox', { name: 'New to-do' }).fill(text);
    await it.page.getByRole('button', { name: 'Add' }).click();
    await it.page.getByRole('button', { name: `Edit ${text}`, exact: true }).waitFor();
  }
}

export async function edit({ page }, from, to) {
  await page.getByRole('button', { name: `Edit ${from}`, exact: true }).click();
  await page.getByRole('textbox', { name: `Edit ${from}`, exact: true }).fill(to);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Edit ${to}`, exact: true }).waitFor();
}

export const check = ({ page }, text) => page.getByRole('checkbox', { name: text, exact: true }).click();
export const remove = ({ page }, text) => page.getByRole('button', { name: `Delete ${text}`, exact: true }).click();

export async function move({ page }, text, key) {
  await page.getByRole('button', { name: `Move ${text}`, exact: true }).focus();
  await page.keyboard.press(key);
}

/** Drags the row `text` over the row `over`, with the mouse. */
export async function drag({ page }, text, over) {
  const middle = async (name) => {
    const box = await page.getByRole('button', { name, exact: true }).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [from, to] = [await middle(`Move ${text}`), await middle(`Move ${over}`)];
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 8 });
  await page.mouse.up();
}

export const toggle = ({ page }) => page.getByRole('switch', { name: 'Sync' }).click();
export const picture = ({ page }, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

/** The digest of the device's database, by a second page on it. */
async function digest(it) {
  const page = await openPage(it.context, new URL('icon.svg', server.url('x')).href);
  const text = await page.evaluate(async (name) => {
    const { open } = await import('/rejoin/index.js');
    const db = await open(name);
    return db.digest('todo');
  }, `${it.name}.db`);
  await page.close();
  return text;
}

/** The digest of the hub's file, by the native tool. */
function hubDigest() {
  const file = scratch('peer.db');
  tool('sync', '--create', file, hub.room('todo'));
  const { equal, tables } = JSON.parse(tool('merge', '--check', '--json', hub.file('todo'), file));
  assert.ok(equal);
  return tables.find(({ table }) => table === 'todo').digests[0];
}

export async function assertEqual(...devices) {
  for (const it of devices) await synced(it);
  const wanted = await until('the digests are equal', async () => {
    const all = [hubDigest(), ...(await Promise.all(devices.map(digest)))];
    return all.every((one) => one === all[0]) && all[0];
  });
  assert.match(wanted, /^[0-9a-f]{32}$/);
  const lists = await Promise.all(devices.map(list));
  for (const other of lists) assert.deepEqual(other, lists[0]);
  for (const { page } of devices) assert.deepEqual(page.problems, []);
}
