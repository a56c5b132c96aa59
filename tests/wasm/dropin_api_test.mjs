// The drop-in for crsqlite-wasm against the original: the same calls on both, and the same comes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { asked, hex, original, originalReady, ours, oursReady, plain, same } from './dropin_pair.mjs';
import { load, modulePath, sleep } from './support.mjs';

const { default: tblrx } = await load('@vlcn.io', 'rx-tbl', 'dist', 'index.js');

const CRR = "CREATE TABLE t (id PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t')";
const CHANGES = 'SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes';
const MERGE = 'INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) ' +
  'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';

async function pull(from, to) {
  const changes = await from.execA(CHANGES);
  await to.tx(async (tx) => {
    for (const change of changes) await tx.exec(MERGE, change);
  });
}

test('the wasm is where the application says, and loaded once', async () => {
  assert.deepEqual(asked, ['crsqlite.wasm']);
  assert.equal(await ours.default(), oursReady);
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(original).sort());
  const fresh = await import(`${pathToFileURL(modulePath('@rejoin', 'wasm', 'crsqlite-wasm.js'))}?again`);
  const names = [];
  const [first, second] = await Promise.all([0, 1].map(() => fresh.default((name) => {
    names.push(name);
    return pathToFileURL(modulePath('@rejoin', 'wasm', 'crsqlite.wasm')).href;
  })));
  assert.deepEqual([names, first === second], [['crsqlite.wasm'], true]);
  const failing = await import(`${pathToFileURL(modulePath('@rejoin', 'wasm', 'crsqlite-wasm.js'))}?failing`);
  await assert.rejects(failing.default(() => 'file:///nowhere/crsqlite.wasm'));
  const later = await failing.default();
  await (await later.open()).close();
});

same('what open() gives', async ({ open, say, module, sqlite }) => {
  const db = await open();
  await say('class', () => [db instanceof module.DB, sqlite instanceof module.SQLite3]);
  await say('filename', () => db.filename);
  await say('siteid', async () => {
    const [[bytes]] = await db.execA('SELECT crsql_site_id()');
    return [/^[0-9A-F]{32}$/.test(db.siteid), hex(bytes) === db.siteid.toLowerCase()];
  });
  await say('types', () => [db.db, db.api.exec, db.__mutex.runExclusive, db.__mutex.acquire].map((it) => typeof it));
  await say('methods', () => ['automigrateTo', 'execMany', 'exec', 'execO', 'execA', 'prepare', 'tx', 'imperativeTx',
    'close', 'createFunction', 'onUpdate', '_setSiteid', '_setTablesUsedStmt'].map((name) => typeof db[name]));
  await say('once', () => db._setSiteid('x'));
  await say('another handle', async () => {
    const other = new module.DB(db.api, db.db, 'name');
    return [other.filename, other.siteid, await other.execA('SELECT 1')];
  });
  await say('no statement yet', () => new module.DB(db.api, db.db, 'name').tablesUsedStmt);
  await say('tables used', async () => {
    await db.exec(CRR);
    await db.exec('CREATE TABLE u (x)');
    return db.tablesUsedStmt.all(null, 'SELECT * FROM t JOIN u ON t.id = u.x');
  });
});

same('exec, execA, execO, execMany', async ({ open, say }) => {
  const db = await open();
  for (const method of ['exec', 'execA', 'execO']) {
    const run = (sql, bind) => say(`${method} ${sql}`, () => db[method](sql, bind));
    await run('');
    await run(' -- nothing');
    await run('; ;');
    await run(`CREATE TABLE ${method} (a, b)`);
    await run(`INSERT INTO ${method} VALUES (1, 2), (3, 4)`);
    await run(`SELECT * FROM ${method}`);
    await run(`SELECT a AS x, b AS x FROM ${method}`);
    await run(`SELECT a FROM ${method} WHERE 0`);
    await run(`UPDATE ${method} SET a = 9; SELECT 1; SELECT 2`);
    await run(`DELETE FROM ${method} WHERE b = 4 RETURNING a, b`);
    await run('SELECT ?, ?', [1, 'x']);
    await run('SELECT $2 a, $1 b', [1, 2]);
    await run('SELECT ?, ?', [1]);
    await run('SELECT ?', null);
    await run('SELECT ? a; SELECT ? b', [1]);
    await run('SELECT 1', [1]);
    await run('SELECT ?', [{}]);
    await run('SELECT ?', [Symbol.iterator]);
    await run('SELECT missing');
    await run('SELEC 1');
    await run('SELECT 1; SELECT missing');
    await run('PRAGMA user_version = 3; PRAGMA user_version');
    await run('SELECT typeof(?), typeof(?)', [true, false]);
  }
  await say('many', () => db.execMany(['CREATE TABLE m (x UNIQUE);', 'INSERT INTO m VALUES (1);', 'SELECT 1']));
  await say('no semicolon', () => db.execMany(['SELECT 1', 'SELECT 2']));
  await say('none', () => db.execMany([]));
  await say('constraint', () => db.exec('INSERT INTO m VALUES (1)'));
  await say('after it', () => db.execA('SELECT * FROM m'));
});

