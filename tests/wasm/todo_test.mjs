// Two browsers, a hub, a network that comes and goes: the to-do app on all of them shows the same in the end. What it
// looked like is in the directory screenshots beside npm's packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { modulePath, sleep, until } from './support.mjs';
import { add, assertEqual, check, device, drag, edit, equal, hub, list, move, picture, ready, remove, saved, server,
  state, synced, toggle, wire } from './todo_app.mjs';

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

// In the last round it is the network alone: the app has to notice by itself.
const ROUNDS = ['switch', 'switch', 'switch', 'network'];

test('both offline: conflicting edits, deletions and moves; then equal', { timeout: 240000 }, async () => {
  const took = { switch: [], network: [] };
  for (const [round, by] of ROUNDS.entries()) {
    const [x, y, z] = [`Milk${round}`, `Rice${round}`, `Tea${round}`];
    await add(phone, x, y, z);
    await until('the laptop has it', async () => (await list(laptop)).includes(z));
    for (const it of [phone, laptop]) {
      if (by === 'switch') await toggle(it);
      else wire.cut();
      await it.context.setOffline(true);
      await until('it is cut off', async () => (await state(it)) === (by === 'switch' ? 'off' : 'waiting'));
    }
    await edit(phone, x, `${x}, two litres`);
    await edit(laptop, x, `${x}, of oats`);
    await remove(phone, y);
    await check(laptop, y);
    await move(phone, z, 'Home');
    await until('it is the first', async () => (await list(phone))[0] === z);
    await drag(laptop, z, `${x}, of oats`);
    await until('it is before the other', async () =>
      (await list(laptop)).join().includes([z, `${x}, of oats`, `${y} ✓`].join()));
    await add(phone, `From the phone ${round}`);
    await add(laptop, `From the laptop ${round}`);
    assert.notDeepEqual(await list(phone), await list(laptop));
    if (round === 0) for (const it of [phone, laptop]) await picture(it, `${it.name}-offline`);
    wire.mend();
    for (const it of [phone, laptop]) await it.context.setOffline(false);
    const begun = performance.now();
    if (by === 'switch') await Promise.all([phone, laptop].map(toggle));
    await until('both show the same', async () => {
      const [one, other] = await Promise.all([phone, laptop].map(list));
      return JSON.stringify(one) === JSON.stringify(other) && one.includes(`From the laptop ${round}`)
        && one.includes(`From the phone ${round}`);
    });
    const shown = performance.now();
    await equal(phone, laptop);
    took[by].push([shown - begun, performance.now() - begun].map(Math.round));
    await assertEqual(phone, laptop);
    const rows = await list(phone);
    assert.equal(rows.filter((text) => text.startsWith(`${x},`)).length, 1, 'one of the two texts');
    assert.ok(!rows.some((text) => text.startsWith(y)), 'what was deleted stays deleted');
    assert.equal(rows.filter((text) => text === z).length, 1, 'moved twice, there once');
  }
  console.log('equal on the pages, and by the digests, after so many ms:', JSON.stringify(took));
  // The best one: what else the machine is busy with is no part of it.
  assert.ok(Math.min(...took.switch.flat().filter((_, i) => i % 2)) < 1000, 'equal within a second');
  assert.ok(took.network[0][1] < 15000, 'soon after the network is back');
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
  await saved(phone);
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
    const writing = Promise.all([phone, laptop].map((it) =>
      add(it, ...[0, 1, 2].map((i) => `${it.name} ${round}.${i}`))));
    // At another moment each time, or it is always before the first edit gets there.
    await sleep(Math.random() * 400);
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
  // It was entered by somebody whose list had the other one's edit: it comes after that.
  await until('both have it', async () => (await Promise.all([phone, laptop].map(list)))
    .every((rows) => rows.includes('Half a wor') && !rows.includes('Changed meanwhile')));
  await assertEqual(phone, laptop);
});

test('by keyboard alone: add, check, edit, move, delete, undo', { timeout: 60000 }, async () => {
  const it = await device('keyboard');
  const { page } = it;
  await synced(it);
  // A page loads what was synced a moment later.
  await until('all is there', async () => (await list(it)).join() === (await list(phone)).join());
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
      const it = await device('seen', { colorScheme, viewport, bypassCSP: true, reducedMotion: 'reduce' });
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
