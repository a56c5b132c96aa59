// Real vlcn clients sync through the hub with each other.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { Hub, scratch, sleep, tool, until } from './support.mjs';
import { Client, common, cryb64 } from './vlcn_clients.mjs';

const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

const NAME = 'test.sql';
const SCHEMA = `CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY NOT NULL, a, b);
SELECT crsql_as_crr('t');
CREATE TABLE IF NOT EXISTS k (id TEXT PRIMARY KEY NOT NULL, i INTEGER, r REAL, x TEXT, z BLOB);
SELECT crsql_as_crr('k');
`;
const ALL_T = 'SELECT id, a, typeof(a), b, typeof(b) FROM t ORDER BY id';
const ALL_K = 'SELECT id, i, typeof(i), r, typeof(r), x, typeof(x), z, typeof(z) FROM k ORDER BY id';

const hub = await new Hub({ [NAME]: SCHEMA }).start();
const two = async (room) => Promise.all([1, 2].map(async () => (await Client.open(NAME, SCHEMA)).connect(hub, room)));
const same = (what, one, other, sql = ALL_T) =>
  until(what, async () => (await one.rows(sql)) === (await other.rows(sql)) && (await one.rows(sql)) !== '[]');

test('two clients come to the same rows, and back and forth', async () => {
  const [one, other] = await two('both');
  await one.exec("INSERT INTO t VALUES (1, 'one', 1.5), (2, 'gone', NULL)");
  await other.exec("INSERT INTO t VALUES (3, 'other', 3)");
  await until('three rows', async () => JSON.parse(await other.rows(ALL_T)).length === 3);
  await same('equal', one, other);
  await one.exec('DELETE FROM t WHERE id = 2');
  await other.exec("UPDATE t SET a = 'again' WHERE id = 1");
  const left = () => one.rows('SELECT id, a FROM t ORDER BY id');
  await until('two rows', async () => (await left()) === '[[1,"again"],[3,"other"]]');
  await same('equal again', one, other);
  await one.exec("INSERT INTO t VALUES (2, 'back', NULL)");
  await until('its third life', async () => (await other.rows('SELECT a FROM t WHERE id = 2')) === '[["back"]]');
  tool('check', hub.file('both'));
  for (const client of [one, other]) {
    const [[rows]] = await client.db.execA('SELECT count(*) FROM crsql_tracked_peers');
    assert.equal(rows, 1, 'a client knows its hub and nobody else');
  }
});

test('values keep their types', async () => {
  const [one, other] = await two('types');
  await one.exec(`INSERT INTO t VALUES (1, 2, 2.5), (2, 9007199254740993, -9223372036854775808), (3, x'00ff', 'é😀'),
    (4, NULL, ''), (5, 2147483648, -2147483649), (6, 1e300, 0.1), (7, 9007199254740992, -1)`);
  await one.exec(`INSERT INTO k VALUES ('1', 2, 2.0, '2', x'02'),
    ('2', 4294967296, 4294967296.0, '4294967296.0', 'text')`);
  await same('t', one, other);
  await same('k', one, other, ALL_K);
  const typed = hub.sql('types', 'SELECT id, typeof(a), typeof(b) FROM t ORDER BY id');
  assert.match(typed, /1\W+integer\W+real/);
  assert.match(typed, /5\W+integer\W+integer/);
  assert.match(typed, /3\W+blob\W+text/);
  assert.match(hub.sql('types', 'SELECT typeof(i), typeof(r), typeof(z) FROM k'), /integer\W+real\W+(blob|text)/);
});

test('rows are there for who comes later', async () => {
  const one = await (await Client.open(NAME, SCHEMA)).connect(hub, 'late');
  await one.exec(`WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO t SELECT i, 'row ' || i, zeroblob(20) FROM n`);
  await until('the hub has them', () => /3000/.test(hub.sql('late', 'SELECT count(*) FROM t')));
  const other = await (await Client.open(NAME, SCHEMA)).connect(hub, 'late');
  await same('equal', one, other, 'SELECT count(*), sum(id), max(a) FROM t');
  assert.equal(await other.rows('SELECT count(*) FROM t'), '[[3000]]');
});

