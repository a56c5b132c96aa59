// Two replicas of a list in one process: each is written for itself, then each takes the other's changes.
import Database from 'better-sqlite3';

const nativeBinding = new URL('build/Release/better_sqlite3.node', import.meta.url).pathname;
const columns = '"table", pk, cid, val, col_version, db_version, site_id, cl, seq';

function open() {
  const db = new Database(':memory:', { nativeBinding });
  db.exec("CREATE TABLE list (item TEXT PRIMARY KEY NOT NULL, amount INTEGER); SELECT crsql_as_crr('list')");
  return db;
}

function pull(into, from) {
  const changes = from.prepare(`SELECT ${columns} FROM crsql_changes`).raw().safeIntegers();
  const merge = into.prepare(`INSERT INTO crsql_changes (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  into.transaction(() => changes.all().forEach((change) => merge.run(change)))();
}

const [phone, laptop] = [open(), open()];
phone.exec("INSERT INTO list VALUES ('milk', 1), ('bread', 1)");
pull(laptop, phone);
phone.exec("UPDATE list SET amount = 2 WHERE item = 'bread'");
laptop.exec("DELETE FROM list WHERE item = 'milk'; INSERT INTO list VALUES ('apples', 6)");
pull(laptop, phone);
pull(phone, laptop);

for (const db of [phone, laptop]) {
  const rows = db.prepare('SELECT item, amount FROM list ORDER BY item').raw().all();
  console.log(rows.map((row) => row.join(' ')).join(', '));
  db.close();
}
