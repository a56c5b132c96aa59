// The drop-in for crsqlite-wasm in Chromium: it opens what the original has stored, vlcn's packages and TinyBase's
// persister run on it unchanged, and several connections to one database get along.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { allStored } from '../support/browser_store.mjs';
import { Hub, launch, openPage, scratch, serve, tool, until } from './support.mjs';

const template = readFileSync(new URL('dropin_page.html', import.meta.url), 'utf8');
const pageOf = (path) => template.replace('CRSQLITE_WASM', `/modules/${path}`);
const address = await serve({
  '/original': pageOf('@vlcn.io/crsqlite-wasm/dist/index.js'),
  '/ours': pageOf('@rejoin/wasm/crsqlite-wasm.js'),
});
const browser = await launch();

/** A page with the package `which`; `sqlite` is what it loads, `plain()` makes JSON of rows. */
async function pageWith(context, which) {
  const page = await openPage(context, address + which);
  page.printed = [];
  page.on('console', (message) => page.printed.push(message.text()));
  await page.evaluate(async () => {
    const { default: init } = await import('@vlcn.io/crsqlite-wasm');
    window.sqlite = await init();
    window.plain = (rows) => JSON.stringify(rows, (_, value) => {
      if (typeof value === 'bigint') return `${value}n`;
      return value instanceof Uint8Array ? `x${[...value].join()}` : value;
    });
  });
  return page;
}

async function leave(page) {
  await page.evaluate(allStored);
  await page.close();
  assert.deepEqual(page.problems, []);
}

const DUMP = async (name) => {
  const db = await sqlite.open(name);
  const rows = (sql) => db.execA(sql).then(plain);
  const dump = {
    siteid: db.siteid,
    rows: await rows('SELECT * FROM t ORDER BY id'),
    types: await rows('SELECT typeof(a), typeof(b) FROM t ORDER BY id'),
    others: await rows('SELECT * FROM plain'),
    changes: await rows(`SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes
      ORDER BY "table", pk, cid`),
    version: await rows('SELECT crsql_db_version()'),
    schema: await rows("SELECT key, value FROM crsql_master WHERE key LIKE 'schema%' ORDER BY key"),
    peers: await rows('SELECT * FROM crsql_tracked_peers'),
    sound: await rows('PRAGMA integrity_check'),
  };
  await db.close();
  return dump;
};

const KEPT = `CREATE TABLE IF NOT EXISTS t (id PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t');
CREATE TABLE IF NOT EXISTS plain (x);`;

test('what the original has stored is opened, written, opened by the original again', { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  const name = 'the application ü.db';
  let page = await pageWith(context, 'original');
  await page.evaluate(async ({ name, schema }) => {
    const db = await sqlite.open(name);
    await db.automigrateTo('app.sql', schema);
    for (let i = 0; i < 300; ++i) await db.exec('INSERT INTO t VALUES (?, ?, ?)', [`row ${i}`, 'x'.repeat(100), i / 2]);
    await db.exec('INSERT INTO t VALUES (?, ?, ?)', [1, 9007199254740993n, new Uint8Array([0, 1, 255])]);
    await db.exec("UPDATE t SET a = 'é😀' WHERE id = 'row 7'; DELETE FROM t WHERE id > 'row 2'");
    await db.exec("INSERT INTO t VALUES ('row 3', 'back', NULL)");
    await db.exec(`INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq)
      VALUES ('t', x'010b0179', 'a', 'of another site', 3, 900, x'000102030405060708090a0b0c0d0e0f', 1, 0)`);
    await db.exec("INSERT INTO crsql_tracked_peers VALUES (x'000102030405060708090a0b0c0d0e0f', 900, 0, 0, 0)");
    await db.exec("INSERT INTO plain VALUES ('kept too')");
    await db.close();
  }, { name, schema: KEPT });
  const before = await page.evaluate(DUMP, name);
  assert.equal(before.sound, '[["ok"]]');
  assert.ok(before.changes.length > 1000);
  await leave(page);

  page = await pageWith(context, 'ours');
  assert.deepEqual(await page.evaluate(DUMP, name), before);
  const migrated = await page.evaluate(async ({ name, schema }) => {
    const db = await sqlite.open(name);
    const first = await db.automigrateTo('app.sql', schema);
    await db.exec("INSERT INTO t VALUES ('ours', 1, 2); UPDATE t SET a = 'changed' WHERE id = 'row 1'");
    await db.tx((tx) => tx.exec("DELETE FROM t WHERE id = 'row 0'"));
    const second = await db.automigrateTo('app.sql', schema.replace('a, b)', 'a, b, c)'));
    await db.exec("UPDATE t SET c = 'new' WHERE id = 'ours'");
    await db.close();
    return [first, second];
  }, { name, schema: KEPT });
  assert.deepEqual(migrated, ['noop', 'migrate']);
  const after = await page.evaluate(DUMP, name);
  assert.equal(after.siteid, before.siteid);
  assert.match(after.changes, /"x1,11,4,111,117,114,115","c","new",1,90[1-9],/);
  assert.equal(after.sound, '[["ok"]]');
  assert.deepEqual(page.printed, []);
  await leave(page);

  page = await pageWith(context, 'ours');
  assert.deepEqual(await page.evaluate(DUMP, name), after, 'after a reload');
  await leave(page);
  page = await pageWith(context, 'original');
  assert.deepEqual(await page.evaluate(DUMP, name), after, 'and in the original');
  await leave(page);
  await context.close();
});

