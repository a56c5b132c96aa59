// What users of the to-do app do besides (todo_test.mjs): a finger, a press near the edge, Undo, several windows of a
// device, a database that refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sleep, until } from './support.mjs';
import { add, assertEqual, check, device, edit, handles, list, ready, remove, saved, state, synced, tab, toggle }
  from './todo_app.mjs';

const laptop = await device('laptop');

/** What has the focus: its class, and its row's text. */
const focus = ({ page }) => page.evaluate(() => {
  const element = document.activeElement;
  return [element.className, element.closest('.item')?.querySelector('.text').textContent ?? element.value].join(': ');
});

const shows = (it, ...wanted) => until(`${it.name} shows ${wanted.join()}`, async () =>
  JSON.stringify(await list(it)) === JSON.stringify(wanted));

test('a finger moves a row', { timeout: 60000 }, async () => {
  const it = await device('phone', { hasTouch: true });
  await add(it, 'One', 'Two', 'Three');
  const client = await it.context.newCDPSession(it.page);
  const touch = (type, ...touchPoints) => client.send('Input.dispatchTouchEvent', { type, touchPoints });
  const [[x, from], [, to]] = await handles(it, 'Three', 'One');
  await touch('touchStart', { x, y: from });
  for (let step = 1; step <= 8; ++step) await touch('touchMove', { x, y: from + (to - from) * step / 8 });
  await touch('touchEnd');
  await shows(it, 'Three', 'One', 'Two');
  await shows(laptop, 'Three', 'One', 'Two');
  await assertEqual(it, laptop);
  await it.context.close();
});

test('a press near the edge of the window moves nothing', { timeout: 60000 }, async () => {
  const { page } = laptop;
  await add(laptop, ...Array.from({ length: 15 }, (_, i) => `Row ${i}`));
  const before = await list(laptop);
  await sleep(300); // until it has scrolled to the new row
  await page.evaluate(() => scrollTo(0, 0));
  // A row whose handle is at the lower edge of what is seen.
  const [name, x, y] = await page.evaluate(() => {
    const all = [...document.querySelectorAll('.move')].map((handle) => [handle, handle.getBoundingClientRect()]);
    const [handle, box] = all.filter(([, { bottom }]) => bottom < innerHeight).at(-1);
    return [handle.ariaLabel, box.x + box.width / 2, box.y + box.height / 2];
  });
  assert.ok(y > page.viewportSize().height - 72, `${name} is near the edge`);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 2);
  await sleep(500);
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.mouse.up();
  await sleep(100);
  assert.deepEqual(await list(laptop), before);
  // The same with a move scrolls, and takes the row along.
  await page.mouse.down();
  await page.mouse.move(x, y + 10, { steps: 3 });
  await until('it scrolls', () => page.evaluate(() => scrollY > 50));
  await page.mouse.up();
  await until('it has moved', async () => (await list(laptop)).join() !== before.join());
});

test('the focus goes on when its row goes, and comes back with Undo', { timeout: 60000 }, async () => {
  const it = await device('focused');
  await assertEqual(it, laptop);
  const { page } = it;
  const before = await list(it);
  const press = async (name, key) => {
    await page.getByRole('button', { name, exact: true }).focus();
    await page.keyboard.press(key);
  };
  const [first, second] = before;
  await press(`Delete ${first}`, 'Enter');
  await until('the next row has it', async () => await focus(it) === `delete: ${second}`);
  await press('Undo', 'Enter');
  await until('it is back', async () => (await list(it)).join() === before.join());
  await until('it has the focus', async () => await focus(it) === `text: ${first}`);
  await press(`Delete ${before.at(-1)}`, 'Enter');
  await until('the one before has it', async () => await focus(it) === `delete: ${before.at(-2)}`);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('it is back', async () => (await list(it)).join() === before.join());
  // What the filter hides cannot have it.
  await check(it, second);
  await page.getByRole('radio', { name: 'Done' }).check({ force: true });
  await shows(it, `${second} ✓`);
  await press(`Delete ${second}`, 'Enter');
  await shows(it);
  await until('the filter has it', async () => await focus(it) === ': done');
  await page.getByRole('radio', { name: 'Open' }).check({ force: true });
  await press('Undo', 'Enter');
  await until('the filter has it again', async () => await focus(it) === ': open');
  await page.getByRole('radio', { name: 'All' }).check({ force: true });
  await until('the row is back', async () => (await list(it)).includes(`${second} ✓`));
  await assertEqual(it, laptop);
  await it.context.close();
});

