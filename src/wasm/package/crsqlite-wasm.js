// What @vlcn.io/crsqlite-wasm exports, with Rejoin as the engine: an application changes its import and goes on with
// the databases that it has. Where that package fails its applications, this one does not; a comment says so.
import {
  SQLITE_MISUSE, SQLITE_OK, SQLITE_OPEN_CREATE, SQLITE_OPEN_READWRITE, SQLITE_OPEN_URI, SQLITE_RANGE, SQLITE_ROW,
  SQLITE_UTF8, SQLiteError,
} from '@vlcn.io/wa-sqlite';
import { IDBBatchAtomicVFS } from '@vlcn.io/wa-sqlite/src/examples/IDBBatchAtomicVFS.js';
import { cryb64 } from '@vlcn.io/xplat-api';

import { createApi } from './crsqlite-api.js';
import { ConnectionTurns, Turns } from './crsqlite-turns.js';
import createModule from './crsqlite.mjs';

// Under this name, and this one only, the browser's store has the databases of crsqlite-wasm.
const STORE = 'idb-batch-atomic';
const MEMORY = ':memory:';
const TABLES_USED = `SELECT tbl_name FROM tables_used(?) AS u JOIN sqlite_master ON sqlite_master.name = u.name
  WHERE u.schema = 'main'`;

// Of the calls of SQLite's, of all connections.
const calls = new ConnectionTurns();
let savepoints = 0;

const objects = ({ columns, rows }) =>
  rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));

/** What a database, its transactions and its statements have in common. */
class Connection {
  isClosed = false;
  // Results that somebody is in the middle of.
  reading = 0;
  statements = new Set();
  // Of transactions, and of what is in none.
  mutex = new Turns();

  constructor(api, db, filename) {
    this.api = api;
    this.db = db;
    this.filename = filename;
  }

  /** Runs `work`, which calls SQLite, in the turn of `mutex`. Other databases go on while that is kept. */
  inTurn(mutex, work) {
    const turn = { filename: this.filename, connection: this };
    return mutex.runExclusive(() => calls.runExclusive(work, turn));
  }

  get holdsFile() {
    if (this.isClosed || this.filename === MEMORY) return false;
    return this.reading > 0 || this.api.get_autocommit(this.db) === 0;
  }

  assertOpen() {
    if (this.isClosed) throw new Error('The DB is closed');
  }
}

/** A prepared statement. */
class Stmt {
  #connection;
  #tx;
  #statement;
  #parameters;
  #isRaw = false;
  #isFinalized = false;
  #values = [];

  constructor(connection, tx, statement) {
    this.#connection = connection;
    this.#tx = tx;
    this.#statement = statement;
    this.#parameters = connection.api.bind_parameter_count(statement);
    connection.statements.add(this);
  }

