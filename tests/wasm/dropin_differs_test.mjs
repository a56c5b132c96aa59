// What the drop-in does otherwise than crsqlite-wasm, on purpose.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { differs, oursReady, printed } from './dropin_pair.mjs';
import { sleep } from './support.mjs';

differs('a statement that failed once can be run again', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE u (x UNIQUE)');
  const insert = await db.prepare('INSERT INTO u VALUES (?)');
  await insert.run(null, 1);
  await say('refused', () => insert.run(null, 1));
  await say('next', () => insert.run(null, 2));
  await say('rows', () => db.execA('SELECT x FROM u'));
}, ['error 19: UNIQUE constraint failed: u.x', 'error 21: bad parameter or other API misuse', [[1]]],
['error 19: UNIQUE constraint failed: u.x', 0, [[1], [2]]]);

differs('an empty blob is an empty blob', async ({ open, say }) => {
  const db = await open();
  await say('quote', () => db.execA('SELECT quote(?)', [new Uint8Array()]));
  await say('prepared', async () => (await db.prepare('SELECT quote(?) q')).get(null, new Uint8Array()));
  db.createFunction('empty', () => new Uint8Array());
  await say('function', () => db.execA('SELECT quote(empty())'));
}, [[['NULL']], { q: 'NULL' }, [['NULL']]], [[["X''"]], { q: "X''" }, [["X''"]]]);

differs('text has its NULs, and its byte order mark', async ({ open, say }) => {
  const db = await open();
  await say('bound', () => db.execA('SELECT hex(?)', ['a\0b']));
  await say('read', () => db.execA("SELECT 'a' || char(0) || 'b', char(0xfeff) || ?", ['a'.repeat(33)]));
}, [[['61']], [['a', 'a'.repeat(33)]]], [[['610062']], [['a\0b', `\ufeff${'a'.repeat(33)}`]]]);

differs('an integer that does not fit is an error', async ({ open, say }) => {
  const db = await open();
  await say('2^63', () => db.execA('SELECT ?', [2n ** 63n]));
}, [[[null]]], ['error 25: 9223372036854775808 does not fit into 64 bits']);

differs('a prepared statement takes booleans, and undefined is NULL', async ({ open, say }) => {
  const db = await open();
  const stmt = (await db.prepare('SELECT ?, ?')).raw(true);
  await say('booleans', () => stmt.get(null, true, false));
  await say('values', () => stmt.get(null, 1, 2));
  await say('undefined', () => stmt.get(null, 3, undefined));
}, ['Error: Unknown binding type boolean', [1, 2], [3, 2]], [[1, 0], [1, 2], [3, null]]);

differs('an expression is at most 1,000 deep', async ({ open, say }) => {
  const db = await open();
  await say('a sum', () => db.execA(`SELECT ${Array(1100).fill(1).join('+')}`));
}, [[[1100]]], ['error 1: Expression tree is too large (maximum depth 1000)']);

differs('each of several calls that look alike runs', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE r (id INTEGER PRIMARY KEY, a)');
  await say('replace', () => Promise.all([0, 1].map(() => db.exec('REPLACE INTO r (a) VALUES (1)')))
    .then(() => db.execA('SELECT count(*) FROM r')));
  await say('letters', () => Promise.all([db.execA("SELECT 'A'"), db.execA("SELECT 'a'")]));
  await say('types', () => Promise.all([db.execA('SELECT typeof(?)', [1]), db.execA('SELECT typeof(?)', ['1'])]));
}, [[[1]], [[['A']], [['A']]], [[['integer']], [['integer']]]],
[[[2]], [[['A']], [['a']]], [[['integer']], [['text']]]]);

differs('each run has the values that were bound when it was called', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE r (a)');
  const insert = await db.prepare('INSERT INTO r VALUES (?)');
  await Promise.all([insert.bind([1]).run(null), insert.bind([2]).run(null)]);
  await say('rows', () => db.execA('SELECT a FROM r'));
}, [[[2], [2]]], [[[1], [2]]]);

differs('a commit that fails leaves no transaction open', async ({ open, say }) => {
  const db = await open();
  await db.exec(`PRAGMA foreign_keys = ON; CREATE TABLE p (id PRIMARY KEY);
    CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)`);
  await say('refused', () => db.tx((tx) => tx.exec('INSERT INTO c VALUES (1)')));
  await say('transaction', () => db.api.get_autocommit(db.db));
}, ['error 19: FOREIGN KEY constraint failed', 0], ['error 19: FOREIGN KEY constraint failed', 1]);

