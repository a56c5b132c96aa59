// Several tabs on one database, in bad moments: nothing that was committed is lost, and the file stays whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Hub, sleep, until } from './support.mjs';
import { browser, insert, pageWith } from './database_page.mjs';

const whole = async (page) => assert.deepEqual(await page.exec('PRAGMA integrity_check'), [['ok']]);

test('one tab uploads much while both write', { timeout: 180000 }, async () => {
  const hub = await new Hub().start();
  const context = await browser.newContext();
  const pages = [await pageWith(context, 'upload.db'), await pageWith(context, 'upload.db')];
  await pages[0].exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
    INSERT INTO t SELECT 'row ' || i, hex(randomblob(500)) FROM n`);
  await pages[0].sync(hub.room('upload'));
  await Promise.all(pages.map((page, i) => insert(page, `tab ${i}, `, 60)));
  assert.deepEqual([await pages[0].count(), await pages[1].count()], [6120, 6120]);
  for (const page of pages) await whole(page);
  await until('all is with the hub', async () => (await pages[0].state()) === 'synced');
  const fresh = await pageWith(context, 'upload.db');
  assert.equal(await fresh.count(), 6120);
  await whole(fresh);
  await context.close();
});

test('a tab that is closed while pages of a transaction are in the file', { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  const pages = [await pageWith(context, 'spill.db'), await pageWith(context, 'spill.db')];
  await pages[0].exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO t SELECT i, 'before' FROM n`);
  await pages[0].exec('PRAGMA cache_size = 10');
  await pages[0].exec('BEGIN');
  await pages[0].exec("UPDATE t SET a = hex(randomblob(200))");
  const reading = pages[1].exec("SELECT count(*) FROM t WHERE a = 'before'");
  await sleep(100);
  await pages[0].close();
  assert.deepEqual(await reading, [[3000]], 'the journal has put it right');
  await whole(pages[1]);
  await context.close();
});

test('tabs that are closed at random moments lose nothing that was committed', { timeout: 180000 }, async () => {
  const context = await browser.newContext();
  const stays = await pageWith(context, 'random.db');
  let done = 0;
  for (let round = 0; round < 12; ++round) {
    const page = await pageWith(context, 'random.db');
    await page.exposeFunction('committed', () => ++done);
    page.evaluate(async (round) => {
      for (let i = 0; ; ++i) {
        await db.transaction(async (tx) => {
          await tx.exec('INSERT INTO t VALUES (?, 1)', [`${round}-${i}-a`]);
          await tx.exec('INSERT INTO t VALUES (?, 2)', [`${round}-${i}-b`]);
        });
        await committed();
      }
    }, round).catch(() => {});
    await insert(stays, `stays ${round}-`, 2);
    const before = done;
    await until('it has committed something', () => done > before);
    await sleep(40 + 23 * round);
    await page.close();
  }
  const count = (sql) => stays.exec(`SELECT count(*) FROM t WHERE ${sql}`).then((rows) => rows[0][0]);
  assert.equal(await count("id LIKE 'stays%'"), 24);
  assert.equal(await count('a = 2'), await count("a = 1 AND id NOT LIKE 'stays%'"), 'both of two, or none');
  assert.ok(await count('a = 2') >= done && done > 12, `${done} were told as committed`);
  await whole(stays);
  await context.close();
});

test('an open database is not removed, nor attached to itself', { timeout: 60000 }, async () => {
  const context = await browser.newContext();
  const pages = [await pageWith(context, 'held.db'), await pageWith(context, 'held.db')];
  await pages[0].exec("INSERT INTO t VALUES ('x', 1)");
  const refused = (page, work) => page.evaluate((work) =>
    new Function('db', 'rejoin', `return ${work}`)(db, rejoin)
      .then(() => 'done', (error) => [error.code, error.message]), work);
  assert.match((await refused(pages[1], "rejoin.remove('held.db')")).join(), /^5,.*open/);
  assert.equal((await refused(pages[0], "db.exec(\"ATTACH 'held.db' AS other\")"))[0], 14);
  assert.equal((await refused(pages[0], "rejoin.open('held.db-journal')"))[0], 14);
  assert.deepEqual(await pages[0].exec('SELECT * FROM t'), [['x', 1]]);
  await pages[1].close();
  await pages[0].evaluate(() => db.close());
  assert.match((await refused(pages[0], "db.exec('SELECT 1')")).join(), /^21,.*closed/);
  assert.match((await refused(pages[0], 'db.transaction(() => {})')).join(), /^21,.*closed/);
  assert.equal(await refused(pages[0], "rejoin.remove('held.db')"), 'done');
  await context.close();
});

test('where the browser has no such files, memory', { timeout: 60000 }, async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    // Workers have their own; what stands in for them is this thread, which has none.
    window.Worker = undefined;
  });
  const page = await pageWith(context, 'nowhere.db');
  assert.equal(page.about.storage, 'memory');
  await context.close();
});