  run(tx, ...values) {
    return this.#do(tx, values, async (api, statement) => {
      await api.step(statement);
      return SQLITE_OK;
    });
  }

  get(tx, ...values) {
    return this.#do(tx, values, async (api, statement) =>
      (await api.step(statement)) === SQLITE_ROW ? this.#row(api, statement) : null);
  }

  all(tx, ...values) {
    return this.#do(tx, values, async (api, statement) => {
      const rows = [];
      while ((await api.step(statement)) === SQLITE_ROW) rows.push(this.#row(api, statement));
      return rows;
    });
  }

  /** Rows as arrays, whatever raw() says, one at a time; others may have their turn in between. */
  async *iterate(tx, ...values) {
    this.bind(values);
    const { api } = this.#connection;
    const bound = [...this.#values];
    let isFirst = true;
    this.#connection.reading += 1;
    try {
      for (;;) {
        const row = await this.#within(tx, async (statement) => {
          if (isFirst) this.#bindAll(statement, bound);
          isFirst = false;
          return (await api.step(statement)) === SQLITE_ROW ? api.row(statement) : undefined;
        });
        if (row === undefined) return;
        yield row;
      }
    } finally {
      // Also where the caller has seen enough: a statement that is not reset keeps the file locked. The transaction may
      // end while it waits for its turn.
      const reset = () => this.#connection.inTurn(this.#mutex(tx?.isOver ? null : tx), async () => {
        if (!this.#isFinalized) await api.reset(this.#statement).catch(() => {});
        this.#connection.reading -= 1;
      });
      await reset().catch(reset);
    }
  }

  raw(isRaw) {
    this.#isRaw = Boolean(isRaw);
    return this;
  }

  // They are kept, and bound when it is this call's turn: until then the statement may still be running.
  bind(values) {
    if (values.length > this.#parameters) throw new SQLiteError('column index out of range', SQLITE_RANGE);
    for (const value of values) {
      const type = typeof value;
      const isBytes = value instanceof Uint8Array || Array.isArray(value);
      if (type === 'function' || type === 'symbol' || (type === 'object' && value !== null && !isBytes)) {
        throw new Error(`Unknown binding type ${type}`);
      }
    }
    values.forEach((value, i) => (this.#values[i] = value));
    return this;
  }

  finalize(tx) {
    if (this.#isFinalized) return Promise.resolve();
    return this.#connection.inTurn(this.#mutex(tx), () => this.release());
  }

  /** Within a turn. */
  async release() {
    if (this.#isFinalized) return undefined;
    this.#isFinalized = true;
    this.#connection.statements.delete(this);
    return this.#connection.api.finalize(this.#statement);
  }

  // One that was prepared in a transaction outlives it.
  #mutex(tx) {
    if (tx) return tx.__mutex;
    return this.#tx.isOver ? this.#connection.mutex : this.#tx.__mutex;
  }

  #within(tx, work) {
    return this.#connection.inTurn(this.#mutex(tx), () => {
      if (this.#isFinalized) throw new SQLiteError('not a statement', SQLITE_MISUSE);
      return work(this.#statement);
    });
  }

  async #do(tx, values, work) {
    this.bind(values);
    const bound = [...this.#values];
    const { api } = this.#connection;
    return this.#within(tx, async (statement) => {
      try {
        this.#bindAll(statement, bound);
        return await work(api, statement);
      } finally {
        // After an error too, or every later run of the statement fails. It repeats the error, which is known.
        await api.reset(statement).catch(() => {});
      }
    });
  }

  #bindAll(statement, values) {
    for (let i = 0; i < values.length; ++i) this.#connection.api.bind(statement, i + 1, values[i]);
  }

  #row(api, statement) {
    const row = api.row(statement);
    return this.#isRaw ? row : objects({ columns: api.column_names(statement), rows: [row] })[0];
  }
}

/** SQL, in a database or in a transaction of its. */
class TX {
  #connection;

  constructor(connection, mutex) {
    this.#connection = connection;
    this.api = connection.api;
    this.db = connection.db;
    this.__mutex = mutex;
    this.isOver = false;
  }

  /** All of them as one text: each brings its semicolon. */
  async execMany(sql) {
    await this.#run(sql.join(''));
    return SQLITE_OK;
  }

  exec(sql, bind) {
    return this.execA(sql, bind);
  }

  /** The rows of the first statement that has columns; null: none has. */
  async execO(sql, bind) {
    const result = await this.#run(sql, bind);
    return result && objects(result);
  }

  /** The same, as arrays. */
  async execA(sql, bind) {
    const result = await this.#run(sql, bind);
    return result && result.rows;
  }

