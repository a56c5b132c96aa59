// SQLite with Rejoin in this thread: one connection, synchronous. The rest of the package is around this.
import { CANTOPEN, MISUSE, NOMEM, RANGE, SqliteError } from './error.js';
import createModule from './rejoin.mjs';

const OK = 0;
const ROW = 100;
const DONE = 101;
const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;
const READWRITE_CREATE = 0x6;
// In SQL. No text can be read in two ways, or a long comment would take forever.
const NOTHING = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$))*$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });  // a mark is a part of the text

async function bytesOf(source) {
  // Spelled out, so that bundlers find the file.
  const url = source === undefined ? new URL('./rejoin.wasm', import.meta.url) : new URL(source);
  if (url.protocol !== 'file:') {
    const response = await fetch(url);
    if (!response.ok) throw new SqliteError(`${url}: ${response.status} ${response.statusText}`, CANTOPEN);
    return response.arrayBuffer();
  }
  const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises');
  return readFile(url);
}

/** Loads the WebAssembly module from `source`: a URL, its bytes, or nothing: the file beside this one. */
export async function loadModule(source) {
  const isBytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source);
  return createModule({ wasmBinary: new Uint8Array(isBytes ? source : await bytesOf(source)) });
}

const tooMany = (given, places) =>
  new SqliteError(`${given} parameters were given, and there are places for ${places}`, RANGE);

/** One connection. Everything happens before a call returns. */
export class Connection {
  #module;
  #db;
  #pointers;
  #files;
  #failure;

  /** Called after each statement that leaves no transaction open. */
  onCommitted = () => {};