same('values', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE v (i, x)');
  const values = [null, undefined, 0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 0.5,
    1e300, NaN, Infinity, -Infinity, 1n, -1n, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), '',
    'text', 'é😀', 'a'.repeat(100000), new Uint8Array([0]), new Uint8Array([1, 2, 255]), [1, 2, 3],
    new Uint8Array([1, 2, 3, 4]).subarray(1, 3)];
  const insert = await db.prepare('INSERT INTO v VALUES (?, ?)');
  for (let i = 0; i < values.length; ++i) {
    await say(`bound ${i}`, () => db.execA('SELECT typeof(?1), ?1', [values[i]]));
    await say(`stored ${i}`, () => insert.run(null, i, values[i]));
  }
  await say('all', () => db.execA('SELECT i, typeof(x), x FROM v ORDER BY i'));
  await say('objects', () => db.execO('SELECT i, x FROM v ORDER BY i LIMIT 5'));
  await say('an integer column', async () => {
    await db.exec('CREATE TABLE n (x INTEGER)');
    await db.exec('INSERT INTO n VALUES (?), (?)', [1700000000000, 3.5]);
    return db.execA('SELECT typeof(x), x FROM n');
  });
});

same('prepared statements', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE s (id INTEGER PRIMARY KEY, a); INSERT INTO s VALUES (1, 10), (2, 20), (3, 30)');
  await say('nothing', () => db.prepare(''));
  await say('mistaken', () => db.prepare('SELECT missing'));
  const stmt = await db.prepare('SELECT id, a FROM s WHERE id >= ? AND a < ? ORDER BY id');
  await say('all', () => stmt.all(null, 1, 30));
  await say('get', () => stmt.get(null, 2, 99));
  await say('get none', () => stmt.get(null, 9, 99));
  await say('run', () => stmt.run(null, 1, 99));
  await say('the same again', () => stmt.all(null));
  await say('the first one other', () => stmt.all(null, 3));
  await say('bind', () => stmt.bind([2, 99]) === stmt);
  await say('bound', () => stmt.all(null));
  await say('raw', () => stmt.raw(true) === stmt);
  await say('raw all', () => stmt.all(null, 1, 99));
  await say('raw get', () => stmt.get(null, 1, 99));
  await say('objects again', () => stmt.raw().get(null, 1, 99));
  await say('iterate', async () => {
    const rows = [];
    for await (const row of stmt.iterate(null, 1, 99)) {
      rows.push(row, await db.execA('SELECT count(*) FROM s'));
    }
    return rows;
  });
  await say('too many', () => stmt.all(null, 1, 2, 3));
  await say('too many bound', () => stmt.bind([1, 2, 3]));
  await say('no value', () => stmt.all(null, {}, 2));
  await say('returning', async () => {
    const returning = await db.prepare('INSERT INTO s (a) VALUES (?), (?) RETURNING a');
    return [await returning.all(null, 1, 2), await returning.get(null, 3, 4), await db.execA('SELECT id, a FROM s')];
  });
  await say('only the first', async () => (await db.prepare('SELECT 1 a; SELECT 2 b')).get(null));
  await say('the schema changes', async () => {
    const star = await db.prepare('SELECT * FROM s');
    await star.get(null);
    await db.exec('ALTER TABLE s ADD COLUMN b DEFAULT 5');
    return star.raw(true).get(null);
  });
  await say('finalize', () => stmt.finalize(null));
  await say('twice', () => stmt.finalize(null));
  await say('after it', () => stmt.all(null, 1, 2));
});

