// A real vlcn client in a headless Chromium, its database in the browser's own store, syncs through the hub with one in
// Node and with a native replica.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { allStored } from '../support/browser_store.mjs';
import { Hub, atEnd, modules, scratch, skip, tool, until } from './support.mjs';
import { Client } from './vlcn_clients.mjs';

const program = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
  try {
    return execFileSync(name, ['--version'], { stdio: 'pipe' });
  } catch {
    return false;
  }
});
if (program === undefined) skip('no Chromium is here');

const NAME = 'test.sql';
const SCHEMA = `CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY NOT NULL, a, b);
SELECT crsql_as_crr('t');
`;
const SCRIPT = 'text/javascript';
const TYPES = { '.html': 'text/html', '.js': SCRIPT, '.mjs': SCRIPT, '.wasm': 'application/wasm' };

/// A browser with one page, which does what it is told.
class Browser {
  constructor(setup) {
    this.setup = setup;
    this.commands = [];
    this.uncaught = [];
    this.server = createServer((request, response) => this.#serve(request, response));
    this.profile = scratch('profile');
  }

  async start() {
    if (!this.server.listening) await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.process = spawn(program, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
      '--no-first-run', `--user-data-dir=${this.profile}`, `http://127.0.0.1:${this.server.address().port}/`],
    { stdio: 'ignore', detached: true });
    await until('the page', () => this.waiting, 90000);
    return this;
  }

  /// It is killed with all of its processes.
  async stop() {
    if (this.process === undefined) return;
    const ended = new Promise((done) => this.process.once('exit', done));
    process.kill(-this.process.pid, 'SIGKILL');
    await ended;
    this.process = undefined;
    this.waiting = undefined;
  }

  rows(sql) {
    return this.#ask({ sql });
  }

  /// What a function gives in the page.
  evaluate(body) {
    return this.#ask({ text: String(body) });
  }

  #ask(command) {
    return new Promise((done, failed) => {
      this.commands.push({ command, done, failed });
      this.#tell();
    });
  }

  #tell() {
    if (this.waiting === undefined || this.current !== undefined || this.commands.length === 0) return;
    this.current = this.commands.shift();
    const response = this.waiting;
    this.waiting = undefined;
    response.end(JSON.stringify(this.current.command));
  }

  #serve(request, response) {
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      if (request.url === '/command') {
        this.waiting = response;
        this.#tell();
        return;
      }
      if (request.url === '/result') {
        const { rows, error } = JSON.parse(body);
        const { done, failed } = this.current;
        this.current = undefined;
        error === undefined ? done(rows) : failed(new Error(error));
        response.end();
        return;
      }
      if (request.url === '/uncaught') {
        this.uncaught.push(JSON.parse(body));
        response.end();
      } else if (request.url === '/setup') {
        response.end(JSON.stringify(this.setup()));
      } else {
        this.#file(new URL(request.url, 'http://here').pathname, response);
      }
    });
  }

  #file(path, response) {
    const file = path === '/' ? fileURLToPath(new URL('browser_page.html', import.meta.url))
      : join(modules, normalize(path.replace(/^\/modules\//, '/')));
    try {
      const bytes = readFileSync(file);
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }
}

const hub = await new Hub({ [NAME]: SCHEMA }).start();
const browser = new Browser(() => ({ name: 'app.db', schema_name: NAME, schema: SCHEMA, url: hub.url, room: 'web' }));
atEnd.push(() => browser.stop());
const ALL = 'SELECT id, a, typeof(a), b, typeof(b) FROM t ORDER BY id';

test('a browser, Node and a native replica come to the same rows', { timeout: 150000 }, async () => {
  const node = await (await Client.open(NAME, SCHEMA)).connect(hub, 'web');
  await node.exec("INSERT INTO t VALUES (1, 'node', 1.5)");
  await browser.start();
  await until('its row', async () => (await browser.rows('SELECT a FROM t')) === '[["node"]]');
  await browser.rows("INSERT INTO t VALUES (2, 'browser', 9007199254740993)");
  await until('the other one', async () => JSON.parse(await node.rows(ALL)).length === 2);
  const file = scratch('native.db');
  const room = `ws://127.0.0.1:${hub.port}/web`;
  tool('sync', '--create', file, room);
  tool('sql', file, "INSERT INTO t VALUES (3, 'native', 3); UPDATE t SET b = 2 WHERE id = 1");
  tool('sync', file, room);
  await until('three', async () => JSON.parse(await browser.rows(ALL)).length === 3);
  await until('equal', async () => (await browser.rows(ALL)) === (await node.rows(ALL)));
  assert.equal(await node.rows('SELECT id, a, b FROM t ORDER BY id'),
    '[[1,"node",2],[2,"browser","9007199254740993n"],[3,"native",3]]');
});

test('a browser that is killed goes on where it was', { timeout: 150000 }, async () => {
  await browser.evaluate(allStored);
  const site = await browser.rows('SELECT hex(crsql_site_id())');
  await browser.stop();
  const node = await (await Client.open(NAME, SCHEMA)).connect(hub, 'web');
  await until('all rows', async () => JSON.parse(await node.rows(ALL)).length === 3);
  await node.exec("UPDATE t SET a = 'meanwhile' WHERE id = 2");
  await browser.start();
  assert.equal(await browser.rows('SELECT hex(crsql_site_id())'), site, 'the same database');
  await until('what it missed', async () => (await browser.rows('SELECT a FROM t WHERE id = 2')) === '[["meanwhile"]]');
  await browser.rows("INSERT INTO t VALUES (4, 'back', 4)");
  await until('its own', async () => JSON.parse(await node.rows(ALL)).length === 4);
  assert.deepEqual(browser.uncaught, []);
  tool('check', hub.file('web'));
});