  /** Opens `name` in the file system `files` (see opfs.js); without one, a database in memory. */
  constructor(module, name, files) {
    this.#module = module;
    this.#files = files;
    this.#pointers = module._malloc(8);
    if (files) module.registerVFS(files, false);
    const code = module.ccall('sqlite3_open_v2', 'number', ['string', 'number', 'number', 'string'],
      [files ? name : ':memory:', this.#pointers, READWRITE_CREATE, files ? files.name : null]);
    this.#db = module.getValue(this.#pointers, '*');
    if (code === OK) {
      /** What sessions of this connection share. */
      this.past = module._past_begin();
      return;
    }
    const error = this.#error();
    module._sqlite3_close(this.#db);
    throw error;
  }

  /** The connection's address, for calls of the module. */
  get pointer() {
    return this.#db;
  }

  /** Whether no transaction is open. */
  get isAutocommit() {
    return !this.isUsable || this.#module._sqlite3_get_autocommit(this.#db) !== 0;
  }

  /** How many rows were written so far, in tables of whatever kind. */
  get totalChanges() {
    return this.isUsable ? this.#module._sqlite3_total_changes(this.#db) : 0;
  }

  /** Runs all statements of `sql`; { columns, rows } of the first that has columns. */
  run(sql, parameters) {
    return this.guard(() => this.#runAll(sql, parameters ?? []));
  }

  /** Does `work`, which calls the module. */
  guard(work) {
    this.assertUsable();
    try {
      return work(this.#module);
    } catch (error) {
      if (error instanceof SqliteError) throw error;
      // Something went through the module that it knows nothing of, such as the end of JavaScript's stack. What is in
      // its memory now nobody knows; what is in the file is whole, or will be, by its journal.
      this.#files?.abandon();
      this.#failure = `SQLite has failed in the middle of its work, and the database must be opened again: ${error}`;
      throw new SqliteError(this.#failure, MISUSE);
    }
  }

  /** Whether something can be run. */
  get isUsable() {
    return this.#failure === undefined && this.#db !== 0;
  }

  /** Throws where nothing can be run any more. */
  assertUsable() {
    if (this.#failure !== undefined) throw new SqliteError(this.#failure, MISUSE);
    if (this.#db === 0) throw new SqliteError('the database is closed', MISUSE);
  }

  #runAll(sql, parameters) {
    if (typeof sql !== 'string' || sql.includes('\0')) throw new SqliteError('SQL is a text without NUL', MISUSE);
    if (typeof parameters !== 'object') throw new SqliteError('parameters are an array or an object', MISUSE);
    const given = Array.isArray(parameters) ? parameters.length : 0;
    const bytes = encoder.encode(`${sql}\0`);
    const start = this.#allocated(bytes);
    let places = 0;
    let result;
    try {
      let next = start;
      for (;;) {
        this.#check(this.#module._sqlite3_prepare_v2(this.#db, next, -1, this.#pointers, this.#pointers + 4));
        const statement = this.#module.getValue(this.#pointers, '*');
        next = this.#module.getValue(this.#pointers + 4, '*');
        if (statement === 0) break;
        const isLast = () => NOTHING.test(decoder.decode(bytes.subarray(next - start, bytes.length - 1)));
        try {
          places = Math.max(places, this.#bindAll(statement, parameters));
          if (given > places && isLast()) throw tooMany(given, places);
          const found = this.#all(statement);
          if (result === undefined && found.columns.length > 0) result = found;
        } finally {
          this.#module._sqlite3_finalize(statement);
        }
        if (this.isAutocommit) this.onCommitted();
      }
    } finally {
      this.#module._sqlite3_free(start);
    }
    if (given > places) throw tooMany(given, places);
    return result ?? { columns: [], rows: [] };
  }

  /** The first column of the first row. */
  value(sql, parameters) {
    return this.run(sql, parameters).rows[0]?.[0];
  }

  /** A digest of the rows and clocks of that CRR, or of all. */
  digest(table = '') {
    const text = this.guard((module) =>
      module.ccall('replica_digest', 'string', ['number', 'string'], [this.#db, table]));
    if (text.startsWith('!')) throw new SqliteError(text.slice(1), 1);
    return text;
  }

  /** Calls `updated(type, database, table, rowid)` for each row that is written, `undone()` at a rollback. */
  listen(updated, undone) {
    this.#module.updateHook(this.#db, updated);
    this.#module.rollbackHook(this.#db, undone);
  }

  close() {
    if (!this.isUsable) return;
    this.guard((module) => {
      this.#check(module._sqlite3_close(this.#db));
      module._past_end(this.past);
      module._free(this.#pointers);
      this.#db = 0;
    });
  }

  #error() {
    const message = this.#module.UTF8ToString(this.#module._sqlite3_errmsg(this.#db));
    return new SqliteError(message, this.#module._sqlite3_extended_errcode(this.#db));
  }

  #check(code) {
    if (code !== OK) throw this.#error();
  }

  // Freed by sqlite3_free.
  #allocated(bytes) {
    const pointer = this.#module._sqlite3_malloc(Math.max(bytes.length, 1));
    if (pointer === 0) throw new SqliteError('out of memory', NOMEM);
    this.#module.HEAPU8.set(bytes, pointer);
    return pointer;
  }

  #all(statement) {
    const module = this.#module;
    const columns = [];
    const count = module._sqlite3_column_count(statement);
    for (let i = 0; i < count; ++i) columns.push(module.UTF8ToString(module._sqlite3_column_name(statement, i)));
    const rows = [];
    let code;
    while ((code = module._sqlite3_step(statement)) === ROW) {
      rows.push(columns.map((_, i) => this.#column(statement, i)));
    }
    if (code !== DONE) throw this.#error();
    return { columns, rows };
  }

  // How many places the statement has.
  #bindAll(statement, parameters) {
    const count = this.#module._sqlite3_bind_parameter_count(statement);
    for (let i = 1; i <= count; ++i) {
      let key = i - 1;
      if (!Array.isArray(parameters)) {
        const name = this.#module.UTF8ToString(this.#module._sqlite3_bind_parameter_name(statement, i));
        key = Object.hasOwn(parameters, name) ? name : name.slice(1);
      }
      if (!Object.hasOwn(parameters, key)) {
        throw new SqliteError(`parameter ${i} of the statement was not given`, RANGE);
      }
      this.#check(this.#bind(statement, i, parameters[key]));
    }
    return count;
  }

  #bind(statement, i, value) {
    const module = this.#module;
    if (value === null || value === undefined) return module._sqlite3_bind_null(statement, i);
    if (typeof value === 'boolean') return module._sqlite3_bind_int(statement, i, value ? 1 : 0);
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return module._sqlite3_bind_double(statement, i, value);
      return this.#bindInteger(statement, i, BigInt(value));
    }
    if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) throw new SqliteError(`parameter ${i} does not fit into 64 bits`, RANGE);
      return this.#bindInteger(statement, i, value);
    }
    const isText = typeof value === 'string';
    const bytes = isText ? encoder.encode(value)
      : value instanceof ArrayBuffer ? new Uint8Array(value)
      : ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined;
    if (bytes === undefined) {
      throw new SqliteError(`parameter ${i} is no value of SQLite's: ${Object.prototype.toString.call(value)}`, RANGE);
    }
    const bind = isText ? module._sqlite3_bind_text : module._sqlite3_bind_blob;
    return bind(statement, i, this.#allocated(bytes), bytes.length, module._getSqliteFree());
  }

  #bindInteger(statement, i, value) {
    const low = Number(BigInt.asIntN(32, value));
    return this.#module._sqlite3_bind_int64(statement, i, low, Number(value >> 32n));
  }

  #column(statement, i) {
    const module = this.#module;
    switch (module._sqlite3_column_type(statement, i)) {
      case INTEGER: {
        const low = module._sqlite3_column_int64(statement, i) >>> 0;
        const value = (BigInt(module.getTempRet0() | 0) << 32n) | BigInt(low);
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
      }
      case FLOAT:
        return module._sqlite3_column_double(statement, i);
      case TEXT: {
        const start = module._sqlite3_column_text(statement, i);
        return decoder.decode(module.HEAPU8.subarray(start, start + module._sqlite3_column_bytes(statement, i)));
      }
      case BLOB: {
        const start = module._sqlite3_column_blob(statement, i);
        return module.HEAPU8.slice(start, start + module._sqlite3_column_bytes(statement, i));
      }
      default:
        return null;
    }
  }
}