same('transactions', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE x (a)');
  const rows = () => db.execA('SELECT a FROM x ORDER BY rowid');
  await say('committed', () => db.tx(async (tx) => {
    await tx.exec('INSERT INTO x VALUES (?)', [1]);
    await tx.execMany(['INSERT INTO x VALUES (2);', 'INSERT INTO x VALUES (3)']);
    return 'what it returns';
  }));
  await say('rows', rows);
  await say('thrown', () => db.tx(async (tx) => {
    await tx.exec('DELETE FROM x');
    throw new TypeError('no');
  }));
  await say('rows', rows);
  await say('refused', () => db.tx(async (tx) => {
    await tx.exec('DELETE FROM x');
    await tx.exec('SELECT missing');
  }));
  await say('rows', rows);
  await say('nested', () => db.tx(async (tx) => {
    await tx.exec('INSERT INTO x VALUES (4)');
    await tx.tx(async (inner) => {
      await inner.exec('INSERT INTO x VALUES (5)');
      await inner.tx((innermost) => innermost.exec('INSERT INTO x VALUES (6)'));
    });
    await tx.tx(async (inner) => {
      await inner.exec('DELETE FROM x');
      throw new Error('inner');
    }).catch((error) => tx.exec('INSERT INTO x VALUES (?)', [error.message]));
    await tx.exec('INSERT INTO x VALUES (7)');
  }));
  await say('rows', rows);
  await say('nothing awaited', () => db.tx(async (tx) => {
    tx.exec('INSERT INTO x VALUES (8)');
    tx.exec('INSERT INTO x VALUES (9)');
  }));
  await say('rows', rows);
  await say('statements inside', async () => {
    const insert = await db.prepare('INSERT INTO x VALUES (?)');
    await db.tx(async (tx) => {
      await insert.run(tx, 10);
      const all = await tx.prepare('SELECT count(*) n FROM x');
      await insert.run(tx, (await all.get(null)).n);
      await all.finalize(tx);
      throw new Error('after all');
    }).catch(() => {});
    await insert.run(null, 11);
  });
  await say('rows', rows);
  await say('by hand', async () => {
    await db.exec('BEGIN');
    await db.exec('INSERT INTO x VALUES (12)');
    const inside = db.api.get_autocommit(db.db);
    await db.tx((tx) => tx.exec('INSERT INTO x VALUES (13)'));
    await db.exec('ROLLBACK');
    return [inside, db.api.get_autocommit(db.db)];
  });
  await say('rows', rows);
  await say('imperative', async () => {
    const [release, tx] = await db.imperativeTx();
    const order = [];
    const other = db.exec('SELECT 1').then(() => order.push('other'));
    await tx.exec('BEGIN');
    await tx.exec('INSERT INTO x VALUES (14)');
    await sleep(20);
    await tx.exec('COMMIT');
    order.push('released');
    release();
    await other;
    return order;
  });
  await say('rows', rows);
  await say('no transaction', () => db.exec('COMMIT'));
});

same('calls at the same time', async ({ open, say }) => {
  const db = await open();
  const order = [];
  const step = (name, promise) => promise.then((result) => order.push([name, result]));
  await say('all', () => Promise.all([
    step('create', db.exec('CREATE TABLE x (a)')),
    step('tx', db.tx(async (tx) => {
      for (let i = 0; i < 5; ++i) {
        await tx.exec('INSERT INTO x VALUES (?)', [i]);
        await sleep(2);
      }
    })),
    step('error', db.exec('INSERT INTO missing VALUES (1)').catch((error) => error.message)),
    step('rows', db.execA('SELECT count(*) FROM x')),
    step('prepare', db.prepare('SELECT a FROM x WHERE a = ?').then((stmt) => stmt.get(null, 3))),
    ...Array.from({ length: 20 }, (_, i) => step(`insert ${i}`, db.exec('INSERT INTO x VALUES (?)', [100 + i]))),
  ]).then(() => order));
  await say('rows', () => db.execA('SELECT a FROM x ORDER BY rowid'));
  await say('one fails, the next one goes on', () => Promise.all([
    db.execA('SELECT 1 UNION SELECT nothing').catch((error) => error.code), db.execA('SELECT 2')]));
});

