// The to-do app as its users have it: two browsers, a hub, a network that comes and goes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Hub, atEnd, launch, modulePath, openPage, packagesDir, scratch, tool, until } from './support.mjs';

const app = fileURLToPath(new URL('../../examples/todo/', import.meta.url));
const pictures = join(packagesDir, '..', 'screenshots');
mkdirSync(pictures, { recursive: true });

/** The app's web server. */
class Server {
  constructor(hub) {
    this.hub = hub;
    this.port = 0;
    atEnd.push(() => this.stop());
  }

  async start() {
    this.process = spawn(process.execPath, [join(app, 'serve.mjs'), '--port', this.port, '--hub',
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

const hub = await new Hub().start();
const server = await new Server(hub).start();
const browser = await launch();

/** A device: a browser of its own with the app open. */
async function device(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 760 }, ...options });
  const page = await openPage(context, server.url(name));
  const it = { name, context, page };
  await ready(it);
  return it;
}

const ready = ({ page }) => page.locator('html[data-ready=true]').waitFor();
const state = ({ page }) => page.evaluate(() => document.documentElement.dataset.sync);
const synced = (it) => until(`${it.name} is synced`, async () => (await state(it)) === 'synced');

/** What is on the page: texts in order, with a mark behind what is done. */
const list = ({ page }) => page.locator('#list > .item:not([hidden])').evaluateAll((items) =>
  items.map((item) => item.querySelector('.text').textContent + (item.querySelector('.done').checked ? ' ✓' : '')));

async function add(it, ...texts) {
  for (const text of texts) {
    await it.page.getByRole('textbox', { name: 'New to-do' }).fill(text);
    await it.page.getByRole('button', { name: 'Add' }).click();
    await it.page.getByRole('button', { name: `Edit ${text}`, exact: true }).waitFor();
  }
}

async function edit({ page }, from, to) {
  await page.getByRole('button', { name: `Edit ${from}`, exact: true }).click();
  await page.getByRole('textbox', { name: `Edit ${from}`, exact: true }).fill(to);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Edit ${to}`, exact: true }).waitFor();
}

const check = ({ page }, text) => page.getByRole('checkbox', { name: text, exact: true }).click();
const remove = ({ page }, text) => page.getByRole('button', { name: `Delete ${text}`, exact: true }).click();

async function move({ page }, text, key) {
  await page.getByRole('button', { name: `Move ${text}`, exact: true }).focus();
  await page.keyboard.press(key);
}

/** Drags the row `text` over the row `over`, with the mouse. */
async function drag({ page }, text, over) {
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

const toggle = ({ page }) => page.getByRole('switch', { name: 'Sync' }).click();
const picture = ({ page }, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

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

async function assertEqual(...devices) {
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

const phone = await device('phone');
const laptop = await device('laptop', { viewport: { width: 1000, height: 760 } });

test('what one writes the other one sees', { timeout: 120000 }, async () => {
  await add(phone, 'Milk', 'Bread', 'Apples', 'Soap', 'Coffee');
  await until('the laptop has it', async () => (await list(laptop)).length === 5);
  assert.deepEqual(await list(laptop), ['Milk', 'Bread', 'Apples', 'Soap', 'Coffee']);
  await check(laptop, 'Bread');
  await until('the phone sees the mark', async () => (await list(phone)).includes('Bread ✓'));
  await assertEqual(phone, laptop);
});

test('both offline: conflicting edits, deletions and moves; then equal', { timeout: 240000 }, async () => {
  const took = [];
  for (let round = 1; round <= 3; ++round) {
    const [x, y, z] = [`Milk${round}`, `Rice${round}`, `Tea${round}`];
    await add(phone, x, y, z);
    await until('the laptop has it', async () => (await list(laptop)).includes(z));
    for (const it of [phone, laptop]) {
      await toggle(it);
      await it.context.setOffline(true);
      await until('sync is off', async () => (await state(it)) === 'off');
    }
    await edit(phone, x, `${x}, two litres`);
    await edit(laptop, x, `${x}, of oats`);
    await remove(phone, y);
    await check(laptop, y);
    await move(phone, z, 'Home');
    await drag(laptop, z, `${x}, of oats`);
    await add(phone, `From the phone ${round}`);
    await add(laptop, `From the laptop ${round}`);
    assert.notDeepEqual(await list(phone), await list(laptop));
    if (round === 1) for (const it of [phone, laptop]) await picture(it, `${it.name}-offline`);
    for (const it of [phone, laptop]) await it.context.setOffline(false);
    const begun = performance.now();
    await Promise.all([phone, laptop].map(toggle));
    await until('both show the same', async () => {
      const [one, other] = await Promise.all([phone, laptop].map(list));
      return JSON.stringify(one) === JSON.stringify(other) && one.includes(`From the laptop ${round}`)
        && one.includes(`From the phone ${round}`);
    });
    took.push(Math.round(performance.now() - begun));
    await assertEqual(phone, laptop);
    const rows = await list(phone);
    assert.equal(rows.filter((text) => text.startsWith(`${x},`)).length, 1, 'one of the two texts');
    assert.ok(!rows.some((text) => text.startsWith(y)), 'what was deleted stays deleted');
    assert.equal(rows.filter((text) => text === z).length, 1, 'moved twice, there once');
  }
  console.log(`equal after ${took.join(', ')} ms`);
  assert.ok(Math.min(...took) < 1000, 'equal within a second');
  for (const it of [phone, laptop]) await picture(it, `${it.name}-together`);
});

test('a reload keeps the data, also without hub and network', { timeout: 120000 }, async () => {
  const before = await list(phone);
  await phone.page.reload();
  await ready(phone);
  assert.deepEqual(await list(phone), before);
  // The service worker has had its time; now nothing answers.
  await until('the page is kept', () => phone.page.evaluate(async () => (await caches.keys()).length > 0));
  await phone.page.reload();
  await ready(phone);
  await server.stop();
  await hub.stop('SIGKILL');
  await phone.page.reload();
  await ready(phone);
  assert.deepEqual(await list(phone), before);
  await add(phone, 'Written in a tunnel');
  await phone.page.reload();
  await ready(phone);
  assert.ok((await list(phone)).includes('Written in a tunnel'));
  await until('it says so', async () =>
    /Offline/.test(await phone.page.getByRole('status', { name: 'Sync state' }).textContent()));
  await hub.start();
  await server.start();
  await until('the laptop has it', async () => (await list(laptop)).includes('Written in a tunnel'));
  await assertEqual(phone, laptop);
});

test('the hub is killed while both write', { timeout: 120000 }, async () => {
  for (let round = 0; round < 3; ++round) {
    const writing = Promise.all([phone, laptop].map((it) => add(it, ...[0, 1, 2].map((i) => `${it.name} ${round}.${i}`))));
    await hub.stop('SIGKILL');
    await hub.start();
    await writing;
  }
  const wanted = ['phone', 'laptop'].flatMap((name) => [0, 1, 2].flatMap((round) =>
    [0, 1, 2].map((i) => `${name} ${round}.${i}`)));
  await until('both have all', async () => (await Promise.all([phone, laptop].map(list)))
    .every((rows) => wanted.every((text) => rows.filter((row) => row === text).length === 1)));
  await assertEqual(phone, laptop);
});

test('text that is being typed outlives a merge', { timeout: 60000 }, async () => {
  await add(laptop, 'Shared');
  await until('the phone has it', async () => (await list(phone)).includes('Shared'));
  await phone.page.getByRole('button', { name: 'Edit Shared', exact: true }).click();
  const field = phone.page.getByRole('textbox', { name: 'Edit Shared', exact: true });
  await field.fill('Half a wor');
  await edit(laptop, 'Shared', 'Changed meanwhile');
  await add(laptop, 'And more');
  await until('the merge is there', async () => (await list(phone)).includes('And more'));
  assert.equal(await field.inputValue(), 'Half a wor');
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  await field.press('Enter');
  await until('both agree', async () => (await list(laptop)).includes('Half a wor')
    || (await list(phone)).includes('Changed meanwhile'));
  await assertEqual(phone, laptop);
});

test('by keyboard alone: add, check, edit, move, delete, undo', { timeout: 60000 }, async () => {
  const it = await device('keyboard');
  const { page } = it;
  await synced(it);
  const { keyboard } = page;
  await page.getByRole('textbox', { name: 'New to-do' }).focus();
  await keyboard.type('By keyboard');
  await keyboard.press('Enter');
  await page.getByRole('button', { name: 'Move By keyboard' }).waitFor();
  assert.equal((await list(it)).at(-1), 'By keyboard');
  await move(it, 'By keyboard', 'ArrowUp');
  await until('it has moved', async () => (await list(it)).at(-2) === 'By keyboard');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')
    ?? document.activeElement.ariaLabel), 'Move By keyboard', 'the focus stays');
  await until('it is said', async () => /By keyboard is number/.test(await page.locator('#news').textContent()));
  await keyboard.press('Tab');
  await keyboard.press('Space');
  await until('it is done', async () => (await list(it)).includes('By keyboard ✓'));
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await keyboard.type(', edited');
  await keyboard.press('Enter');
  await until('it is edited', async () => (await list(it)).includes('By keyboard, edited ✓'));
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await until('it is gone', async () => !(await list(it)).includes('By keyboard, edited ✓'));
  await keyboard.press('Control+z');
  await until('it is back', async () => (await list(it)).includes('By keyboard, edited ✓'));
  await assertEqual(it, phone);
  await it.context.close();
});

test('nothing that axe finds, in light and dark, narrow and wide', { timeout: 120000 }, async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [{ width: 360, height: 740 }, { width: 1200, height: 800 }]) {
      const it = await device('seen', { colorScheme, viewport, bypassCSP: true });
      await synced(it);
      await until('the list', async () => (await list(it)).length > 5);
      await remove(it, (await list(it))[0].replace(/ ✓$/, ''));
      await it.page.addScriptTag({ path: modulePath('axe-core', 'axe.min.js') });
      const { violations } = await it.page.evaluate(() => axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
      const width = await it.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= viewport.width, `nothing is wider than the window: ${width}`);
      await picture(it, `${colorScheme}-${viewport.width}`);
      await it.context.close();
    }
  }
});
