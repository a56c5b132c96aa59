// Pages in Chromium that have a database of @rejoin/wasm open.
import { launch, openPage, serve } from './support.mjs';

const PACKAGE = '/modules/@rejoin/wasm/index.js';
const address = await serve({ '/': '<!doctype html><title>Rejoin</title><link rel="icon" href="data:,">' });
export const browser = await launch();

/** A page with the database `name` open as `db`, with a table. */
export async function pageWith(context, name) {
  const page = await openPage(context, address);
  page.about = await page.evaluate(async ({ module, name }) => {
    window.rejoin = await import(module);
    window.db = await rejoin.open(name);
    await db.exec('CREATE TABLE IF NOT EXISTS t (id TEXT PRIMARY KEY NOT NULL, a)');
    await db.exec("SELECT crsql_as_crr('t')");
    return { storage: db.storage, siteId: db.siteId };
  }, { module: PACKAGE, name });
  page.exec = (sql, parameters) => page.evaluate(([sql, parameters]) => db.execA(sql, parameters), [sql, parameters]);
  page.count = async () => (await page.exec('SELECT count(*) FROM t'))[0][0];
  page.sync = (url) => page.evaluate((url) => {
    window.link = db.sync(url);
  }, url);
  page.state = () => page.evaluate(() => link.state);
  return page;
}

/** `count` rows whose ids begin so, each a transaction of its own. */
export const insert = (page, first, count) => page.evaluate(async ({ first, count }) => {
  for (let i = 0; i < count; ++i) await db.exec('INSERT INTO t VALUES (?, ?)', [`${first}${i}`, i]);
}, { first, count });