test('ws-browserdb, ws-client and rx-tbl sync through a hub with a native replica', { timeout: 120000 }, async () => {
  const schema = "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY NOT NULL, a, b);\nSELECT crsql_as_crr('t');\n";
  const schemas = scratch('schemas');
  mkdirSync(schemas);
  writeFileSync(join(schemas, 'app.sql'), schema);
  const hub = await new Hub(['--schemas', schemas]).start();
  const context = await browser.newContext();
  const start = async (page) => page.evaluate(async ({ schema, url }) => {
    const { default: tblrx } = await import('@vlcn.io/rx-tbl');
    const { createDbProvider } = await import('@vlcn.io/ws-browserdb');
    const { createSyncedDB, defaultConfig } = await import('@vlcn.io/ws-client');
    window.db = await sqlite.open('app.db');
    const done = await db.automigrateTo('app.sql', schema);
    window.told = 0;
    tblrx(db).onRange(['t'], () => (told += 1));
    const config = { ...defaultConfig, dbProvider: createDbProvider() };
    window.synced = await createSyncedDB(config, 'app.db', { url, room: 'web' });
    await synced.start();
    return done;
  }, { schema, url: `ws://127.0.0.1:${hub.port}/sync` });
  let page = await pageWith(context, 'ours');
  const rows = () => page.evaluate(() => db.execA('SELECT id, a, b, typeof(b) FROM t ORDER BY id').then(plain));
  assert.equal(await start(page), 'apply');
  await page.evaluate(() => db.exec("INSERT INTO t VALUES (1, 'page', x''), (2, 'page', 0.5), (3, 'page', NULL)"));
  const native = scratch('native.db');
  const sync = () => tool('sync', '--create', native, hub.room('web'));
  await until('the native replica has them', () => {
    sync();
    return tool('sql', native, 'SELECT count(*) FROM t').includes('3');
  });
  tool('sql', native, `INSERT INTO t VALUES (4, 'native', 9007199254740993); UPDATE t SET b = x'' WHERE id = 2;
    DELETE FROM t WHERE id = 3`);
  sync();
  const merged = '[[1,"page","x","blob"],[2,"page","x","blob"],[4,"native","9007199254740993n","integer"]]';
  await until('the page has the answer', async () => (await rows()) === merged);
  assert.ok((await page.evaluate(() => told)) > 0);
  await leave(page);

  // Both write while the page is away.
  tool('sql', native, "UPDATE t SET a = 'meanwhile' WHERE id = 1");
  sync();
  page = await pageWith(context, 'ours');
  assert.equal(await start(page), 'noop');
  await page.evaluate(() => db.exec("UPDATE t SET b = 5 WHERE id = 1"));
  await until('both changes', async () => (await rows()).startsWith('[[1,"meanwhile",5,'));
  await until('the native one has both', () => {
    sync();
    return tool('sql', native, "SELECT 'found' FROM t WHERE id = 1 AND a = 'meanwhile' AND b = 5").includes('found');
  });
  tool('sql', native, "INSERT INTO t VALUES (5, 'last', 1)");
  sync();
  await until('the last one', async () => (await rows()).includes('"last"'));
  tool('check', hub.file('web'));
  await leave(page);
  await context.close();
});

