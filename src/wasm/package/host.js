// Does the work behind a Database, one job after another: statements, transactions, sync. It runs in a worker
// (worker.js), or, for databases in memory, wherever there are none.
import { CANTOPEN, MISUSE, SqliteError } from './error.js';
import { SharedLock } from './lock.js';
import { OpfsFiles, hasOpfs } from './opfs.js';
import { Connection, loadModule } from './sqlite.js';
import { Talk } from './talk.js';

const COLUMNS = ['table', 'pk', 'cid', 'val', 'col_version', 'db_version', 'site_id', 'cl', 'seq'];
const NAMES = COLUMNS.map((name) => `"${name}"`).join(', ');

const objects = ({ columns, rows }) =>
  rows.map((row) => Object.fromEntries(row.map((value, i) => [columns[i], value])));

/** A database as its client calls it. `push(kind, ...details)` tells the client what it has not asked for. */
export class Host {
  #connection;
  #lock;
  #push;
  #queue = Promise.resolve();
  #transaction;
  #transactions = 0;
  // Of the transaction that is open, and of those that are committed and not told yet.
  #events = [];
  #committed = [];
  #totalChanges = 0;
  #talks = new Map();

  static async open(name, { storage, wasm }, push) {
    const host = new Host();
    host.#push = push;
    const isKept = storage !== 'memory' && name !== undefined && await hasOpfs();
    if (storage === 'opfs' && !isKept) throw new SqliteError('there is no origin private file system here', CANTOPEN);
    const module = await loadModule(wasm);
    const files = isKept ? new OpfsFiles(name) : undefined;
    if (isKept) host.#lock = new SharedLock(name, files, (news) => host.#hear(news));
    try {
      await host.#lock?.open();
      await host.#alone(() => {
        host.#connection = new Connection(module, files?.database, files);
      });
      host.#connection.listen((...event) => host.#note(event), () => (host.#events = []));
      host.#connection.onCommitted = () => host.#keep();
      const siteId = await host.#job(() => host.#connection.value('SELECT lower(hex(crsql_site_id()))'));
      return { host, about: { storage: isKept ? 'opfs' : 'memory', siteId } };
    } catch (error) {
      host.#lock?.close();
      throw error;
    }
  }

  /** Rows as objects. */
  exec(sql, parameters, transaction) {
    return this.#within(transaction, () => objects(this.#connection.run(sql, parameters)));
  }

  /** Rows as arrays. */
  execA(sql, parameters, transaction) {
    return this.#within(transaction, () => this.#connection.run(sql, parameters).rows);
  }

  /** Begins a transaction that the client names in what follows; others wait until it is over. */
  begin() {
    return new Promise((done, failed) => {
      this.#job(async () => {
        const id = ++this.#transactions;
        // Inside one that was begun by hand it is a part of that.
        const name = this.#connection.isAutocommit ? undefined : `rejoin_${id}`;
        this.#connection.run(name ? `SAVEPOINT ${name}` : 'BEGIN IMMEDIATE');
        await new Promise((resolve) => {
          const over = () => {
            this.#transaction = undefined;
            resolve();
          };
          this.#transaction = { id, name, over, told: this.#events.length };
          done(id);
        });
      }).catch(failed);
    });
  }

  /** Where it fails the transaction is still open: rollback() ends it. */
  async commit(id) {
    const { name, over } = this.#open(id);
    this.#connection.run(name ? `RELEASE ${name}` : 'COMMIT');
    over();
  }

  async rollback(id) {
    const { name, told, over } = this.#open(id);
    try {
      if (name && !this.#connection.isAutocommit) this.#undo(name, told);
      else if (!this.#connection.isAutocommit) this.#connection.run('ROLLBACK');
    } catch {
      // What is gone already, by SQLite itself or by hand, is rolled back or committed as it is.
    }
    over();
  }

  changes(version, except) {
    const sql = `SELECT ${NAMES}, typeof(val) = 'real' AS real FROM crsql_changes
      WHERE db_version > ? AND site_id IS NOT ?`;
    const told = ({ real, ...change }) => (real && Number.isInteger(change.val) ? { ...change, real: true } : change);
    return this.#job(() => objects(this.#connection.run(sql, [version, except ?? null])).map(told));
  }

  /** All of them, or none. How many of them were news. */
  apply(changes) {
    const statement = (value) => `INSERT INTO crsql_changes (${NAMES})
      VALUES (${COLUMNS.map((name) => (name === 'val' ? value : '?')).join(', ')})`;
    const [sql, sqlOfReal] = [statement('?'), statement('CAST(? AS REAL)')];
    return this.#job(() => {
      const db = this.#connection;
      db.run('SAVEPOINT rejoin_apply');
      const told = this.#events.length;
      try {
        const before = db.value('SELECT crsql_rows_impacted()');
        for (const change of changes) db.run(change.real ? sqlOfReal : sql, COLUMNS.map((name) => change[name]));
        const news = db.value('SELECT crsql_rows_impacted()') - before;
        db.run('RELEASE rejoin_apply');
        return news;
      } catch (error) {
        if (!db.isAutocommit) this.#undo('rejoin_apply', told);
        throw error;
      }
    });
  }

  digest(table) {
    return this.#job(() => this.#connection.digest(table));
  }

  async sync(id, url, options) {
    this.#connection.assertUsable();
    const changed = (state) => this.#push('sync', id, state);
    this.#talks.set(id, new Talk(this.#connection, (work) => this.#job(work), url, options, changed));
  }

  async stopSync(id) {
    const talk = this.#talks.get(id);
    this.#talks.delete(id);
    await talk?.stop();
  }

  /** The network may be back, or another one. */
  wake() {
    for (const talk of this.#talks.values()) talk.wake();
  }

  async close() {
    await Promise.all([...this.#talks.keys()].map((id) => this.stopSync(id)));
    await this.#job(() => this.#connection.close());
    this.#lock?.close();
  }

  // Inside the client's transaction at once, else when its turn comes.
  #within(transaction, work) {
    if (transaction === undefined) return this.#job(work);
    if (this.#transaction?.id !== transaction) {
      return Promise.reject(new SqliteError('this transaction is over', MISUSE));
    }
    return Promise.resolve().then(work);
  }

  #open(id) {
    if (this.#transaction?.id !== id) throw new SqliteError('this transaction is over', MISUSE);
    return this.#transaction;
  }

  // What was written since a savepoint, and what would be told of it.
  #undo(savepoint, told) {
    this.#events.length = Math.min(this.#events.length, told);
    this.#connection.run(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
  }

  // One after another, each with the database to itself.
  #job(work) {
    const result = this.#queue.then(() => this.#alone(work));
    this.#queue = result.catch(() => {});
    return result;
  }

  async #alone(work) {
    const wasFree = this.#connection?.isAutocommit ?? true;
    if (wasFree) await this.#lock?.enter();
    try {
      return await work();
    } finally {
      // In the middle of a transaction that was begun by hand nobody else may have it.
      if (this.#connection?.isAutocommit ?? true) {
        this.#tell();
        this.#lock?.leave();
      }
    }
  }

  #note([type, database, table, rowid]) {
    if (!table.includes('__crsql') && !table.startsWith('crsql_')) this.#events.push([type, database, table, rowid]);
  }

  // There is no transaction any more, so nothing of it can be rolled back.
  #keep() {
    for (const event of this.#events.splice(0)) this.#committed.push(event);
  }

  #tell() {
    this.#keep();
    const total = this.#connection?.totalChanges ?? 0;
    if (total === this.#totalChanges) return;
    this.#totalChanges = total;
    const events = this.#committed.splice(0);
    if (events.length > 0) this.#push('update', events);
    // Not all that is written has events: a table WITHOUT ROWID has none.
    this.#lock?.tell({ kind: 'update', events });
    this.#pump();
  }

  #hear({ events }) {
    if (events.length > 0) this.#push('update', events);
    this.#pump();
  }

  #pump() {
    for (const talk of this.#talks.values()) void talk.pump();
  }
}
