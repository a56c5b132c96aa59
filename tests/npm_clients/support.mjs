// What the tests of npm's clients share: the packages, a hub to talk to, waiting.
//
//   node X_test.mjs REJOIN DIRECTORY        DIRECTORY has the node_modules of package.json
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';

import { HubProcess, sleep, until } from '../support/hub_process.mjs';

export { sleep, until };

const rejoin = resolve(process.argv[2]);
export const modules = resolve(process.argv[3], 'node_modules');

/// Ends the process: the tests cannot run here. In CI, which must not go without, that is a failure.
export function skip(why) {
  console.log(why);
  process.exit(process.env.CI ? 1 : 77);
}

if (!existsSync(modules)) skip('npm has installed nothing: the tests with its packages are left out');

export const load = (...path) => import(pathToFileURL(join(modules, ...path)));

const folder = mkdtempSync(join(tmpdir(), 'rejoin-npm-'));
export const atEnd = [];
after(async () => {
  for (const end of atEnd.reverse()) await end();
  // What a browser that is killed leaves running for a moment may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  // Sockets that try again and channels of the packages would keep the process alive.
  setTimeout(() => process.exit(), 200).unref();
});

/// What the tool prints. Throws where it fails.
export function tool(...words) {
  return execFileSync(rejoin, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/// A path for a file of a test's own.
export const scratch = (name) => join(folder, name);

let hubs = 0;

/// `rejoin serve` on a folder of its own.
export class Hub extends HubProcess {
  constructor(schemas = {}, options = []) {
    const data = join(folder, `hub-${++hubs}`);
    super(rejoin, data, ['--schemas', `${data}-schemas`, ...options]);
    this.schemas = `${data}-schemas`;
    mkdirSync(this.data);
    mkdirSync(this.schemas);
    for (const [name, text] of Object.entries(schemas)) this.schema(name, text);
    atEnd.push(() => this.stop('SIGKILL'));
  }

  schema(name, text) {
    writeFileSync(join(this.schemas, name), text);
  }

  get url() {
    return `ws://127.0.0.1:${this.port}/sync`;
  }

  /// The tool's answer about a room's file; the hub may be running.
  sql(room, text) {
    return tool('sql', this.file(room), text);
  }
}