test('a version too large for a message comes in parts', async () => {
  const one = await (await Client.open(NAME, SCHEMA)).connect(hub, 'large');
  await until('the room', () => hub.sql('large', 'SELECT count(*) FROM t'));
  // The tool writes to the file behind the hub's back, in one transaction.
  hub.sql('large', `WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
    INSERT INTO t SELECT i, hex(zeroblob(3000)), 'row ' || i FROM n`);
  hub.sql('large', "INSERT INTO t VALUES (0, 'after', 'that')");
  const other = await (await Client.open(NAME, SCHEMA)).connect(hub, 'large');
  await until('all of it', async () => (await other.rows('SELECT count(*) FROM t')) === '[[4001]]', 120000);
  const [version] = hub.sql('large', 'SELECT max(db_version) FROM crsql_changes').match(/\d+(?=\s*$)/);
  const seen = () => other.rows('SELECT version FROM crsql_tracked_peers');
  await until('its cursor', async () => (await seen()) === `[[${version}]]`);
  await other.exec("UPDATE t SET b = 'seen' WHERE id = 4000");
  await until('its answer', () => /seen/.test(hub.sql('large', 'SELECT b FROM t WHERE id = 4000')));
});

test('a native replica takes part', async () => {
  const [one, other] = await two('mixed');
  await one.exec("INSERT INTO k VALUES ('one', 1, 1.0, 'é', x'01')");
  await other.exec("INSERT INTO k VALUES ('other', 2, 2.5, '', NULL)");
  await same('two rows', one, other, ALL_K);
  await until('both', async () => JSON.parse(await one.rows(ALL_K)).length === 2);
  const file = scratch('native.db');
  const room = `ws://127.0.0.1:${hub.port}/mixed`;
  tool('sync', '--create', file, room);
  assert.match(tool('sql', file, 'SELECT count(*), sum(i) FROM k'), /2\D+3/);
  tool('sql', file, "UPDATE k SET i = 9007199254740993 WHERE id = 'one'; DELETE FROM k WHERE id = 'other'");
  tool('sync', file, room);
  for (const client of [one, other]) {
    const held = () => client.rows('SELECT id, i FROM k');
    await until('its writes', async () => (await held()) === '[["one","9007199254740993n"]]');
  }
  assert.match(tool('merge', '--check', file, hub.file('mixed')), /./);
});

test('a token opens a room, and is repeated to the client', async () => {
  const closed = scratch('tokens.txt');
  writeFileSync(closed, 'secret tok123\n');
  const guarded = await new Hub({ [NAME]: SCHEMA }, ['--tokens', closed]).start();
  const one = await (await Client.open(NAME, SCHEMA)).connect(guarded, 'secret', 'tok123');
  const thief = await (await Client.open(NAME, SCHEMA)).connect(guarded, 'secret', 'tok124');
  await thief.exec("INSERT INTO t VALUES (2, 'stolen', 0)");
  await one.exec("INSERT INTO t VALUES (1, 'mine', 0)");
  await until('the row', () => /mine/.test(guarded.sql('secret', 'SELECT a FROM t')));
  await sleep(500);
  assert.doesNotMatch(guarded.sql('secret', 'SELECT a FROM t'), /stolen/);
  await guarded.stop();
});

test('the hub dies and comes back, and nothing is lost', async () => {
  const mortal = await new Hub({ [NAME]: SCHEMA }).start();
  const one = await (await Client.open(NAME, SCHEMA)).connect(mortal, 'r');
  const other = await (await Client.open(NAME, SCHEMA)).connect(mortal, 'r');
  for (let round = 1; round <= 3; ++round) {
    await one.exec('INSERT INTO t VALUES (?, ?, 1)', [round * 10, `before ${round}`]);
    await sleep(round * 15);
    await mortal.stop('SIGKILL');
    await one.exec('INSERT INTO t VALUES (?, ?, 1)', [round * 10 + 1, `while ${round}`]);
    await other.exec('INSERT INTO t VALUES (?, ?, 1)', [round * 10 + 2, `while ${round}`]);
    await mortal.start();
    await until('all rows', async () => (await one.rows('SELECT count(*) FROM t')) === `[[${round * 3}]]`);
    await same('equal', one, other);
  }
  tool('check', mortal.file('r'));
  await mortal.stop();
});

