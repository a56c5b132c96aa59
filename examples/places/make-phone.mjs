// Writes phone-monday.db and phone-friday.db with the real cr-sqlite, so that the demo merges a file that is not ours.
//
//   npm install @vlcn.io/crsqlite-wasm@0.16.0 && node make-phone.mjs
//
// (npm install anywhere above this folder.) On Monday the phone holds the list of capitals as it was loaded from
// capitals.csv; by Friday its owner has been travelling. The demo's laptop starts from Monday's file.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(process.cwd(), 'x.js'));
const load = (file) => import(pathToFileURL(require.resolve(file)));
const crsqlite = dirname(require.resolve('@vlcn.io/crsqlite-wasm'));
const { default: init } = await load(join(crsqlite, 'crsqlite.mjs'));
const SQLite = await load('@vlcn.io/wa-sqlite');
const { MemoryVFS } = await load('@vlcn.io/wa-sqlite/src/examples/MemoryVFS.js');

const sqlite = SQLite.Factory(await init({ wasmBinary: readFileSync(join(crsqlite, 'crsqlite.wasm')) }));
const vfs = new MemoryVFS();
sqlite.vfs_register(vfs, false);
const phone = await sqlite.open_v2(
  'phone.db', SQLite.SQLITE_OPEN_CREATE | SQLite.SQLITE_OPEN_READWRITE, vfs.name);

async function save(name) {
  await sqlite.exec(phone, 'VACUUM');
  const { data, size } = vfs.mapNameToFile.get('phone.db');
  writeFileSync(join(here, name), new Uint8Array(data, 0, size));
}

// A line of the CSV as a row of VALUES: quotes around what has letters or is quoted, the rest are numbers.
function row_of(line) {
  const fields = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((field) => field.replace(/,$/, '')).slice(0, 5);
  const text = (field) => `'${field.replace(/^"|"$/g, '').replaceAll("'", "''")}'`;
  return `(${text(fields[0])}, ${text(fields[1])}, ${fields.slice(2).map(Number).join(', ')})`;
}

const rows = readFileSync(join(here, 'capitals.csv'), 'utf8').trim().split('\n').slice(1).map(row_of);
await sqlite.exec(phone, readFileSync(join(here, 'schema.sql'), 'utf8'));
await sqlite.exec(phone, "SELECT crsql_as_crr('capitals')");
await sqlite.exec(phone, `INSERT INTO capitals (country, name, population, lat, lon) VALUES ${rows.join(', ')}`);
await save('phone-monday.db');

await sqlite.exec(phone, readFileSync(join(here, 'phone-week.sql'), 'utf8'));
await save('phone-friday.db');
await sqlite.exec(phone, 'SELECT crsql_finalize()');
await sqlite.close(phone);
