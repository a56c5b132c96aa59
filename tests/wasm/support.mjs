// What the tests of @rejoin/wasm share: the package, npm's packages, hubs, pages in Chromium, waiting.
//
//   node X_test.mjs PACKAGE PACKAGES REJOIN     PACKAGE: build/wasm/package; PACKAGES has the node_modules of
//                                               package.json; REJOIN: the tool
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';

import { HubProcess, sleep, until } from '../support/hub_process.mjs';

export { sleep, until };

export const [packageDir, packagesDir, rejoin] = process.argv.slice(2, 5).map((path) => resolve(path));

/** Ends the process: the tests cannot run here. In CI, which must not go without, that is a failure. */
function skip(why) {
  console.log(why);
  process.exit(process.env.CI ? 1 : 77);
}

for (const path of [packageDir, join(packagesDir, 'node_modules')]) {
  if (!existsSync(path)) skip(`${path} is not there: the tests with it are left out`);
}

const folder = mkdtempSync(join(tmpdir(), 'rejoin-wasm-'));
export const atEnd = [];
after(async () => {
  for (const end of atEnd.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
  setTimeout(() => process.exit(), 200).unref();
});

/** A path for a file of a test's own. */
export const scratch = (name) => join(folder, name);

// Node finds the package and npm's packages beside each other, as an application has them.
const modules = scratch('node_modules');
mkdirSync(join(modules, '@rejoin'), { recursive: true });
cpSync(packageDir, join(modules, '@rejoin', 'wasm'), { recursive: true });
for (const name of readdirSync(join(packagesDir, 'node_modules'))) {
  symlinkSync(join(packagesDir, 'node_modules', name), join(modules, name));
}

/** The absolute path of a file in node_modules: of npm's packages, or of @rejoin/wasm. */
export const modulePath = (...path) => join(modules, ...path);
export const load = (...path) => import(pathToFileURL(modulePath(...path)));

/** What the tool prints. Throws where it fails. */
export function tool(...words) {
  return execFileSync(rejoin, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

let hubs = 0;

/** `rejoin serve` on a folder of its own. */
export class Hub extends HubProcess {
  constructor(options = []) {
    super(rejoin, scratch(`hub-${++hubs}`), ['--origin', '*', ...options]);
    mkdirSync(this.data);
    atEnd.push(() => this.stop('SIGKILL'));
  }

  room(name) {
    return `ws://127.0.0.1:${this.port}/${name}`;
  }
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css',
  '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml' };

/** Serves files: /modules/… of node_modules, and `pages`, HTML by its paths. The address, with a slash at its end. */
export async function serve(pages = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://here').pathname);
    try {
      if (path in pages) {
        response.setHeader('content-type', 'text/html');
        response.end(pages[path]);
        return;
      }
      const bytes = readFileSync(modulePath(path.replace(/^\/modules\//, '')));
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  atEnd.push(() => server.closeAllConnections());
  atEnd.push(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

/** The Chromium of this machine. Ends the tests where there is none. */
function chromiumPath() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // the next one
    }
  }
  return skip('no Chromium is here');
}

/** Chromium, headless, to drive with Playwright. */
export async function launch() {
  const { chromium } = await load('playwright-core', 'index.mjs');
  const browser = await chromium.launch({ executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  atEnd.push(() => browser.close());
  return browser;
}

/** A page at `url` whose uncaught errors fail the tests: they are in `page.problems`. */
export async function openPage(context, url) {
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  await page.goto(url);
  return page;
}