const applications = (events) => events.filter(([, , table]) => !/crsql|sqlite_/.test(table));

same('onUpdate', async ({ open, say }) => {
  const [db, other] = [await open(), await open()];
  await db.exec(CRR);
  await other.exec(CRR);
  const [first, second] = [[], []];
  const stop = db.onUpdate((...event) => first.push(event));
  db.onUpdate((...event) => second.push(event));
  await db.exec("INSERT INTO t VALUES ('x', 1, 2), ('y', 3, 4)");
  await db.exec("UPDATE t SET a = 9 WHERE id = 'x'");
  await db.exec("INSERT INTO t VALUES ('x', 1, 9) ON CONFLICT (id) DO UPDATE SET b = excluded.b");
  await db.exec('BEGIN');
  await db.exec("INSERT INTO t VALUES ('undone', 1, 1)");
  await db.exec('ROLLBACK');
  await say('local', () => applications(first));
  await say('stopped', () => Boolean(stop()));
  await db.exec("DELETE FROM t WHERE id = 'y'");
  await say('the other one hears', () => [applications(first).length, applications(second).slice(4)]);
  await other.exec("INSERT INTO t VALUES ('merged', 1, 2)");
  second.length = 0;
  await pull(other, db);
  await say('a merge', () => applications(second).map(([type, database, table]) => [type, database, table]));
  await say('in the middle of the statement', async () => {
    const order = [];
    db.onUpdate(() => order.push('told'));
    await db.exec("CREATE TABLE u (a); INSERT INTO u VALUES (1)");
    order.push('done');
    return [order.at(0), order.at(-1)];
  });
});

same('createFunction', async ({ open, say }) => {
  const db = await open();
  db.createFunction('plus', (a, b) => a + b);
  db.createFunction('what', (a) => (a instanceof Uint8Array ? `bytes ${hex(a)}` : `${typeof a} ${a}`));
  db.createFunction('same', (a) => a);
  db.createFunction('nothing', () => {});
  db.createFunction('null_', () => null);
  db.createFunction('bytes', () => new Uint8Array([1, 2]));
  db.createFunction('big', () => 2n ** 60n);
  db.createFunction('real', () => 0.5);
  await say('plus', () => db.execA("SELECT plus(1, 2), plus('a', 'b'), plus(0.5, 1)"));
  for (const value of ['1', '0.5', "'é'", "''", 'NULL', "x'00ff'", '9007199254740993', '-5']) {
    await say(`what ${value}`, () => db.execA(`SELECT what(${value}), quote(same(${value}))`));
  }
  await say('results', () => db.execA('SELECT nothing(), null_(), quote(bytes()), big(), real()'));
  await say('arguments', () => db.execA('SELECT plus(1)'));
  await say('in a trigger', async () => {
    const seen = [];
    db.createFunction('see', (value) => void seen.push(value));
    await db.exec('CREATE TABLE x (a); CREATE TEMP TRIGGER r AFTER INSERT ON x BEGIN SELECT see(NEW.a); END');
    await db.exec('INSERT INTO x VALUES (1), (2)');
    return seen;
  });
});

