// Makes docs/todo.gif: two devices side by side, edited apart and then together, as the real app shows it.
//
//   npm install --no-save gifenc@1.0.3 pngjs@7.0.0   (in PACKAGES)
//   node todo_picture.mjs PACKAGE PACKAGES REJOIN OUT.gif
import { writeFileSync } from 'node:fs';

import { load, until } from './support.mjs';
import { add, check, device, edit, hub, list, move, server, state, synced, toggle } from './todo_app.mjs';

const { GIFEncoder, quantize, applyPalette } = await load('gifenc', 'dist', 'gifenc.esm.js');
const { PNG } = (await load('pngjs', 'lib', 'png.js')).default;

const WIDTH = 360;
const HEIGHT = 560;
const GAP = 12;
const gif = GIFEncoder();
const viewport = { width: WIDTH, height: HEIGHT };
const devices = [await device('phone', { viewport }), await device('laptop', { viewport })];
const [phone, laptop] = devices;
let palette;

/** Adds a picture of both windows, to be seen for so many milliseconds. */
async function show(milliseconds) {
  const shots = [];
  for (const { page } of devices) shots.push(PNG.sync.read(await page.screenshot({ animations: 'disabled' })));
  const width = 2 * WIDTH + GAP;
  const both = new Uint8Array(width * HEIGHT * 4).fill(255);
  shots.forEach(({ data }, i) => {
    for (let y = 0; y < HEIGHT; ++y) {
      both.set(data.subarray(y * WIDTH * 4, (y + 1) * WIDTH * 4), (y * width + i * (WIDTH + GAP)) * 4);
    }
  });
  palette ??= quantize(both, 64);
  gif.writeFrame(applyPalette(both, palette), width, HEIGHT, { palette, delay: milliseconds });
}

const both = (text) => until('both have it', async () =>
  (await Promise.all(devices.map(list))).every((rows) => rows.join().includes(text)));
// What a pointer rests on looks otherwise, and so does what was deleted a moment ago.
const rest = async () => {
  for (const { page } of devices) await page.mouse.move(2, HEIGHT - 2);
};

for (const it of devices) await synced(it);
await add(phone, 'Milk', 'Bread', 'Apples');
await both('Apples');
await rest();
await show(1500);
await add(laptop, 'Coffee');
await both('Coffee');
await show(1500);
for (const it of devices) {
  await toggle(it);
  await until('sync is off', async () => (await state(it)) === 'off');
}
await rest();
await show(1500);
await edit(phone, 'Milk', 'Milk, two litres');
await show(900);
await check(laptop, 'Milk');
await rest();
await show(900);
await add(phone, 'Soap');
await show(900);
await move(laptop, 'Coffee', 'Home');
await add(laptop, 'Pears');
await rest();
await show(2500);
for (const it of devices) await toggle(it);
await both('Soap');
await both('Pears');
for (const it of devices) await synced(it);
await rest();
await show(4000);
gif.finish();
writeFileSync(process.argv[5], gif.bytes());
console.log(`${process.argv[5]}: ${gif.bytes().length} bytes`);
for (const { context } of devices) await context.close();
await server.stop();
await hub.stop();
process.exit(0);