test('two windows of one device show the same, and have one switch', { timeout: 60000 }, async () => {
  const one = await device('tablet');
  const two = await tab(one);
  await one.page.bringToFront();
  await add(one, 'From one window');
  await until('the other one shows it', async () => (await list(two)).includes('From one window'));
  await Promise.all([one, two].map(synced));
  await toggle(one);
  for (const it of [one, two]) await until('both are off', async () => await state(it) === 'off');
  await edit(one, 'From one window', 'Not to be seen yet');
  await until('the other one shows it', async () => (await list(two)).includes('Not to be seen yet'));
  await sleep(300);
  assert.ok(!(await list(laptop)).includes('Not to be seen yet'));
  await two.page.reload();
  await ready(two);
  await until('it is still off', async () => await state(two) === 'off');
  assert.ok(!await two.page.getByRole('switch', { name: 'Sync' }).isChecked());
  await two.page.bringToFront();
  await toggle(two);
  await Promise.all([one, two].map(synced));
  assert.ok(await one.page.getByRole('switch', { name: 'Sync' }).isChecked());
  await until('it is there', async () => (await list(laptop)).includes('Not to be seen yet'));
  await assertEqual(one, two, laptop);
  await one.context.close();
});

test('what cannot be saved is given back', { timeout: 120000 }, async () => {
  const it = await device('full');
  const { page } = it;
  await synced(it);
  await add(it, 'Saved before');
  await saved(it);
  await toggle(it);
  const before = await list(it);
  // By another window, a database that refuses all that is written.
  const other = await tab(it);
  const sql = (text) => other.page.evaluate(async ({ name, text }) => {
    const { open } = await import('/rejoin/index.js');
    window.db ??= await open(name);
    await db.exec(text);
  }, { name: 'full.db', text });
  const refusal = "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
  for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
    await sql(`CREATE TRIGGER refuse_${event} BEFORE ${event} ON todo ${refusal}`);
  }
  await page.bringToFront();
  const field = page.getByRole('textbox', { name: 'New to-do' });
  await field.fill('Never saved');
  await field.press('Enter');
  await field.pressSequentially('and more');
  const problem = page.getByRole('alert');
  await until('it is told', async () => /could not be saved: .*the disk is full/.test(await problem.textContent()));
  await until('the text is back', async () => await field.inputValue() === 'Never saved and more');
  assert.deepEqual(await list(it), before);
  await page.getByRole('button', { name: 'Edit Saved before', exact: true }).click();
  await page.getByRole('textbox', { name: /^Edit / }).fill('Edited');
  await page.keyboard.press('Enter');
  const edited = page.getByRole('textbox', { name: /^Edit / });
  await edited.waitFor({ state: 'hidden' });
  await edited.waitFor();
  assert.equal(await edited.inputValue(), 'Edited');
  await remove(it, before[0]);
  await saved(it);
  await until('the row is back', async () => (await list(it)).includes(before[0]));
  for (const event of ['INSERT', 'UPDATE', 'DELETE']) await sql(`DROP TRIGGER refuse_${event}`);
  await page.bringToFront();
  await edited.press('Enter');
  await until('it is saved', async () => (await list(it)).includes('Edited'));
  await field.press('Enter');
  await until('that too', async () => (await list(it)).includes('Never saved and more'));
  await toggle(it);
  await assertEqual(it, laptop);
  await it.context.close();
});
