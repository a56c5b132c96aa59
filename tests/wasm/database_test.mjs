// The package's own interface in Node: databases in memory, values, transactions, changes, errors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Hub, load, modulePath, scratch, sleep, tool, until } from './support.mjs';

const { open, SqliteError } = await load('@rejoin', 'wasm', 'index.js');
const TABLE = `CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t')`;

async function replica() {
  const db = await open();
  await db.exec(TABLE);
  return db;
}

const refused = (code, message) => (error) => {
  assert.ok(error instanceof SqliteError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

test('values come back as they went in', async () => {
  const db = await open();
  const values = [null, 0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 53n, -(2n ** 63n),
    2n ** 63n - 1n, 0.5, -0, 1e300, Infinity, '', 'é😀', 'a\0b', '\ufeffmark', new Uint8Array(),
    new Uint8Array([0, 255])];
  for (const value of values) {
    assert.deepEqual(await db.execA('SELECT ?1', [value]), [[value]], String(value));
  }
  const types = await db.execA('SELECT typeof(?1), typeof(?2), typeof(?3), typeof(?4), typeof(?5), typeof(?6)',
    [1, 1.5, 2n, '', new Uint8Array(), -0]);
  assert.deepEqual(types, [['integer', 'real', 'integer', 'text', 'blob', 'real']]);
  assert.deepEqual(await db.execA('SELECT ?, ?, ?', [true, false, undefined]), [[1, 0, null]]);
  const bytes = new Uint8Array([1, 2, 3, 4]);
  assert.deepEqual(await db.execA('SELECT ?, ?', [bytes.buffer, new Uint16Array(bytes.buffer, 2)]),
    [[bytes, new Uint8Array([3, 4])]]);
});

test('parameters by place and by name', async () => {
  const db = await open();
  assert.deepEqual(await db.exec('SELECT ? a, ? b', [1, 'x']), [{ a: 1, b: 'x' }]);
  assert.deepEqual(await db.exec('SELECT :a a, $b b, @c c', { a: 1, $b: 2, c: 3 }), [{ a: 1, b: 2, c: 3 }]);
  assert.deepEqual(await db.exec('SELECT $2 a, $1 b', [1, 2]), [{ a: 1, b: 2 }], 'as TinyBase writes them');
  await assert.rejects(db.exec('SELECT ?, ?', [1]), refused(25, /parameter 2 .* not given/));
  await assert.rejects(db.exec('SELECT 1', [1]), refused(25, /1 parameters were given.* 0/));
  await assert.rejects(db.exec('SELECT ?', [{}]), refused(25, /parameter 1 is no value/));
  await assert.rejects(db.exec('SELECT ?', [2n ** 63n]), refused(25, /64 bits/));
});

test('several statements: all are run, the first rows are given', async () => {
  const db = await open();
  assert.deepEqual(await db.exec(' ; -- nothing'), []);
  assert.deepEqual(await db.exec('CREATE TABLE s (a); INSERT INTO s VALUES (1), (2); SELECT a FROM s; SELECT 3 a;'),
    [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(await db.execA('DELETE FROM s WHERE a = 1 RETURNING a'), [[1]]);
  await assert.rejects(db.exec('INSERT INTO s VALUES (5); SELECT missing'), refused(1, /no such column/));
  assert.deepEqual(await db.execA('SELECT a FROM s'), [[2], [5]], 'as SQLite has it: what came before was done');
});

test('errors say what SQLite says, and leave the connection usable', async () => {
  const db = await replica();
  await assert.rejects(db.exec('SELEC 1'), refused(1, /near "SELEC"/));
  await assert.rejects(db.exec('INSERT INTO t VALUES (NULL, 1, 1)'), refused(1299, /NOT NULL/));
  await assert.rejects(db.exec("SELECT crsql_as_crr('nothing')"), refused(1, /nothing/));
  await assert.rejects(open(undefined, { storage: 'opfs' }), refused(14, /private file system/));
  assert.deepEqual(await db.execA('SELECT count(*) FROM t'), [[0]]);
});

test('a transaction is all or nothing, and others wait for it', async () => {
  const db = await replica();
  const order = [];
  const inside = db.transaction(async (tx) => {
    await tx.exec("INSERT INTO t VALUES ('x', 1, 1)");
    order.push((await tx.execA('SELECT count(*) FROM t'))[0][0]);
    await new Promise((done) => setTimeout(done, 30));
    await tx.exec("INSERT INTO t VALUES ('y', 1, 1)");
    return 'done';
  });
  const outside = db.execA('SELECT count(*) FROM t').then((rows) => order.push(rows[0][0]));
  assert.equal(await inside, 'done');
  await outside;
  assert.deepEqual(order, [1, 2]);
  let kept;
  await assert.rejects(db.transaction(async (tx) => {
    kept = tx;
    await tx.exec('DELETE FROM t');
    throw new Error('no');
  }), /^Error: no$/);
  assert.deepEqual(await db.execA('SELECT count(*) FROM t'), [[2]]);
  await assert.rejects(kept.exec('SELECT 1'), refused(21, /over/));
  assert.equal(await db.version(), 1, 'one version for both rows');
});

test('a transaction inside one that was begun by hand is a part of it', async () => {
  const db = await replica();
  await db.exec('BEGIN');
  await db.exec("INSERT INTO t VALUES ('x', 1, 1)");
  await assert.rejects(db.transaction(async (tx) => {
    await tx.exec("INSERT INTO t VALUES ('y', 1, 1)");
    throw new Error('no');
  }));
  await db.transaction((tx) => tx.exec("INSERT INTO t VALUES ('z', 1, 1)"));
  await db.exec('END');
  assert.deepEqual(await db.execA('SELECT id FROM t ORDER BY id'), [['x'], ['z']]);
});

test('changes of one database make another one equal', async () => {
  const [a, b] = [await replica(), await replica()];
  await a.exec("INSERT INTO t VALUES ('x', 1, 1.5), ('y', ?, ?)", [2n ** 60n, new Uint8Array([7])]);
  const seen = await a.version();
  assert.equal(await b.apply(await a.changesSince(0)), 4);
  assert.equal(await b.apply(await a.changesSince(0)), 0, 'nothing new the second time');
  await a.exec("UPDATE t SET a = 2 WHERE id = 'x'");
  await b.exec("UPDATE t SET b = 'b' WHERE id = 'x'; DELETE FROM t WHERE id = 'y'");
  const late = await a.changesSince(seen);
  assert.deepEqual(late.map(({ cid, val }) => [cid, val]), [['a', 2]]);
  await b.apply(late);
  await a.apply(await b.changesSince(0, { except: a.siteId }));
  const rows = 'SELECT * FROM t ORDER BY id';
  assert.deepEqual(await a.exec(rows), [{ id: 'x', a: 2, b: 'b' }]);
  assert.deepEqual(await b.exec(rows), await a.exec(rows));
  assert.ok((await b.changesSince(0, { except: a.siteId })).every(({ site_id }) =>
    Buffer.from(site_id).toString('hex') === b.siteId));
  await assert.rejects(async () => b.changesSince(0, { except: 'xyz' }), /hexadecimal/);
});

test('changes keep the type of their values', async () => {
  const [a, b] = [await replica(), await replica()];
  await a.exec("INSERT INTO t VALUES ('x', 2.0, 2), ('y', -0.0, 1e15), ('z', 1.5, 9007199254740993)");
  const changes = await a.changesSince(0);
  assert.deepEqual(changes.map(({ val, real }) => [val, real]),
    [[2, true], [2, undefined], [-0, true], [1e15, true], [1.5, undefined], [9007199254740993n, undefined]]);
  await b.apply(changes);
  const types = 'SELECT typeof(a), typeof(b) FROM t ORDER BY id';
  assert.deepEqual(await b.execA(types), await a.execA(types));
  assert.equal(await b.digest(), await a.digest());
  assert.equal(await a.apply(await b.changesSince(0)), 0, 'nothing of it is news');
});

test('changes that cannot be applied change nothing', async () => {
  const [a, b] = [await replica(), await replica()];
  await a.exec("INSERT INTO t VALUES ('x', 1, 1)");
  const changes = await a.changesSince(0);
  await assert.rejects(b.apply([...changes, { ...changes[0], table: 'other' }]), refused(1, /other/));
  assert.deepEqual(await b.execA('SELECT count(*) FROM t'), [[0]]);
  assert.equal(await b.apply(changes), changes.length);
});

test('listeners hear what was committed, by hand or by a merge, and nothing of the rest', async () => {
  const [a, b] = [await replica(), await replica()];
  const heard = [];
  const end = a.onUpdate((...event) => heard.push(event));
  a.onUpdate(() => heard.push('second'));
  const taken = () => heard.splice(0).filter((event) => event !== 'second');
  await a.exec("INSERT INTO t VALUES ('x', 1, 1); UPDATE t SET a = 2; DELETE FROM t");
  assert.deepEqual(taken(), [[18, 'main', 't', 1n], [23, 'main', 't', 1n], [9, 'main', 't', 1n]]);
  await a.transaction(async (tx) => {
    await tx.exec("INSERT INTO t VALUES ('y', 1, 1)");
    assert.deepEqual(taken(), []);
    throw new Error('no');
  }).catch(() => {});
  assert.deepEqual(taken(), [], 'it was rolled back');
  await b.exec("INSERT INTO t VALUES ('z', 1, 1)");
  await a.apply(await b.changesSince(0));
  assert.deepEqual([...new Set(taken().map(([, , table]) => table))], ['t']);
  end();
  await a.exec("INSERT INTO t VALUES ('w', 1, 1)");
  assert.deepEqual(taken(), []);
});

test('a closed database says so', async () => {
  const db = await replica();
  const earlier = db.exec("INSERT INTO t VALUES ('x', 1, 1)");
  await db.close();
  await earlier;
  await assert.rejects(db.exec('SELECT 1'), refused(21, /closed/));
  await db.close();
});

test('the module comes from where one says', async () => {
  const path = modulePath('@rejoin', 'wasm', 'rejoin.wasm');
  for (const wasm of [readFileSync(path), new URL(`file://${path}`), `file://${path}`]) {
    const db = await open(undefined, { wasm });
    assert.match((await db.execA('SELECT crsql_site_id() IS NOT NULL, sqlite_version()'))[0].join(), /^1,3\./);
  }
  await assert.rejects(open(undefined, { wasm: 'file:///nowhere/rejoin.wasm' }), /nowhere/);
});

test('it is smaller than crsqlite-wasm, which it replaces', () => {
  const size = (...path) => readFileSync(modulePath(...path)).length;
  const theirs = size('@vlcn.io', 'crsqlite-wasm', 'dist', 'crsqlite.wasm');
  const theirsPlain = size('@vlcn.io', 'wa-sqlite', 'dist', 'crsqlite-sync.wasm');
  const ours = size('@rejoin', 'wasm', 'crsqlite.wasm');
  const oursPlain = size('@rejoin', 'wasm', 'rejoin.wasm');
  console.log({ theirs, ours, theirsPlain, oursPlain });
  assert.ok(ours < theirs && oursPlain < theirsPlain);
});

test('sync with a hub from Node, where it has a WebSocket', async () => {
  globalThis.WebSocket ??= (await load('ws', 'wrapper.mjs')).WebSocket;
  const hub = await new Hub().start();
  const db = await replica();
  await db.exec("INSERT INTO t VALUES ('x', 1, 'node')");
  const link = db.sync(hub.room('list'));
  await until('synced', () => link.state === 'synced');
  const file = scratch('native.db');
  tool('sync', '--create', file, hub.room('list'));
  tool('sql', file, "INSERT INTO t VALUES ('y', 2, 'native'); UPDATE t SET a = 5 WHERE id = 'x'");
  tool('sync', file, hub.room('list'));
  const rows = () => db.execA('SELECT id, a, b FROM t ORDER BY id');
  await until('both rows', async () => (await rows()).length === 2);
  assert.deepEqual(await rows(), [['x', 5, 'node'], ['y', 2, 'native']]);
  // An open transaction of the application's holds sync up, and loses nothing.
  await db.exec('BEGIN');
  await db.exec("INSERT INTO t VALUES ('z', 3, 'node')");
  tool('sql', file, "INSERT INTO t VALUES ('w', 4, 'native')");
  tool('sync', file, hub.room('list'));
  assert.equal((await rows()).length, 3);
  await db.exec('END');
  await until('all', async () => (await rows()).length === 4);
  await until('there too', () => {
    tool('sync', file, hub.room('list'));
    return tool('sql', file, 'SELECT count(*) FROM t').includes('4');
  });
  link.stop();
  assert.equal(link.state, 'stopped');
  await db.exec("INSERT INTO t VALUES ('v', 5, 'node')");
  await hub.stop();
  const failing = db.sync(hub.room('list'));
  await until('waiting', () => failing.state === 'waiting');
  assert.match(failing.error, /no connection to 127\.0\.0\.1/);
  await hub.start();
  await until('synced again', () => failing.state === 'synced');
  assert.equal(failing.error, undefined);
  await db.close();
  assert.equal(failing.state, 'stopped');
});

test('closing in the middle of a sync that begins', async () => {
  const hub = await new Hub().start();
  for (let i = 0; i < 30; ++i) {
    const db = await replica();
    const link = db.sync(hub.room('brief'));
    await sleep(i);
    await db.close();
    assert.equal(link.state, 'stopped');
  }
});