  prepare(sql) {
    return this.#inTurn(async () => {
      const text = this.api.str_new(this.db, sql);
      try {
        const prepared = await this.api.prepare_v2(this.db, this.api.str_value(text));
        if (prepared === null) throw new Error(`Could not prepare ${sql}`);
        return new Stmt(this.#connection, this, prepared.stmt);
      } finally {
        this.api.str_finish(text);
      }
    });
  }

  /** All of `work`, or nothing of it where it throws. Inside it goes through the transaction that it is given. */
  async tx(work) {
    await this.__mutex.runExclusive(async () => {
      this.#connection.assertOpen();
      const savepoint = `crsql_tx_${++savepoints}`;
      const inner = new TX(this.#connection, new Turns());
      try {
        await inner.exec(`SAVEPOINT ${savepoint}`);
        try {
          await work(inner);
          await inner.exec(`RELEASE ${savepoint}`);
        } catch (error) {
          // Where a commit fails, too: else all that follows would be in a transaction that nobody ends. SQLite may
          // have rolled back by itself; the error to tell is the first one.
          await inner.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`).catch(() => {});
          throw error;
        }
      } finally {
        end(inner);
      }
    });
  }

  /** [release, tx]: what is done through tx until release() has nobody else in between. It begins no transaction. */
  async imperativeTx() {
    const release = await this.__mutex.acquire();
    const inner = new TX(this.#connection, new Turns());
    return [
      () => {
        end(inner);
        release();
      },
      inner,
    ];
  }

  #inTurn(work) {
    return this.#connection.inTurn(this.__mutex, () => {
      this.#connection.assertOpen();
      return work();
    });
  }

  // Each call runs: the original takes calls whose texts look alike for one, two REPLACEs for example.
  #run(sql, values = []) {
    return this.#inTurn(async () => {
      const { api, db } = this;
      const text = api.str_new(db, sql);
      let result = null;
      try {
        let next = { sql: api.str_value(text) };
        while ((next = await api.prepare_v2(db, next.sql))) {
          try {
            const found = await this.#rows(next.stmt, values ?? []);
            if (found.columns.length > 0) result ??= found;
          } finally {
            await api.finalize(next.stmt);
          }
        }
      } finally {
        api.str_finish(text);
      }
      return result;
    });
  }

  async #rows(statement, values) {
    const { api } = this;
    const columns = api.column_names(statement);
    for (let i = 0; i < values.length; ++i) api.bind(statement, i + 1, values[i]);
    const rows = [];
    while ((await api.step(statement)) === SQLITE_ROW) rows.push(api.row(statement));
    return { columns, rows };
  }
}

// What came after it would be outside of the transaction, in the middle of somebody else's turn.
function end(tx) {
  tx.isOver = true;
  tx.__mutex.end(new SQLiteError('this transaction is over', SQLITE_MISUSE));
}

/** A database. */
export class DB extends TX {
  #connection;
  #siteid = null;
  #tablesUsedStmt;
  #listeners;

  constructor(api, db, filename) {
    const connection = new Connection(api, db, filename);
    super(connection, connection.mutex);
    this.#connection = connection;
    this.filename = filename;
  }

  /** This database's site id, 32 hexadecimal digits in upper case. */
  get siteid() {
    return this.#siteid;
  }

  _setSiteid(siteid) {
    if (this.#siteid) throw new Error('Site id already set');
    this.#siteid = siteid;
  }

  /** Of a query: the names of the tables that it reads, as arrays of one. */
  get tablesUsedStmt() {
    if (!this.#tablesUsedStmt) throw new Error('tablesUsedStmt not set');
    return this.#tablesUsedStmt;
  }

  _setTablesUsedStmt(statement) {
    this.#tablesUsedStmt = statement;
  }

  /**
   * Brings the database to that schema: 'noop', it has it; 'apply', it had one of another name, and all tables are new;
   * 'migrate', they were altered.
   */
  async automigrateTo(schemaName, schemaContent) {
    const version = BigInt.asIntN(64, cryb64(schemaContent));
    const stored = async (key) =>
      (await this.execA('SELECT value FROM crsql_master WHERE key = ?', [key]))[0]?.[0];
    const storedName = await stored('schema_name');
    const storedVersion = await stored('schema_version');
    const isSame = storedName === schemaName;
    if (isSame && BigInt(storedVersion ?? 0) === version) return 'noop';
    await this.tx(async (tx) => {
      if (!isSame) await dropAll(tx);
      if (isSame && storedVersion != null) {
        await tx.exec("SELECT crsql_automigrate(?, 'SELECT crsql_finalize();')", [schemaContent]);
      } else {
        await tx.exec(schemaContent);
      }
      const store = 'INSERT OR REPLACE INTO crsql_master (key, value) VALUES (?, ?)';
      await tx.exec(store, ['schema_version', version]);
      await tx.exec(store, ['schema_name', schemaName]);
    });
    // It is only about the file's size: in the middle of a transaction, say, it does without.
    await this.exec('VACUUM').catch(() => {});
    return isSame ? 'migrate' : 'apply';
  }

  /** Finalizes the statements that are left, and closes. */
  close() {
    return this.#connection.inTurn(this.__mutex, async () => {
      this.#connection.assertOpen();
      for (const statement of [...this.#connection.statements]) await statement.release();
      this.#connection.isClosed = true;
      return this.api.close(this.db);
    });
  }

  /** `fn` in SQL, with as many arguments as it names. What it throws is the statement's error. */
  createFunction(name, fn) {
    this.#connection.assertOpen();
    const { api } = this;
    api.create_function(this.db, name, fn.length, SQLITE_UTF8, 0, (context, values) => {
      // Nothing may be thrown through SQLite, whose statement would never end.
      try {
        const result = fn(...Array.from(values, (value) => api.value(value)));
        if (result !== undefined) api.result(context, result);
      } catch (error) {
        api.result_error(context, String(error?.message ?? error));
      }
    });
  }

  /** Tells of each row as it is written, in the middle of the statement. Returns what ends it. */
  onUpdate(listener) {
    if (!this.#listeners) {
      this.#listeners = new Set();
      this.api.update_hook(this.db, (...event) => this.#updated(event));
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // A listener that throws is its own affair: it is reported as an uncaught error, and the others are told.
  #updated(event) {
    for (const listener of this.#listeners) {
      try {
        listener(...event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

// Views go with the tables that they show. Virtual tables come first: some of the others are theirs and go with them.
async function dropAll(tx) {
  const names = await tx.execA(`SELECT type, name FROM sqlite_master
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'crsql\\_%' ESCAPE '\\'
    ORDER BY type = 'view' DESC, rootpage`);
  for (const [type, name] of names) await tx.exec(`DROP ${type} IF EXISTS "${name.replaceAll('"', '""')}"`);
}

export class SQLite3 {
  constructor(base) {
    this.base = base;
  }

  /** Opens a database of the browser's store, which is made if it is not there; without a name, one in memory. */
  async open(filename) {
    const name = filename || MEMORY;
    const flags = SQLITE_OPEN_CREATE | SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI;
    const handle = await calls.runExclusive(
      () => this.base.open_v2(name, flags, filename ? STORE : undefined), { filename: name });
    const db = new DB(this.base, handle, name);
    try {
      db._setTablesUsedStmt((await db.prepare(TABLES_USED)).raw(true));
      db._setSiteid((await db.execA('SELECT hex(crsql_site_id())'))[0][0]);
      return db;
    } catch (error) {
      await db.close();
      throw error;
    }
  }
}

async function load(locateWasm) {
  const url = locateWasm ? locateWasm('crsqlite.wasm') : new URL('./crsqlite.wasm', import.meta.url).href;
  const options = { locateFile: () => url, print() {}, printErr() {} };
  if (String(url).startsWith('file:')) {
    const { readFile } = await import(/* @vite-ignore */ 'node:fs/promises');
    options.wasmBinary = await readFile(new URL(url));
  }
  const api = createApi(await createModule(options));
  // Node has no store: its databases are in memory.
  if (globalThis.indexedDB) api.vfs_register(new IDBBatchAtomicVFS(STORE, { durability: 'relaxed' }));
  return new SQLite3(api);
}

let loaded;

/** Loads SQLite, once; where from is `locateWasm('crsqlite.wasm')`. */
export default function initWasm(locateWasm) {
  loaded ??= load(locateWasm).catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}
