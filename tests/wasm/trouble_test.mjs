// What goes wrong: SQLite that rolls back by itself, SQL that is too deep, hubs that say what they must not.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { mock, test } from 'node:test';

import { Hub, atEnd, load, modulePath, sleep, until } from './support.mjs';

const { open, SqliteError } = await load('@rejoin', 'wasm', 'index.js');
const { WebSocket, WebSocketServer } = await load('ws', 'wrapper.mjs');
globalThis.WebSocket ??= WebSocket;

async function replica() {
  const db = await open();
  await db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t');
    CREATE TABLE once (x UNIQUE)`);
  return db;
}

const code = (wanted) => (error) => error instanceof SqliteError && error.code === wanted;

test('a transaction that SQLite has ended by itself is over', { timeout: 20000 }, async () => {
  for (const begin of ['', 'BEGIN']) {
    const db = await replica();
    await db.exec(`INSERT INTO once VALUES (1); ${begin}`);
    await assert.rejects(db.transaction(async (tx) => {
      await tx.exec("INSERT INTO t VALUES ('x', 1)");
      await tx.exec('INSERT OR ROLLBACK INTO once VALUES (1)');
    }), code(2067));
    assert.deepEqual(await db.execA('SELECT count(*) FROM t'), [[0]]);
    await db.transaction((tx) => tx.exec("INSERT INTO t VALUES ('y', 1)"));
    assert.deepEqual(await db.execA('SELECT id FROM t'), [['y']]);
    await db.close();
  }
});

test('a transaction whose end somebody has written by hand', { timeout: 20000 }, async () => {
  const db = await replica();
  await db.exec('BEGIN');
  await assert.rejects(db.transaction(async (tx) => {
    await tx.exec("INSERT INTO t VALUES ('x', 1)");
    await tx.exec('COMMIT');
  }), code(1));
  assert.deepEqual(await db.execA('SELECT id FROM t'), [['x']]);
  await db.close();
});

test('a commit that fails is undone', async () => {
  const db = await replica();
  await db.exec(`PRAGMA foreign_keys = ON; CREATE TABLE p (id PRIMARY KEY);
    CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)`);
  await assert.rejects(db.transaction((tx) => tx.exec('INSERT INTO c VALUES (1)')), code(787));
  assert.deepEqual(await db.execA('SELECT count(*) FROM c'), [[0]]);
  await db.transaction((tx) => tx.exec("INSERT INTO t VALUES ('x', 1)"));
});

test('listeners hear of what is committed, whatever comes after it', async () => {
  const db = await replica();
  const heard = [];
  db.onUpdate((type, database, table, rowid) => heard.push(`${type} ${table} ${rowid}`));
  const hears = async (wanted, work) => {
    heard.length = 0;
    await work().catch(() => {});
    assert.deepEqual(heard, wanted);
  };
  await hears(['18 once 1'], () => db.exec('INSERT INTO once VALUES (1); INSERT INTO once VALUES (1)'));
  await hears(['18 once 2'], () =>
    db.exec('INSERT INTO once VALUES (2); BEGIN; INSERT INTO once VALUES (3); ROLLBACK'));
  const changes = [{ table: 't', pk: new Uint8Array([1, 0x0b, 1, 0x78]), cid: 'a', val: 1, col_version: 1,
    db_version: 1, site_id: new Uint8Array(16).fill(7), cl: 1, seq: 0 }];
  await hears([], () => db.apply([...changes, { ...changes[0], table: 'missing' }]));
  await hears(['18 t 1'], () => db.apply(changes));
  await db.exec('BEGIN');
  await hears([], () => db.transaction(async (tx) => {
    await tx.exec("INSERT INTO t VALUES ('y', 1)");
    throw new Error('no');
  }));
  await hears(['18 once 3'], () => db.exec('INSERT INTO once VALUES (4); END'));
});

test('too many parameters are refused before anything is done', async () => {
  const db = await replica();
  for (const end of ['', ';', ' -- the end', ' /* the end']) {
    await assert.rejects(db.exec(`INSERT INTO once VALUES (?)${end}`, [1, 2]), code(25));
  }
  assert.deepEqual(await db.execA('SELECT count(*) FROM once'), [[0]]);
  await db.exec('INSERT INTO once VALUES (?); INSERT INTO once VALUES (?2)', [1, 2]);
  await assert.rejects(db.exec('', [1]), code(25));
  await assert.rejects(db.exec('SELECT :toString', {}), code(25));
  await assert.rejects(db.exec('SELECT 1\0'), code(21));
  await assert.rejects(db.exec('SELECT 1', 5), code(21));
  assert.deepEqual(await db.execA('SELECT 1', null), [[1]]);
  assert.deepEqual(await db.execA('SELECT :length, :title', { length: 215, title: 'x' }), [[215, 'x']]);
});

test('a long comment is read once', { timeout: 10000 }, async () => {
  const db = await open();
  const comments = ['-'.repeat(5000), `/*${'*'.repeat(5000)}/`, '/**/'.repeat(2000), '-- /* \n'.repeat(2000)];
  for (const comment of [...comments, '/* '.repeat(2000)]) {
    await assert.rejects(db.exec(`SELECT 1; ${comment}`, [1]), code(25));
  }
  for (const comment of comments) {
    assert.deepEqual(await db.execA(`SELECT 1; ${comment}\nSELECT ?`, [2]), [[1]]);
  }
});

test('SQL that is too deep is an error, and the connection is whole', async () => {
  const db = await replica();
  const deep = (count) => `SELECT ${Array(count).fill('1').join('+')}`;
  assert.deepEqual(await db.execA(deep(900)), [[900]]);
  for (let i = 0; i < 500; ++i) await assert.rejects(db.exec(deep(3000)), code(1));
  await assert.rejects(db.exec(`SELECT ${'('.repeat(5000)}1${')'.repeat(5000)}`), SqliteError);
  await db.exec("INSERT INTO t VALUES ('x', 1)");
  assert.deepEqual(await db.execA('PRAGMA integrity_check'), [['ok']]);
});

test('a hub that says text, or rubbish, is left, and the database is whole', { timeout: 30000 }, async () => {
  const server = createServer();
  const says = [];
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'rejoin.1' });
  sockets.on('connection', (socket) => socket.send(says.shift() ?? 'text'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  atEnd.push(() => server.close());
  const url = `ws://127.0.0.1:${server.address().port}/x`;
  for (const [said, error] of [['99999999999', /text/], [Buffer.alloc(40, 0xff), /./]]) {
    const db = await replica();
    says.push(said);
    const link = db.sync(url);
    await until('it is left', () => link.state === 'waiting' && error.test(link.error));
    await db.exec("INSERT INTO t VALUES ('x', 1)");
    await db.close();
  }
});

test('after a long silence the first write is no reason to hang up', { timeout: 60000 }, async () => {
  const hub = await new Hub().start();
  const db = await replica();
  const link = db.sync(hub.room('silent'));
  await until('synced', () => link.state === 'synced');
  const { now } = Date;
  const states = [];
  try {
    Date.now = () => now() + 40000;  // as if nobody had said anything for so long
    link.onState((state) => states.push(state));
    await db.exec("INSERT INTO t VALUES ('x', 1)");
    await sleep(1500);
  } finally {
    Date.now = now;
  }
  assert.ok(!states.includes('waiting'), states.join());
  assert.equal(link.state, 'synced');
  await db.close();
  assert.throws(() => db.sync('no url'), TypeError);
  const late = db.sync(hub.room('silent'));
  await until('refused', () => late.state === 'stopped');
  assert.match(late.error, /closed/);
});

test('when the module itself fails, nothing more is done with its memory', async () => {
  const { Connection, loadModule } = await load('@rejoin', 'wasm', 'sqlite.js');
  const module = await loadModule();
  const db = new Connection(module);
  const step = module._sqlite3_step;
  module._sqlite3_step = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  assert.throws(() => db.run('SELECT 1'), /must be opened again: RangeError/);
  module._sqlite3_step = step;
  assert.throws(() => db.run('SELECT 1'), /must be opened again/);
  assert.throws(() => db.digest(), /must be opened again/);
  assert.ok(db.isAutocommit);
  db.close();
});

test('a module that fails in the middle of sync is left alone, too', { timeout: 20000 }, async () => {
  const { Connection, loadModule } = await load('@rejoin', 'wasm', 'sqlite.js');
  const { Talk } = await load('@rejoin', 'wasm', 'talk.js');
  const hub = await new Hub().start();
  for (const name of ['_session_begin', '_session_next', '_session_receive', '_session_tick']) {
    const module = await loadModule();
    const db = new Connection(module);
    let calls = 0;
    for (const call of Object.keys(module).filter((key) => /^_(session|sqlite3)_/.test(key))) {
      const original = module[call];
      module[call] = (...args) => {
        calls += 1;
        if (call === name) throw new WebAssembly.RuntimeError('unreachable');
        return original(...args);
      };
    }
    const told = [];
    const talk = new Talk(db, async (work) => work(), hub.room('fails'), {}, (news) => told.push(news));
    await until('it has stopped', () => told.at(-1)?.state === 'stopped');
    assert.match(told.at(-1).error, /must be opened again: RuntimeError/, name);
    calls = 0;
    talk.wake();
    await talk.pump();
    await talk.stop();
    assert.throws(() => db.run('SELECT 1'), /must be opened again/);
    db.close();
    assert.equal(calls, 0, name);
  }
});

test('an address that no WebSocket takes ends the sync, and nothing else', async () => {
  const db = await replica();
  let made = 0;
  const original = globalThis.WebSocket;
  globalThis.WebSocket = class {
    constructor() {
      made += 1;
      throw new DOMException('not from a page that came by https', 'SecurityError');
    }
  };
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const link = db.sync('ws://elsewhere.example/room');
    await db.exec('SELECT 1');
    assert.equal(link.state, 'stopped');
    assert.match(link.error, /by https/);
    mock.timers.tick(600000);
    assert.equal(made, 1);
  } finally {
    mock.timers.reset();
    globalThis.WebSocket = original;
  }
  await db.close();
});

test('links hear of a worker that has failed', async () => {
  class FailingWorker {
    postMessage({ id, method }) {
      const result = method === 'open' ? { storage: 'memory', siteId: '' } : undefined;
      queueMicrotask(() => this.onmessage({ data: { id, result } }));
    }

    terminate() {}
  }
  globalThis.Worker = FailingWorker;
  try {
    const worker = new FailingWorker();
    const db = await open(undefined, { worker });
    const link = db.sync('ws://127.0.0.1:1/room');
    const states = [];
    link.onState((state) => states.push(state));
    worker.onerror({ message: 'out of memory' });
    assert.deepEqual(states, ['stopped']);
    assert.match(link.error, /out of memory/);
    await assert.rejects(db.exec('SELECT 1'), code(21));
    await assert.rejects(db.close(), code(21));
  } finally {
    delete globalThis.Worker;
  }
});

test('all that package.json promises is there', async () => {
  const { exports } = JSON.parse(readFileSync(modulePath('@rejoin', 'wasm', 'package.json'), 'utf8'));
  const files = Object.values(exports).flatMap((it) => (typeof it === 'string' ? [it] : Object.values(it)));
  assert.ok(files.length >= 7);
  for (const file of files) assert.ok(existsSync(modulePath('@rejoin', 'wasm', file)), file);
});