same('a CRR and its changes', async ({ open, say }) => {
  const db = await open();
  await say('as_crr', () => db.execA(`${CRR}`));
  await say('functions', () => db.execA('SELECT crsql_db_version(), crsql_next_db_version(), crsql_site_id()'));
  await db.exec('INSERT INTO t VALUES (?, ?, ?)', [1, 'one', new Uint8Array([1, 2])]);
  await db.tx(async (tx) => {
    await tx.exec("INSERT INTO t VALUES ('two', 2.5, NULL)");
    await tx.exec("UPDATE t SET a = 'uno', b = 9007199254740993 WHERE id = 1");
  });
  await db.exec("INSERT INTO t VALUES ('gone', 1, 1)");
  await db.exec("DELETE FROM t WHERE id = 'gone'");
  await db.exec("INSERT INTO t VALUES (1, 'uno', 3) ON CONFLICT (id) DO UPDATE SET a = excluded.a, b = excluded.b");
  await say('changes', () => db.execA(CHANGES));
  await say('objects', () => db.execO(CHANGES));
  await say('of one site', () => db.execA(`${CHANGES} WHERE db_version > ? AND site_id IS NOT ?`,
    [1, new Uint8Array(16)]));
  const pullStmt = (await db.prepare(`${CHANGES} WHERE db_version > ? AND site_id IS NOT ?`)).raw(true);
  await say('as ws-browserdb pulls', () => pullStmt.all(null, 0n, new Uint8Array([1])));
  await say('none', () => pullStmt.all(null, 99n, new Uint8Array([1])));
  await say('not a CRR', () =>
    db.exec("CREATE TABLE bad (x); SELECT crsql_as_crr('bad')").catch((error) => error.code));
  await say('altered', async () => {
    await db.exec("SELECT crsql_begin_alter('t')");
    await db.exec('ALTER TABLE t ADD COLUMN c DEFAULT 7');
    await db.exec("SELECT crsql_commit_alter('t')");
    await db.exec("UPDATE t SET c = 8 WHERE id = 1");
    return db.execA(`${CHANGES} WHERE cid = 'c'`);
  });
  await say('order', () => db.execA("SELECT crsql_fract_key_between(NULL, NULL), crsql_fract_key_between('a ', 'a!')"));
  await say('peers', async () => {
    const track = await db.prepare(`INSERT INTO "crsql_tracked_peers" ("site_id", "event", "version", "seq", "tag")
      VALUES (?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET "version" = MAX("version", excluded."version"),
      "seq" = CASE "version" > excluded."version" WHEN 1 THEN "seq" ELSE excluded."seq" END`);
    await track.run(null, new Uint8Array(16), 0, 5n, 0n);
    await track.run(null, new Uint8Array(16), 0, 3n, 0n);
    return db.execA('SELECT * FROM crsql_tracked_peers');
  });
  await say('a table again', async () => {
    await db.exec("SELECT crsql_as_table('t')");
    return db.execA("SELECT name FROM sqlite_master WHERE name LIKE 't%'");
  });
});

same('merges', async ({ open, say }) => {
  const [a, b] = [await open(), await open()];
  for (const db of [a, b]) await db.exec(CRR);
  await a.exec("INSERT INTO t VALUES ('x', 1, 1), ('y', 2, 2), ('z', 3, 3)");
  await pull(a, b);
  await a.exec("UPDATE t SET a = 'of a' WHERE id = 'x'; DELETE FROM t WHERE id = 'y'");
  await b.exec("UPDATE t SET a = 'of b' WHERE id = 'x'; UPDATE t SET b = 5 WHERE id = 'y'");
  await b.exec("INSERT INTO t VALUES ('w', x'00', 2)");
  await pull(a, b);
  await pull(b, a);
  await say('a', () => a.execA('SELECT * FROM t ORDER BY id'));
  await say('b', () => b.execA('SELECT * FROM t ORDER BY id'));
  await say('changes of a', () => a.execA(`${CHANGES} ORDER BY "table", pk, cid`));
  await say('changes of b', () => b.execA(`${CHANGES} ORDER BY "table", pk, cid`));
  await say('impacted', () => a.tx(async (tx) => {
    await tx.exec(MERGE, ['t', new Uint8Array([1, 0x0b, 1, 0x78]), 'a', 'news', 50, 50, new Uint8Array(16), 1, 0]);
    await say('inside', () => tx.execA('SELECT crsql_rows_impacted()'));
  }));
});

test('the two packages merge with each other', async () => {
  const dbs = [await originalReady.open(), await oursReady.open()];
  for (const db of dbs) await db.exec(CRR);
  await dbs[0].exec("INSERT INTO t VALUES ('x', 1, 0.5), ('y', 2, 'text'), ('z', 3, x'00ff')");
  await pull(dbs[0], dbs[1]);
  await dbs[1].exec("UPDATE t SET a = 9007199254740993 WHERE id = 'x'; DELETE FROM t WHERE id = 'y'");
  await dbs[0].exec("UPDATE t SET b = 'also' WHERE id = 'y'; INSERT INTO t VALUES (4, -1, NULL)");
  await pull(dbs[0], dbs[1]);
  await pull(dbs[1], dbs[0]);
  const [first, second] = await Promise.all(dbs.map((db) => db.execA('SELECT * FROM t ORDER BY id')));
  assert.deepEqual(second, first);
  assert.deepEqual(first.map(([id]) => id), [4, 'x', 'z']);
});