test('a client of another schema is shut out, and heard when the hub has it', async () => {
  const newer = SCHEMA.replace('a, b);', 'a, b, c);');
  const one = await (await Client.open(NAME, newer)).connect(hub, 'schema');
  await one.exec("INSERT INTO t VALUES (1, 'x', 'y', 'z')");
  await sleep(1500);
  assert.throws(() => hub.sql('schema', 'SELECT c FROM t'));
  hub.schema(NAME, newer);
  await until('it comes again', () => /z/.test(hub.sql('schema', 'SELECT c FROM t')));
  hub.schema(NAME, SCHEMA);
});

test('the bytes are those of ws-common', async () => {
  assert.equal(cryb64('hello'), -4634081719991045594n);
  const site = new Uint8Array(16).map((_, i) => i);
  const socket = new WebSocket(hub.url, [btoa('room=raw').replaceAll('=', '')]);
  socket.binaryType = 'arraybuffer';
  const heard = [];
  let closed = 0;
  socket.addEventListener('message', (event) => heard.push(common.decode(new Uint8Array(event.data))));
  socket.addEventListener('close', (event) => (closed = event.code));
  await new Promise((done) => socket.addEventListener('open', done));
  const announce = { _tag: common.tags.AnnouncePresence, sender: site, lastSeens: [], schemaName: NAME,
    schemaVersion: cryb64(SCHEMA) };
  socket.send(common.encode(announce));
  await until('the start', () => heard.length === 1);
  assert.equal(heard[0]._tag, common.tags.StartStreaming);
  assert.deepEqual(heard[0].since, [0n, 0]);
  assert.equal(heard[0].excludeSites.length, 1);
  const row = ['t', new Uint8Array([1, 9, 1]), 'a', 'raw', 1n, 7n, null, 1n, 0];
  const send = (since) =>
    socket.send(common.encode({ _tag: common.tags.Changes, sender: site, since, changes: [row] }));
  send([5n, 0]);
  await until('a call to go back', () => heard.length === 2);
  assert.equal(heard[1]._tag, common.tags.StartStreaming, 'not RejectChanges, at which clients throw');
  send([0n, 0]);
  await until('the row', () => /raw/.test(hub.sql('raw', 'SELECT a FROM t')));
  socket.send(common.encode(announce));
  await until('a start over', () => heard.length === 3);
  assert.deepEqual(heard[2].since, [7n, 0]);
  socket.send(new Uint8Array([2, 1, 2, 3]));
  await until('the socket is closed, not silent', () => closed > 0);
});

// Clients as old as Expo's example leave a row's seq out. Their packages are no longer published: a row is cut here.
test('rows without seq are taken, and answered in kind', async () => {
  const socket = new WebSocket(hub.url, [btoa('room=old').replaceAll('=', '')]);
  socket.binaryType = 'arraybuffer';
  const heard = [];
  socket.addEventListener('message', (event) => heard.push(new Uint8Array(event.data)));
  await new Promise((done) => socket.addEventListener('open', done));
  const sender = new Uint8Array(16).fill(8);
  socket.send(common.encode({ _tag: common.tags.AnnouncePresence, sender, lastSeens: [], schemaName: NAME,
    schemaVersion: cryb64(SCHEMA) }));
  await until('the start', () => heard.length === 1);
  const change = ['t', new Uint8Array([1, 9, 1]), 'a', 'old', 1n, 1n, null, 1n, 0];
  const message = common.encode({ _tag: common.tags.Changes, sender, since: [0n, 0], changes: [change] });
  socket.send(message.slice(0, -1));
  await until('the row', () => /old/.test(hub.sql('old', 'SELECT a FROM t')));
  const other = await (await Client.open(NAME, SCHEMA)).connect(hub, 'old');
  await other.exec("UPDATE t SET a = 'new'");
  await until('it is there', async () => (await other.rows('SELECT a FROM t')) !== '[]');
  await other.exec("UPDATE t SET a = 'new'");
  await until('its rows', () => heard.length === 2);
  const read = common.decode(new Uint8Array([...heard[1], 0]));
  assert.equal(common.encode(read).length, heard[1].length + 1, 'it has no seq');
  const { changes } = read;
  assert.deepEqual(changes.map((row) => row.slice(0, 4)), [['t', new Uint8Array([1, 9, 1]), 'a', 'new']]);
  socket.close();
});

test('no client has thrown', () => {
  assert.deepEqual(uncaught.map(String), []);
});
