// The real partysocket client, and what Expo's first to-do example says and reads over it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Hub, load, sleep, tool, until } from './support.mjs';

const { default: WebSocket } = await load('ws', 'wrapper.mjs');
const { default: PartySocket } = await load('partysocket', 'dist', 'index.mjs');
console.warn = () => {};

const SCHEMA = `CREATE TABLE IF NOT EXISTS "todo" ("id" PRIMARY KEY, "text", "completed" INTEGER DEFAULT 0);
SELECT crsql_as_crr('todo')`;

const hub = new Hub();
tool('sql', '--create', hub.file('my-room'), SCHEMA);
await hub.start();

function connect() {
  const socket = new PartySocket({ host: `127.0.0.1:${hub.port}`, room: 'my-room', WebSocket,
    minReconnectionDelay: 50, maxReconnectionDelay: 200 });
  const client = { socket, heard: [], opened: 0 };
  socket.addEventListener('open', () => (client.opened += 1));
  socket.addEventListener('message', (event) => client.heard.push(event.data));
  client.rows = () => client.heard.flatMap((text) => JSON.parse(text)[0].rows);
  return new Promise((done) => socket.addEventListener('open', () => done(client), { once: true }));
}

const row = (pk, cid, val, col_version, db_version) =>
  ({ table: 'todo', pk, cid, val, col_version, db_version, site_id: null });
const change_set = (...rows) => JSON.stringify([{ rows, rowsAffected: 0, insertId: 0 }]);
const A = "X'010B0161'";
const texts = () => hub.sql('my-room', 'SELECT id, text, completed FROM todo ORDER BY id');

test('init and change sets, as the example has them', async () => {
  const one = await connect();
  const other = await connect();
  one.socket.send('init');
  one.socket.send(change_set(row(A, 'text', 'milk', 1, 1), row(A, 'completed', 0, 1, 1)));
  await until('both hear it', () => one.rows().length === 2 && other.rows().length === 2);
  assert.deepEqual(Object.keys(other.rows()[0]),
    ['table', 'pk', 'cid', 'val', 'col_version', 'db_version', 'site_id'], 'the order in which they are bound');
  assert.deepEqual(other.rows().map(({ pk, cid, val, site_id }) => [pk, cid, val, site_id]),
    [[A, 'text', 'milk', null], [A, 'completed', 0, null]]);
  assert.match(texts(), /a\W+milk\W+0/);

  other.socket.send(change_set(row(A, 'text', 'milk', 1, 1), row(A, 'completed', 1, 2, 2)));
  await until('what was news', () => one.rows().length === 3 && other.rows().length === 3);
  assert.equal(one.rows()[2].val, 1);

  const late = await connect();
  late.socket.send('init');
  await until('everything', () => late.rows().length === 2);

  late.socket.send(change_set(row(A, '-1', null, 2, 9)));
  await until('a delete', () => one.rows().length === 4);
  assert.doesNotMatch(texts(), /milk/);
  for (const client of [one, other, late]) client.socket.close();
});

test('the room remembers, also when the hub is killed', async () => {
  const one = await connect();
  one.socket.send(change_set(row("X'010B0162'", 'text', 'bread', 1, 11), row("X'010B0162'", 'completed', 0, 1, 11)));
  await until('it is stored', () => /bread/.test(texts()));
  await hub.stop('SIGKILL');
  await hub.start();
  await until('it connects again', () => one.opened === 2);
  one.heard.length = 0;
  one.socket.send('init');
  await until('the row', () => one.rows().some((found) => found.val === 'bread'));
  one.socket.close();
  tool('check', hub.file('my-room'));
});

test('what is no change set closes the socket with the reason, and changes nothing', async () => {
  const before = texts();
  const one = await connect();
  const reason = new Promise((done) => {
    one.socket.addEventListener('close', (event) => done(event.reason), { once: true });
  });
  one.socket.send('[{"rows":[{"table":"todo"}]}]');
  assert.match(await reason, /row 1: pk is missing/);
  one.socket.close();
  await sleep(50);
  assert.equal(texts(), before);
});