differs('the error that ended a transaction is told', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE u (x UNIQUE ON CONFLICT ROLLBACK)');
  await say('refused', () => db.tx((tx) => tx.exec('INSERT INTO u VALUES (1), (1)')));
}, ['error 1: no such savepoint: (its name)'],
['error 19: UNIQUE constraint failed: u.x']);

differs('statements that are not CRRs yet: a nullable key', async ({ open, say }) => {
  const db = await open();
  await say('as_crr', () => db.execA("CREATE TABLE n (id PRIMARY KEY, a); SELECT crsql_as_crr('n')")
    .catch(() => 'refused'));
}, ['refused'], [[['OK']]]);

differs('views do not outlive the tables of another schema', async ({ open, say }) => {
  const db = await open();
  const schema = 'CREATE TABLE v_of (a); CREATE VIEW v AS SELECT * FROM v_of;';
  await say('first', () => db.automigrateTo('a.sql', schema));
  await say('other', () => db.automigrateTo('b.sql', schema));
}, ['apply', 'error 1: view v already exists'], ['apply', 'apply']);

// Where the original fails so badly that nothing after it works, the drop-in alone.

test('a function that throws is the statement\'s error', async () => {
  const db = await oursReady.open();
  db.createFunction('fails', () => {
    throw new RangeError('out of it');
  });
  db.createFunction('boolean', () => true);
  db.createFunction('object', () => ({}));
  await assert.rejects(db.exec('SELECT fails()'), /out of it/);
  assert.deepEqual(await db.execA('SELECT boolean(), object()'), [[1, null]]);
  await db.close();
});

test('in a transaction of one database another one can be read', { timeout: 30000 }, async () => {
  const [db, other] = [await oursReady.open(), await oursReady.open()];
  await db.exec('CREATE TABLE x (a)');
  await db.tx(async (tx) => tx.exec('INSERT INTO x VALUES (?)', (await other.execA('SELECT 5'))[0]));
  assert.deepEqual(await db.execA('SELECT a FROM x'), [[5]]);
  await Promise.all([db.close(), other.close()]);
});

test('what comes after the end of a transaction is refused; a statement of it goes on', async () => {
  const db = await oursReady.open();
  let [kept, stmt] = [];
  await db.tx(async (tx) => {
    kept = tx;
    stmt = await tx.prepare('SELECT 1 a');
  });
  await assert.rejects(kept.exec('SELECT 1'), { code: 21, message: 'this transaction is over' });
  await assert.rejects(stmt.get(kept), { code: 21 });
  assert.deepEqual(await stmt.get(null), { a: 1 });
  const [release, tx] = await db.imperativeTx();
  release();
  release();
  await assert.rejects(tx.exec('SELECT 1'), { code: 21 });
  assert.deepEqual(await db.execA('SELECT 2'), [[2]]);
  await db.close();
});

test('a result that nobody reads to its end is given up', async () => {
  const db = await oursReady.open();
  await db.exec('CREATE TABLE x (a); INSERT INTO x VALUES (1), (2), (3)');
  const stmt = await db.prepare('SELECT a FROM x');
  for await (const row of stmt.iterate(null)) {
    assert.deepEqual(row, [1]);
    break;
  }
  await db.exec('DROP TABLE x');  // which SQLite refuses while somebody reads
  await db.close();
});

test('a listener that throws is reported, the others are told', async () => {
  const db = await oursReady.open();
  await db.exec('CREATE TABLE x (a)');
  const uncaught = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error.message));
  let told = 0;
  db.onUpdate(() => {
    throw new Error('a listener');
  });
  db.onUpdate(() => (told += 1));
  await db.exec('INSERT INTO x VALUES (1)');
  await sleep(10);
  process.removeAllListeners('uncaughtException');
  for (const listener of others) process.on('uncaughtException', listener);
  assert.deepEqual([uncaught, told], [['a listener'], 1]);
  await db.close();
});

test('where there is no store, a name is refused', async () => {
  await assert.rejects(oursReady.open('name.db'), { code: 1, message: /no such vfs/ });
  assert.deepEqual(printed.filter((line) => !/Failed running|SQLiteError|Error:/.test(line)), []);
});
