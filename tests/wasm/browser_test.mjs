// The package's own interface in Chromium: data that stays, several tabs on one database, sync through a hub.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Hub, scratch, sleep, tool, until } from './support.mjs';
import { browser, insert, pageWith } from './database_page.mjs';

test('data stays after a reload, with its site id; remove() removes it', { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  let page = await pageWith(context, 'kept / ü?.db');
  assert.equal(page.about.storage, 'opfs');
  await page.exec("INSERT INTO t VALUES ('x', 1)");
  await page.evaluate(() => db.exec("BEGIN; INSERT INTO t VALUES ('uncommitted', 1)"));
  const { siteId } = page.about;
  await page.close();
  page = await pageWith(context, 'kept / ü?.db');
  assert.equal(page.about.siteId, siteId);
  assert.deepEqual(await page.exec('SELECT id, a FROM t'), [['x', 1]]);
  const memory = await page.evaluate(async () => {
    const other = await rejoin.open('kept / ü?.db', { storage: 'memory' });
    return [other.storage, (await other.execA("SELECT count(*) FROM sqlite_master WHERE name = 't'"))[0][0]];
  });
  assert.deepEqual(memory, ['memory', 0]);
  await page.evaluate(async () => {
    await db.close();
    await rejoin.remove('kept / ü?.db');
  });
  await page.close();
  page = await pageWith(context, 'kept / ü?.db');
  assert.notEqual(page.about.siteId, siteId);
  assert.deepEqual(page.problems, []);
  await context.close();
});

test("a worker of the application's own has the database itself", { timeout: 60000 }, async () => {
  const context = await browser.newContext();
  const page = await pageWith(context, 'own.db');
  await page.exec("INSERT INTO t VALUES ('x', 1)");
  const said = await page.evaluate(() => new Promise((done) => {
    const text = `import { open } from '${location.origin}/modules/@rejoin/wasm/index.js';
      const db = await open('own.db', { worker: false });
      postMessage([db.storage, await db.execA('SELECT * FROM t')]);
      await db.close();
      postMessage('closed');`;
    const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), { type: 'module' });
    const said = [];
    worker.onmessage = ({ data }) => said.push(data) === 2 && done(said);
    worker.onerror = ({ message }) => done(message);
  }));
  assert.deepEqual(said, [['opfs', [['x', 1]]], 'closed']);
  await page.evaluate(async () => {
    await db.close();
    const worker = new Worker('/modules/@rejoin/wasm/worker.js', { type: 'module' });
    await rejoin.remove('own.db', { worker });
  });
  await context.close();
});

test('two tabs share one database', { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  const pages = [await pageWith(context, 'shared.db'), await pageWith(context, 'shared.db')];
  assert.equal(pages[0].about.siteId, pages[1].about.siteId);
  await pages[1].evaluate(() => {
    window.heard = [];
    db.onUpdate((type, database, table, rowid) => heard.push(`${type} ${table} ${rowid}`));
  });
  await pages[0].exec("INSERT INTO t VALUES ('x', 1)");
  await until('the other tab hears of it', () => pages[1].evaluate(() => heard.join() === '18 t 1'));
  await Promise.all(pages.map((page, i) => insert(page, `p${i}-`, 20)));
  assert.deepEqual([await pages[0].count(), await pages[1].count()], [41, 41]);
  // While one has a transaction open the other one waits.
  await pages[0].exec('BEGIN');
  await pages[0].exec("INSERT INTO t VALUES ('in', 1)");
  const waiting = pages[1].count();
  await sleep(200);
  await pages[0].exec("INSERT INTO t VALUES ('in too', 1)");
  await pages[0].exec('COMMIT');
  assert.equal(await waiting, 43);
  // A tab that is closed in the middle of one gives way.
  await pages[0].exec('BEGIN');
  await pages[0].exec('DELETE FROM t');
  await pages[0].close();
  assert.equal(await pages[1].count(), 43);
  assert.deepEqual(await pages[1].exec('PRAGMA integrity_check'), [['ok']]);
  assert.deepEqual(pages[1].problems, []);
  await context.close();
});

