// Serves the real cr-sqlite (@vlcn.io/crsqlite-wasm) to a test: one JSON object a line in, one a line out, in order.
//
//   node server.mjs DIRECTORY        DIRECTORY has the node_modules with the two packages of package.json
//
//   {"op":"open","db":NAME}                          a database in memory; open again = a fresh one
//   {"op":"open","db":NAME,"bytes":HEX}              a database file with this content ("" = new), kept in memory
//   {"op":"run","db":NAME,"sql":TEXT,"params":[V…]}  all statements of TEXT; params are bound to each that has any
//       -> {"results":[[[V…]…]…],"autocommit":BOOL,"error":{"code":N,"message":TEXT}?}
//          a list of rows for each statement that was run, up to the first error
//   {"op":"export","db":NAME}  -> {"bytes":HEX}      the file's content (only of one opened with bytes)
//   {"op":"close","db":NAME}
//   any of them -> {"trap":TEXT}                     the WebAssembly aborted: every database is gone
//
// A value V is null, {"i":DECIMAL}, {"r":16 hex digits of the IEEE bits}, {"t":TEXT}, {"x":HEX of text that is
// not UTF-8
// or has a NUL}, {"b":HEX of a blob}.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const modules = resolve(process.argv[2], 'node_modules', '@vlcn.io');
const load = (...path) => import(pathToFileURL(join(modules, ...path)));
const { default: init } = await load('crsqlite-wasm', 'dist', 'crsqlite.mjs');
const SQLite = await load('wa-sqlite', 'src', 'sqlite-api.js');
const { MemoryVFS } = await load('wa-sqlite', 'src', 'examples', 'MemoryVFS.js');
const wasmBinary = readFileSync(join(modules, 'crsqlite-wasm', 'dist', 'crsqlite.wasm'));

const TRANSIENT = -1;
const OPEN_FLAGS = SQLite.SQLITE_OPEN_READWRITE | SQLite.SQLITE_OPEN_CREATE;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

let module, sqlite, vfs, databases, opened;

async function boot() {
  module = await init({ wasmBinary, print: () => {}, printErr: () => {} });
  sqlite = SQLite.Factory(module);
  vfs = new MemoryVFS();
  sqlite.vfs_register(vfs, false);
  databases = new Map();
  opened = 0;
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'));

function column_bytes(statement, i) {
  const at = module._sqlite3_column_blob(statement, i);
  return module.HEAPU8.slice(at, at + module._sqlite3_column_bytes(statement, i));
}

function read_text(bytes) {
  if (!bytes.includes(0)) {
    try {
      return { t: utf8.decode(bytes) };
    } catch {
      // Not UTF-8: as it is.
    }
  }
  return { x: hex(bytes) };
}

function read(statement, i) {
  switch (module._sqlite3_column_type(statement, i)) {
    case SQLite.SQLITE_INTEGER:
      return { i: String(sqlite.column_int64(statement, i)) };
    case SQLite.SQLITE_FLOAT: {
      const bits = Buffer.alloc(8);
      bits.writeDoubleBE(module._sqlite3_column_double(statement, i));
      return { r: bits.toString('hex') };
    }
    case SQLite.SQLITE_TEXT:
      return read_text(column_bytes(statement, i));
    case SQLite.SQLITE_BLOB:
      return { b: hex(column_bytes(statement, i)) };
    default:
      return null;
  }
}

// wa-sqlite's own binding functions make an empty blob NULL and stop text at a NUL.
function bind_bytes(statement, i, bytes, bind) {
  const at = module._sqlite3_malloc(bytes.length + 1);
  module.HEAPU8.set(bytes, at);
  bind(statement, i, at, bytes.length, TRANSIENT);
  module._sqlite3_free(at);
}

function bind(statement, i, value) {
  if (value === null) module._sqlite3_bind_null(statement, i);
  else if ('i' in value) sqlite.bind_int64(statement, i, BigInt(value.i));
  else if ('r' in value) module._sqlite3_bind_double(statement, i, Buffer.from(value.r, 'hex').readDoubleBE());
  else if ('t' in value) bind_bytes(statement, i, Buffer.from(value.t, 'utf8'), module._sqlite3_bind_text);
  else if ('x' in value) bind_bytes(statement, i, unhex(value.x), module._sqlite3_bind_text);
  else bind_bytes(statement, i, unhex(value.b), module._sqlite3_bind_blob);
}

async function run_statement(statement, params) {
  const wanted = sqlite.bind_parameter_count(statement);
  for (let i = 0; i < wanted; i++) bind(statement, i + 1, params[i] ?? null);
  const rows = [];
  while ((await sqlite.step(statement)) === SQLite.SQLITE_ROW) {
    const row = [];
    for (let i = 0, n = sqlite.column_count(statement); i < n; i++) row.push(read(statement, i));
    rows.push(row);
  }
  return rows;
}

async function run({ db, sql, params = [] }) {
  const handle = databases.get(db).handle;
  const answer = { results: [] };
  try {
    for await (const statement of sqlite.statements(handle, sql)) {
      answer.results.push(await run_statement(statement, params));
    }
  } catch (error) {
    if (!(error instanceof SQLite.SQLiteError)) throw error;
    answer.error = { code: error.code, message: error.message };
  }
  answer.autocommit = sqlite.get_autocommit(handle) !== 0;
  return answer;
}

async function open({ db, bytes }) {
  await close({ db });
  if (bytes === undefined) {
    databases.set(db, { handle: await sqlite.open_v2(':memory:', OPEN_FLAGS) });
    return {};
  }
  const file = `file${++opened}`;
  if (bytes !== '') {
    const data = unhex(bytes);
    vfs.mapNameToFile.set(file, { name: file, flags: OPEN_FLAGS, size: data.length, data: data.buffer });
  }
  databases.set(db, { handle: await sqlite.open_v2(file, OPEN_FLAGS, vfs.name), file });
  return {};
}

async function close({ db }) {
  const database = databases.get(db);
  if (database === undefined) return {};
  databases.delete(db);
  await sqlite.exec(database.handle, 'SELECT crsql_finalize()');
  await sqlite.close(database.handle);
  if (database.file !== undefined) vfs.mapNameToFile.delete(database.file);
  return {};
}

async function export_file({ db }) {
  const { data, size } = vfs.mapNameToFile.get(databases.get(db).file);
  return { bytes: hex(new Uint8Array(data, 0, size)) };
}

const operations = { open, run, close, export: export_file };

async function answer(line) {
  try {
    const request = JSON.parse(line);
    return await operations[request.op](request);
  } catch (error) {
    await boot();
    return { trap: String(error?.message ?? error) };
  }
}

await boot();
process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(line)) + '\n');
}
