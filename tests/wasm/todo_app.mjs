// The to-do app as its users have it: its server, a hub, browsers with the page open, and what one does there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
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

/** The network between the devices and the hub: what Chromium calls offline leaves open sockets as they are. */
class Wire {
  #ends = new Set();
  #isCut = false;

  async start() {
    const server = createServer((near) => {
      if (this.#isCut) return near.destroy();
      const far = connect(hub.port, '127.0.0.1');
      for (const [from, to] of [[near, far], [far, near]]) {
        this.#ends.add(from);
        from.on('error', () => {}).on('close', () => {
          this.#ends.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    this.port = server.address().port;
    atEnd.push(() => server.close(), () => this.cut());
    return this;
  }

  cut() {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  mend() {
    this.#isCut = false;
  }
}

export const hub = await new Hub().start();
export const wire = await new Wire().start();
export const server = await new Server(wire).start();
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

/** Where the handles of rows are, all of them in the window. */
export async function handles({ page }, ...texts) {
  const all = texts.map((text) => page.getByRole('button', { name: `Move ${text}`, exact: true }));
  for (const handle of all) await handle.scrollIntoViewIfNeeded();
  const boxes = await Promise.all(all.map((handle) => handle.boundingBox()));
  return boxes.map((box) => [box.x + box.width / 2, box.y + box.height / 2]);
}

/** Drags the row `text` over the row `over`, with the mouse. */
export async function drag(it, text, over) {
  const { page } = it;
  const [from, to] = await handles(it, text, over);
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 8 });
  await page.mouse.up();
}

export const toggle = ({ page }) => page.getByRole('switch', { name: 'Sync' }).click();
export const picture = ({ page }, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

/** The digest of the device's database, by a second page on it, which stays for the next time. */
async function digest(it) {
  if (!it.reader) {
    it.reader = await openPage(it.context, new URL('icon.svg', server.url('x')).href);
    await it.page.bringToFront(); // or it would be slow, as windows in the background are
  }
  return it.reader.evaluate(async (name) => {
    const { open } = await import('/rejoin/index.js');
    window.db ??= await open(name);
    return db.digest('todo');
  }, `${it.name}.db`);
}

/** The digest of the hub's file, by the native tool. */
function hubDigest() {
  const file = scratch('peer.db');
  tool('sync', '--create', file, hub.room('todo'));
  const { equal, tables } = JSON.parse(tool('merge', '--check', '--json', hub.file('todo'), file));
  assert.ok(equal);
  return tables.find(({ table }) => table === 'todo').digests[0];
}

const same = (values) => values.every((value) => JSON.stringify(value) === JSON.stringify(values[0]));

/** Waits until the devices and the hub have the same, by what the pages show and by what the databases hold. */
export async function equal(...devices) {
  const wanted = await until('the digests are equal', async () => {
    const all = await Promise.all(devices.map(digest));
    return same(all) && all[0] === hubDigest() && all[0];
  });
  assert.match(wanted, /^[0-9a-f]{32}$/);
  // A page loads what has been merged a moment later.
  await until('the pages show the same', async () => same(await Promise.all(devices.map(list))));
}

/** The same, and all is well. */
export async function assertEqual(...devices) {
  await equal(...devices);
  for (const it of devices) await synced(it); // the hub confirms a moment later what it has
  for (const { page } of devices) assert.deepEqual(page.problems, []);
}