test('a tab hears of what a merge has written', { timeout: 120000 }, async () => {
  const hub = await new Hub().start();
  const contexts = [await browser.newContext(), await browser.newContext()];
  const pages = [];
  for (const context of contexts) pages.push(await pageWith(context, 'heard.db'));
  await pages[0].evaluate(() => {
    window.heard = [];
    db.onUpdate((type, database, table, rowid) => heard.push(`${type} ${table} ${rowid}`));
  });
  for (const page of pages) await page.sync(hub.room('heard'));
  await pages[1].exec("INSERT INTO t VALUES ('x', 1)");
  await until('the event', () => pages[0].evaluate(() => heard.join() === '18 t 1'));
  await pages[1].exec("DELETE FROM t");
  await until('the next', () => pages[0].evaluate(() => heard.join() === '18 t 1,9 t 1'));
  for (const context of contexts) await context.close();
});

test('two browsers and a native replica become equal through a hub that is killed', { timeout: 120000 }, async () => {
  const hub = await new Hub().start();
  const contexts = [await browser.newContext(), await browser.newContext()];
  const pages = [];
  for (const context of contexts) pages.push(await pageWith(context, 'synced.db'));
  await insert(pages[0], 'early', 5);
  for (const page of pages) await page.sync(hub.room('web'));
  await until('the first rows', async () => (await pages[1].count()) === 5);
  await insert(pages[1], 'answer', 5);
  await until('the answer', async () => (await pages[0].count()) === 10);
  // Offline, both write; one of them is reloaded in between.
  for (const context of contexts) await context.setOffline(true);
  await hub.stop('SIGKILL');
  await until('both have noticed', async () => (await Promise.all(pages.map((page) => page.state())))
    .every((state) => state === 'waiting' || state === 'connecting'));
  await pages[0].exec("UPDATE t SET a = 'zero' WHERE id = 'early0'; DELETE FROM t WHERE id = 'early1'");
  await pages[1].exec("UPDATE t SET a = 'one' WHERE id = 'early2'; INSERT INTO t VALUES ('late', 1)");
  await hub.start();
  for (const context of contexts) await context.setOffline(false);
  await until('both are synced', async () => (await Promise.all(pages.map((page) => page.state())))
    .every((state) => state === 'synced'));
  const file = scratch('native.db');
  await until('all have the same rows', async () => {
    tool('sync', '--create', file, hub.room('web'));
    const rows = 'SELECT id, a FROM t ORDER BY id';
    const all = await Promise.all(pages.map(async (page) => JSON.stringify(await page.exec(rows))));
    const count = Number(/\d+/.exec(tool('sql', file, 'SELECT count(*) AS n FROM t').replace(/n/, ''))[0]);
    return all[0] === all[1] && count === 10 && JSON.parse(all[0]).length === 10;
  });
  tool('check', hub.file('web'));
  for (const page of pages) assert.deepEqual(page.problems, []);
  for (const context of contexts) await context.close();
});

test('thousands of rows arrive, and a browser that is closed in the middle goes on', { timeout: 180000 }, async () => {
  const hub = await new Hub().start();
  const file = scratch('many.db');
  tool('sql', '--create', file, `CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO t SELECT 'row ' || i, 'the text of the row with the number ' || i FROM n`);
  tool('sync', file, hub.room('many'));
  const context = await browser.newContext();
  let page = await pageWith(context, 'many.db');
  await page.sync(hub.room('many'));
  const before = await until('some rows', () => page.count());
  await page.close();
  page = await pageWith(context, 'many.db');
  assert.ok((await page.count()) >= before, 'what was there is there');
  await page.sync(hub.room('many'));
  await until('all rows', async () => (await page.count()) === 20000, 120000);
  await until('settled', async () => (await page.state()) === 'synced');
  assert.deepEqual(page.problems, []);
  await context.close();
});