const SCHEMA = "CREATE TABLE IF NOT EXISTS t (id PRIMARY KEY NOT NULL, a);\nSELECT crsql_as_crr('t');\n";
const WIDER = "CREATE TABLE IF NOT EXISTS t (id PRIMARY KEY NOT NULL, a, b DEFAULT 5);\nSELECT crsql_as_crr('t');\n" +
  'CREATE TABLE IF NOT EXISTS plain (x);';

same('automigrateTo', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE earlier (x)');
  const state = () => say('state', async () => [
    await db.execA("SELECT key, value FROM crsql_master WHERE key LIKE 'schema%' ORDER BY key"),
    await db.execA("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'crsql_%' ORDER BY name"),
    await db.execA("SELECT name FROM pragma_table_info('t')"),
  ]);
  await say('apply', () => db.automigrateTo('a.sql', SCHEMA));
  await state();
  await say('noop', () => db.automigrateTo('a.sql', SCHEMA));
  await db.exec("INSERT INTO t VALUES ('kept', 1)");
  await say('migrate', () => db.automigrateTo('a.sql', WIDER));
  await state();
  await say('rows', () => db.execA('SELECT * FROM t'));
  await say('noop again', () => db.automigrateTo('a.sql', WIDER));
  await say('still a CRR', async () => {
    await db.exec("UPDATE t SET b = 6");
    return db.execA(`${CHANGES} WHERE cid = 'b'`);
  });
  await say('mistaken', () => db.automigrateTo('a.sql', 'CREATE TABLE broken (').catch(() => 'refused'));
  await state();
  await say('mistaken and new', () => db.automigrateTo('b.sql', 'CREATE TABLE broken (').catch(() => 'refused'));
  await state();
  await say('another one', () => db.automigrateTo('b.sql', SCHEMA));
  await state();
  await say('rows', () => db.execA('SELECT * FROM t'));
  await say('a name, no version', async () => {
    await db.exec("DELETE FROM crsql_master WHERE key = 'schema_version'");
    return db.automigrateTo('b.sql', SCHEMA);
  });
  await state();
});

same('rx-tbl', async ({ open, say }) => {
  const db = await open();
  await db.exec(CRR);
  const rx = tblrx(db);
  const told = [];
  rx.onRange(['t'], (types) => told.push(['range', types]));
  rx.onPoint('t', 2n, (types) => told.push(['point', types]));
  rx.onAny((types, source) => told.push(['any', types, source]));
  await db.exec("INSERT INTO t VALUES ('x', 1, 1), ('y', 1, 1)");
  await sleep(20);
  await db.exec("UPDATE t SET a = 2 WHERE id = 'x'; DELETE FROM t WHERE id = 'y'");
  await sleep(20);
  await say('told', () => told);
  rx.dispose();
  await db.exec("DELETE FROM t");
  await sleep(20);
  await say('disposed', () => told.length);
});

same('close', async ({ open, say }) => {
  const db = await open();
  await db.exec(CRR);
  const stmt = await db.prepare('SELECT * FROM t');
  const running = db.exec("INSERT INTO t VALUES ('x', 1, 1)");
  await say('close', () => db.close().then(() => 'closed'));
  await running;
  for (const method of ['exec', 'execA', 'execO', 'prepare']) await say(method, async () => db[method]('SELECT 1'));
  await say('execMany', async () => db.execMany(['SELECT 1']));
  await say('tx', async () => db.tx(() => {}));
  await say('createFunction', () => db.createFunction('f', () => 1));
  await say('again', () => db.close());
  await say('statement', () => stmt.all(null));
  await say('finalize', () => stmt.finalize(null));
  await say('another one', async () => (await open()).execA('SELECT 1'));
});