test("TinyBase's persister keeps a store in a table that merges", { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  const start = (page) => page.evaluate(async () => {
    const { createStore } = await import('tinybase');
    const { createCrSqliteWasmPersister } = await import('tinybase/persisters/persister-cr-sqlite-wasm');
    window.db = await sqlite.open('pets.db');
    await db.exec("CREATE TABLE IF NOT EXISTS pets (id TEXT PRIMARY KEY NOT NULL, species, sold)");
    await db.exec("SELECT crsql_as_crr('pets')");
    window.store = createStore();
    window.ignored = [];
    window.persister = createCrSqliteWasmPersister(store, db, { mode: 'tabular', tables: {
      load: { pets: { tableId: 'pets', rowIdColumnName: 'id' } },
      save: { pets: { tableName: 'pets', rowIdColumnName: 'id' } },
    } }, undefined, (error) => ignored.push(String(error)));
    await persister.startAutoPersisting();
    return JSON.stringify(store.getTables());
  });
  let page = await pageWith(context, 'ours');
  assert.equal(await start(page), '{}');
  await page.evaluate(() => store.setTables({ pets: { fido: { species: 'dog', sold: false } } }));
  const stored = (sql) => page.evaluate((sql) => db.execA(sql).then(plain), sql);
  await until('it is stored', async () => (await stored('SELECT * FROM pets')) === '[["fido","dog",0]]');
  // Another connection to the same database, which TinyBase's BEGIN … END must not block for ever.
  await page.evaluate(async () => {
    window.other = await sqlite.open('pets.db');
    const edits = [];
    for (let i = 0; i < 10; ++i) {
      await new Promise((done) => setTimeout(done, 5));
      store.setCell('pets', 'fido', 'sold', i);
      edits.push(other.exec('INSERT INTO pets VALUES (?, ?, ?)', [`pet ${i}`, 'cat', i]));
    }
    await Promise.all(edits);
  });
  await until('all of them', async () => (await stored('SELECT count(*) FROM pets')) === '[[11]]');
  await until('the change', async () => (await stored('SELECT count(*) FROM crsql_changes')) === '[[22]]');
  await leave(page);
  page = await pageWith(context, 'ours');
  const again = JSON.parse(await start(page));
  assert.equal(Object.keys(again.pets).length, 11);
  assert.equal(again.pets['pet 9'].species, 'cat');
  assert.deepEqual(await page.evaluate(() => ignored), []);
  await page.evaluate(() => db.exec("UPDATE pets SET species = 'wolf' WHERE id = 'fido'"));
  await until('what SQL changes is in the store',
    () => page.evaluate(() => store.getCell('pets', 'fido', 'species') === 'wolf'));
  assert.deepEqual(page.printed, []);
  await leave(page);
  await context.close();
});

test('an open transaction keeps others from its file, and from nothing else', { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  const page = await pageWith(context, 'ours');
  const order = await page.evaluate(async () => {
    const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    const [first, second, another] = [await sqlite.open('one.db'), await sqlite.open('one.db'),
      await sqlite.open('another.db')];
    await first.exec('CREATE TABLE x (a); INSERT INTO x VALUES (1), (2), (3)');
    const order = [];
    await first.exec('BEGIN');
    await first.exec('INSERT INTO x VALUES (4)');
    const waiting = [second.execA('SELECT count(*) FROM x').then(([[count]]) => order.push(`second: ${count}`)),
      sqlite.open('one.db').then((third) => third.close()).then(() => order.push('third'))];
    await pause(100);
    await another.exec('CREATE TABLE y (b)');
    order.push('another');
    await first.exec('INSERT INTO x VALUES (5)');
    await first.exec('COMMIT');
    order.push('committed');
    await Promise.all(waiting);
    // The same in the middle of a result, which is given up.
    const all = await first.prepare('SELECT a FROM x');
    let count;
    for await (const row of all.iterate(null)) {
      count = second.execA('SELECT count(*) FROM x').then(() => order.push('counted'));
      await pause(100);
      order.push(`row ${row}`);
      break;
    }
    await count;
    // Where another call waits for its turn before the end, it is not the end.
    for await (const row of all.iterate(null)) {
      count = Promise.all([first.execA('SELECT 1'), second.execA('SELECT count(*) FROM x')])
        .then(() => order.push(`counted after row ${row}`));
      break;
    }
    await count;
    // And in a transaction: its own file is its own, others go on.
    await first.tx(async (tx) => {
      await tx.exec('DELETE FROM x');
      count = second.execA('SELECT count(*) FROM x').then(([[it]]) => order.push(`after the tx: ${it}`));
      await another.exec('INSERT INTO y VALUES (1)');
      order.push('in the tx');
    });
    await count;
    for (const db of [first, second, another]) await db.close();
    return order;
  });
  assert.deepEqual(order, ['another', 'committed', 'second: 5', 'third', 'row 1', 'counted',
    'counted after row 1', 'in the tx', 'after the tx: 0']);
  await leave(page);
  await context.close();
});

test('a file of an older cr-sqlite is refused with the reason, and left alone', { timeout: 120000 }, async () => {
  const context = await browser.newContext();
  const page = await pageWith(context, 'ours');
  const refused = await page.evaluate(async () => {
    const db = await sqlite.open('old.db');
    await db.exec("UPDATE crsql_master SET value = 140000 WHERE key = 'crsqlite_version'");
    await db.close();
    const errors = [];
    for (let i = 0; i < 2; ++i) await sqlite.open('old.db').catch((error) => errors.push(error.message));
    const other = await sqlite.open('new.db');
    return [errors, await other.execA('SELECT 1')];
  });
  assert.match(refused[0][0], /140000|0\.14/);
  assert.equal(refused[0].length, 2);
  assert.deepEqual(refused[1], [[1]]);
  await leave(page);
  await context.close();
});
