// What the tests of npm's clients share: the packages, a hub to talk to, waiting.
//
//   node X_test.mjs REJOIN DIRECTORY        DIRECTORY has the node_modules of package.json
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';

const rejoin = resolve(process.argv[2]);
export const modules = resolve(process.argv[3], 'node_modules');
const SKIPPED = 77;
if (!existsSync(modules)) {
  console.log('npm has installed nothing: the tests with its packages are left out');
  process.exit(SKIPPED);
}

export const load = (...path) => import(pathToFileURL(join(modules, ...path)));

const folder = mkdtempSync(join(tmpdir(), 'rejoin-npm-'));
const running = new Set();
after(() => {
  for (const hub of running) hub.process.kill('SIGKILL');
  rmSync(folder, { recursive: true });
  // Sockets that try again and channels of the packages would keep the process alive.
  setTimeout(() => process.exit(), 200).unref();
});

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/// Waits until `holds()` gives something true, and returns it.
export async function until(what, holds, milliseconds = 30000) {
  const end = Date.now() + milliseconds;
  let last;
  for (;;) {
    try {
      const result = await holds();
      if (result) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what} did not come true; the last was ${last}`);
    await sleep(20);
  }
}

/// What the tool prints. Throws where it fails.
export function tool(...words) {
  return execFileSync(rejoin, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/// A path for a file of a test's own.
export const scratch = (name) => join(folder, name);

let hubs = 0;

/// `rejoin serve` on a folder of its own.
export class Hub {
  constructor(schemas = {}, options = []) {
    this.options = options;
    this.data = join(folder, `hub-${++hubs}`);
    this.schemas = `${this.data}-schemas`;
    mkdirSync(this.data);
    mkdirSync(this.schemas);
    for (const [name, text] of Object.entries(schemas)) this.schema(name, text);
    this.port = 0;
    this.errors = '';
  }

  schema(name, text) {
    writeFileSync(join(this.schemas, name), text);
  }

  async start() {
    const child = spawn(rejoin, ['serve', '--data', this.data, '--schemas', this.schemas, '--listen',
      `127.0.0.1:${this.port}`, ...this.options], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    running.add(this);
    child.stderr.on('data', (text) => (this.errors += text));
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    this.port = await until('the hub', () => {
      if (child.exitCode !== null) throw new Error(`the hub ended: ${this.errors}`);
      return Number(/:(\d+)\n/.exec(said)?.[1]);
    });
    return this;
  }

  async stop(signal = 'SIGTERM') {
    running.delete(this);
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill(signal);
    await ended;
  }

  get url() {
    return `ws://127.0.0.1:${this.port}/sync`;
  }

  file(room) {
    return join(this.data, `${room}.db`);
  }

  /// The tool's answer about a room's file; the hub may be running.
  sql(room, text) {
    return tool('sql', this.file(room), text);
  }
}
