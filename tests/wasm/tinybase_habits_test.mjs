// TinyBase's persister for cr-sqlite, as it is published, on tables that merge: all that it does is captured, and what
// others do reaches its store. On the drop-in for crsqlite-wasm, and on the package's own Database.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load, sleep, until } from './support.mjs';

const { createStore } = await load('tinybase', 'index.js');
const { createCrSqliteWasmPersister } = await load('tinybase', 'persisters', 'persister-cr-sqlite-wasm', 'index.js');
const { open } = await load('@rejoin', 'wasm', 'index.js');
const sqlite = await (await load('@rejoin', 'wasm', 'crsqlite-wasm.js')).default();

const NAMES = '"table", pk, cid, val, col_version, db_version, site_id, cl, seq';
const MERGE = `INSERT INTO crsql_changes (${NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const kinds = {
  'the drop-in': {
    open: () => sqlite.open(),
    changes: (db) => db.execA(`SELECT ${NAMES} FROM crsql_changes`),
    merge: (db, changes) => db.tx(async (tx) => {
      for (const change of changes) await tx.exec(MERGE, change);
    }),
  },
  'the Database': {
    open: () => open(),
    changes: (db) => db.changesSince(0),
    merge: (db, changes) => db.apply(changes),
  },
};

const PETS = { mode: 'tabular', autoLoadIntervalSeconds: 0.1, tables: {
  load: { pets: { tableId: 'pets', rowIdColumnName: 'id' } },
  save: { pets: { tableName: 'pets', rowIdColumnName: 'id' } },
} };
const saving = (options) =>
  ({ ...PETS, tables: { ...PETS.tables, save: { pets: { ...PETS.tables.save.pets, ...options } } } });

class App {
  constructor(kind, db) {
    this.kind = kind;
    this.db = db;
    this.store = createStore();
    this.commands = [];
    this.ignored = [];
  }

  static async start(kind, schema, config = PETS) {
    const app = new App(kinds[kind], await kinds[kind].open());
    if (schema) await app.db.execA(schema);
    app.persister = createCrSqliteWasmPersister(app.store, app.db, config, (sql) => app.commands.push(sql),
      (error) => app.ignored.push(error));
    return app;
  }

  /**
   * TinyBase neither saves nor loads any more. (What the store is told while it loads, it does not save.) It does one
   * thing after another, and may forget about the last one until it gets another: so it gets one.
   */
  async saved() {
    for (let quiet = 0; quiet < 3; quiet = this.persister.getStatus() === 0 ? quiet + 1 : 0) {
      void this.persister.schedule(async () => {});
      await sleep(5);
    }
  }

  rows(sql = 'SELECT * FROM pets ORDER BY id') {
    return this.db.execA(sql);
  }

  // Of local writes: 'key cell=value col_version/cl', in the order in which they were made.
  async changes(since = 0) {
    const found = await this.rows(`SELECT cast(substr(pk, 4) AS TEXT), cid, val, col_version, cl FROM crsql_changes
      WHERE db_version > ${since} ORDER BY db_version, seq`);
    return found.map(([key, cid, value, version, life]) => `${key} ${cid}=${value} ${version}/${life}`);
  }

  async version() {
    return (await this.db.execA('SELECT crsql_db_version()'))[0][0];
  }

  /**
   * Everything of the table is captured and there is nothing else: whoever has the changes has the rows, and each clock
   * has its row.
   */
  async check(table = 'pets') {
    const [[sql]] = await this.db.execA(`SELECT sql FROM sqlite_master WHERE name = '${table}'`);
    const copy = await this.kind.open();
    await copy.execA(`${sql}; SELECT crsql_as_crr('${table}')`);
    await this.kind.merge(copy, await this.kind.changes(this.db));
    const all = `SELECT * FROM ${table} ORDER BY 1`;
    assert.deepEqual(await copy.execO(all), await this.db.execO(all), 'what the changes make is what is here');
    await copy.close();
    const [[clocks, keys]] = await this.db.execA(`SELECT
      (SELECT count(*) FROM ${table}__crsql_clock WHERE key NOT IN (SELECT __crsql_key FROM ${table}__crsql_pks)),
      (SELECT count(*) FROM ${table}__crsql_pks WHERE __crsql_key NOT IN (SELECT key FROM ${table}__crsql_clock))`);
    assert.deepEqual([clocks, keys], [0, 0], 'no ghosts');
    const columns = await this.db.execA(`SELECT name FROM pragma_table_info('${table}')`);
    const cells = new Set(columns.map(([name]) => name));
    for (const [cid] of await this.db.execA(`SELECT DISTINCT cid FROM crsql_changes WHERE "table" = '${table}'`)) {
      assert.ok(cid === '-1' || cells.has(cid), `the column of a clock: ${cid}`);
    }
  }

  async end() {
    await this.persister.stopAutoPersisting();
    await this.persister.destroy();
    await this.db.close();
    assert.deepEqual(this.ignored, []);
  }
}

const SCHEMA = "CREATE TABLE pets (id TEXT PRIMARY KEY NOT NULL, species, sold); SELECT crsql_as_crr('pets')";

for (const kind of Object.keys(kinds)) {
  test(`${kind}: each cell that changes is captured, and only those`, async () => {
    const app = await App.start(kind, SCHEMA);
    app.store.setTables({ pets: { fido: { species: 'dog', sold: false }, felix: { species: 'cat', sold: true } } });
    await app.persister.startAutoSave();
    assert.deepEqual(await app.changes(), ['fido species=dog 1/1', 'fido sold=0 1/1', 'felix species=cat 1/1',
      'felix sold=1 1/1']);
    let version = await app.version();
    const done = async (expected) => {
      await app.saved();
      assert.deepEqual(await app.changes(version), expected);
      version = await app.version();
    };
    app.store.setCell('pets', 'fido', 'sold', true);
    await done(['fido sold=1 2/1']);
    await app.persister.save();
    await done([], 'a full save of what is there');
    app.store.setRow('pets', 'cujo', { species: 'dog' });
    await done(['cujo species=dog 1/1', 'cujo sold=null 1/1']);
    app.store.delRow('pets', 'felix');
    await done(['felix -1=null 2/2']);
    app.store.setRow('pets', 'felix', { species: 'lion', sold: 12 });
    await done(['felix -1=null 3/3', 'felix species=lion 1/3', 'felix sold=12 1/3']);
    app.store.delCell('pets', 'felix', 'sold');
    await done(['felix sold=null 2/3']);
    app.store.transaction(() => {
      app.store.setCell('pets', 'fido', 'species', 'wolf');
      app.store.setCell('pets', 'felix', 'species', 'tiger');
      app.store.delRow('pets', 'cujo');
    });
    await app.saved();
    assert.deepEqual((await app.changes(version)).sort(), ['cujo -1=null 2/2', 'felix species=tiger 2/3',
      'fido species=wolf 2/1']);
    assert.equal(await app.version(), version + 1, 'in one transaction');
    assert.deepEqual(await app.rows(), [['felix', 'tiger', null], ['fido', 'wolf', 1]]);
    await app.check();
    await app.end();
  });

  test(`${kind}: an empty store empties the table, and that is captured`, async () => {
    const app = await App.start(kind, `${SCHEMA}; INSERT INTO pets VALUES ('fido', 'dog', 0), ('felix', 'cat', 1)`);
    await app.persister.startAutoSave();
    assert.ok(app.commands.includes('DELETE FROM"pets"WHERE(true)'));
    assert.deepEqual(await app.rows(), []);
    assert.deepEqual((await app.changes()).sort(), ['felix -1=null 2/2', 'fido -1=null 2/2']);
    await app.check();
    await app.end();
  });

  test(`${kind}: a full save deletes what the store lacks`, async () => {
    const app = await App.start(kind, `${SCHEMA}; INSERT INTO pets VALUES ('fido', 'dog', 0), ('felix', 'cat', 1)`);
    app.store.setTables({ pets: { fido: { species: 'dog', sold: 0 }, new: { species: 'cow', sold: 1 } } });
    const version = await app.version();
    await app.persister.save();
    assert.deepEqual(await app.changes(version), ['new species=cow 1/1', 'new sold=1 1/1', 'felix -1=null 2/2']);
    await app.check();
    await app.end();
  });

  test(`${kind}: a cell that no column has yet`, async () => {
    const [app, other] = [await App.start(kind, SCHEMA), await App.start(kind, SCHEMA)];
    await app.persister.startAutoPersisting();
    app.store.setTables({ pets: { fido: { species: 'dog', sold: false } } });
    await app.saved();
    app.store.setCell('pets', 'fido', 'colour', 'brown');
    await app.saved();
    assert.ok(app.commands.includes('ALTER TABLE"pets"ADD"colour"'));
    app.store.transaction(() => {
      app.store.setRow('pets', 'felix', { species: 'cat', sold: true, colour: 'black' });
      app.store.setCell('pets', 'fido', 'sold', true);
    });
    await app.saved();
    assert.deepEqual(await app.rows('SELECT id, species, sold, colour FROM pets ORDER BY id'),
      [['felix', 'cat', 1, 'black'], ['fido', 'dog', 1, 'brown']]);
    assert.ok((await app.changes()).includes('fido colour=brown 1/1'), String(await app.changes()));
    await app.check();
    // The other one gets the column in the same way, then what is in it; and back.
    await other.persister.startAutoPersisting();
    other.store.setTables({ pets: { cujo: { species: 'dog', sold: false, colour: 'white' } } });
    await other.saved();
    await other.kind.merge(other.db, await app.kind.changes(app.db));
    await until('the other store has it', () => other.store.getCell('pets', 'felix', 'colour') === 'black');
    await other.saved();
    other.store.setCell('pets', 'fido', 'colour', 'grey');
    await other.saved();
    await app.kind.merge(app.db, await other.kind.changes(other.db));
    await until('and this one', () => app.store.getCell('pets', 'fido', 'colour') === 'grey');
    assert.deepEqual(app.store.getTables(), other.store.getTables());
    for (const it of [app, other]) {
      await it.check();
      await it.end();
    }
  });

  test(`${kind}: a column that no cell needs is not dropped from a CRR`, async () => {
    const app = await App.start(kind, SCHEMA, saving({ deleteEmptyColumns: true }));
    app.store.setTables({ pets: { fido: { species: 'dog', sold: false }, felix: { species: 'cat', sold: true } } });
    await app.persister.save();
    const version = await app.version();
    app.store.transaction(() => app.store.delCell('pets', 'fido', 'sold').delCell('pets', 'felix', 'sold'));
    await app.persister.save();
    // SQLite refuses it for the triggers: they name the column. TinyBase takes back the whole save, as on cr-sqlite.
    assert.ok(app.commands.includes('ALTER TABLE"pets"DROP"sold"'));
    assert.deepEqual(app.ignored.splice(0).map(({ message }) => message),
      ['error in trigger pets__crsql_utrig after drop column: no such column: NEW.sold']);
    assert.deepEqual(await app.rows(), [['felix', 'cat', 1], ['fido', 'dog', 0]]);
    assert.equal(await app.version(), version);
    // Within an alter it goes, and all is as TinyBase wants it.
    await app.db.execA("SELECT crsql_begin_alter('pets')");
    await app.db.execA('ALTER TABLE pets DROP COLUMN sold');
    await app.db.execA("SELECT crsql_commit_alter('pets')");
    app.store.setTables({ pets: { fido: { species: 'wolf' }, felix: { species: 'cat', age: 3 } } });
    await app.persister.save();
    assert.deepEqual(await app.rows('SELECT id, species, age FROM pets ORDER BY id'),
      [['felix', 'cat', 3], ['fido', 'wolf', null]]);
    assert.deepEqual((await app.changes()).filter((line) => !/ age=null /.test(line)).sort(),
      ['felix age=3 1/1', 'felix species=cat 1/1', 'fido species=wolf 2/1']);
    await app.check();
    await app.end();
  });

  test(`${kind}: a table that is dropped, and made again`, async () => {
    const app = await App.start(kind, SCHEMA, saving({ deleteEmptyTable: true }));
    app.store.setTables({ pets: { fido: { species: 'dog', sold: false }, felix: { species: 'cat', sold: true } } });
    await app.persister.save();
    const version = await app.version();
    app.store.delTables();
    await app.persister.save();
    assert.ok(app.commands.includes('DROP TABLE"pets"'));
    assert.deepEqual(await app.changes(), [], 'nothing is left of it');
    assert.deepEqual(await app.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"), []);
    assert.equal(await app.version(), version, 'the version never goes down');
    // TinyBase makes a plain table, with a key that may be NULL.
    app.store.setTables({ pets: { fido: { species: 'wolf', sold: true }, new: { species: 'cow', sold: false } } });
    await app.persister.startAutoSave();
    assert.ok(app.commands.some((sql) => sql.startsWith('CREATE TABLE"pets"("id" PRIMARY KEY,')));
    assert.deepEqual(await app.changes(), [], 'what is no CRR is not captured');
    await app.db.execA("SELECT crsql_as_crr('pets')");
    assert.deepEqual((await app.changes()).sort(), ['fido sold=1 1/1', 'fido species=wolf 1/1', 'new sold=0 1/1',
      'new species=cow 1/1'], 'the rows that are there, and none that were there before');
    assert.equal(await app.version(), version + 1);
    app.store.setCell('pets', 'fido', 'sold', false);
    app.store.delRow('pets', 'new');
    await app.saved();
    assert.deepEqual((await app.changes(version + 1)).sort(), ['fido sold=0 2/1', 'new -1=null 2/2']);
    await app.check();
    await app.end();
  });

  test(`${kind}: TinyBase makes the table, which then becomes a CRR`, async () => {
    const app = await App.start(kind);
    app.store.setTables({ pets: { fido: { species: 'dog', sold: false } } });
    await app.persister.startAutoSave();
    await app.db.execA("SELECT crsql_as_crr('pets')");
    app.store.setRow('pets', 'felix', { species: 'cat', sold: true });
    await app.saved();
    assert.deepEqual(await app.changes(), ['fido species=dog 1/1', 'fido sold=0 1/1', 'felix species=cat 1/1',
      'felix sold=1 1/1']);
    await app.check();
    await app.end();
  });

  test(`${kind}: a whole store as JSON in one cell`, async () => {
    const json = { mode: 'json', autoLoadIntervalSeconds: 0.1 };
    const table = "CREATE TABLE tinybase (_id TEXT PRIMARY KEY NOT NULL, store); SELECT crsql_as_crr('tinybase')";
    const [app, other] = [await App.start(kind, table, json), await App.start(kind, table, json)];
    app.store.setTables({ pets: { fido: { species: 'dog' } } }).setValues({ open: true });
    await app.persister.startAutoSave();
    const send = async () => other.kind.merge(other.db, await app.kind.changes(app.db));
    await send();
    await other.persister.startAutoLoad();
    await until('the other store', () => other.store.getCell('pets', 'fido', 'species') === 'dog');
    app.store.setCell('pets', 'fido', 'species', 'wolf');
    await app.saved();
    assert.deepEqual((await app.rows('SELECT cid, col_version, cl FROM crsql_changes')), [['store', 2, 1]]);
    await send();
    await until('the change', () => other.store.getCell('pets', 'fido', 'species') === 'wolf');
    assert.deepEqual(other.store.getContent(), app.store.getContent());
    await app.check('tinybase');
    await app.end();
    await other.end();
  });

  test(`${kind}: a table whose row ids need a UNIQUE index is refused as a CRR`, async () => {
    const app = await App.start(kind, 'CREATE TABLE pets (key INTEGER PRIMARY KEY NOT NULL, id, species)');
    app.store.setTables({ pets: { fido: { species: 'dog' } } });
    await app.persister.save();
    assert.ok(app.commands.some((sql) => sql.startsWith('CREATE UNIQUE INDEX IF NOT EXISTS"tinybase_pk_')));
    await assert.rejects(app.db.execA("SELECT crsql_as_crr('pets')"), /pets.*(unique|UNIQUE)/);
    app.store.setCell('pets', 'fido', 'species', 'wolf');
    await app.persister.save();
    assert.deepEqual(await app.rows('SELECT id, species FROM pets'), [['fido', 'wolf']], 'it stays a table');
    await app.end();
  });

  test(`${kind}: two stores become one`, async () => {
    const apps = [await App.start(kind, SCHEMA), await App.start(kind, SCHEMA)];
    const exchange = async () => {
      for (const app of apps) await app.saved();
      const sent = await Promise.all(apps.map((app) => app.kind.changes(app.db)));
      await Promise.all(apps.map((app, i) => app.kind.merge(app.db, sent[1 - i])));
      for (const app of apps) await app.saved();
      await until('equal stores', () => {
        const [a, b] = apps.map((app) => JSON.stringify(Object.entries(app.store.getTables().pets ?? {})
          .map(([id, row]) => [id, Object.entries(row).sort()]).sort()));
        return a === b && a.length > 2;
      }, 10000);
    };
    for (const app of apps) await app.persister.startAutoPersisting();
    for (const app of apps) await app.saved();
    apps[0].store.setTables({ pets: { fido: { species: 'dog', sold: false } } });
    apps[1].store.setTables({ pets: { felix: { species: 'cat', sold: false } } });
    await exchange();
    assert.deepEqual(Object.keys(apps[0].store.getTable('pets')).sort(), ['felix', 'fido']);
    // Different cells of one row, and one row that the one deletes while the other writes.
    apps[0].store.transaction(() => {
      apps[0].store.setCell('pets', 'fido', 'species', 'wolf');
      apps[0].store.delRow('pets', 'felix');
    });
    apps[1].store.transaction(() => {
      apps[1].store.setCell('pets', 'fido', 'sold', true);
      apps[1].store.setCell('pets', 'felix', 'sold', true);
    });
    await exchange();
    assert.deepEqual({ ...apps[0].store.getRow('pets', 'fido') }, { species: 'wolf', sold: 1 });
    assert.deepEqual(apps[0].store.getRowIds('pets'), ['fido']);
    for (let i = 0; i < 20; ++i) {
      apps[i % 2].store.setRow('pets', `pet ${i % 7}`, { species: `of ${i % 2}`, sold: i });
      if (i % 5 === 4) apps[1 - (i % 2)].store.delRow('pets', `pet ${i % 7}`);
      for (const app of apps) await app.saved();
      if (i % 3 === 2) await exchange();
    }
    await exchange();
    assert.deepEqual(await apps[0].rows(), await apps[1].rows());
    for (const app of apps) {
      await app.check();
      await app.end();
    }
  });
}
