// The drop-in for crsqlite-wasm beside the original, in Node: plays the same calls on both.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { load, modulePath } from './support.mjs';

export const printed = [];
for (const kind of ['log', 'info', 'warn', 'error', 'debug']) {
  console[kind] = (...words) => printed.push(words.join(' '));
}

export const ours = await load('@rejoin', 'wasm', 'crsqlite-wasm.js');
export const oursReady = await ours.default();
// What a browser has and the original needs: a store, which is opened at once and never used, and files by fetch().
globalThis.indexedDB = { open: () => new EventTarget() };
globalThis.fetch = async (url) => new Response(readFileSync(fileURLToPath(String(url))),
  { headers: { 'content-type': 'application/wasm' } });
export const original = await load('@vlcn.io', 'crsqlite-wasm', 'dist', 'index.js');
export const asked = [];
export const originalReady = await original.default((file) => {
  asked.push(file);
  return pathToFileURL(modulePath('@vlcn.io', 'crsqlite-wasm', 'dist', file)).href;
});

export const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** Values as they can be compared, with the name of the site in place of its id. */
export function plain(value, sites) {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return 'a function';
  if (value instanceof Uint8Array) {
    const text = hex(value);
    return `x${sites.get(text) ?? text}`;
  }
  if (Array.isArray(value)) return value.map((it) => plain(it, sites));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, plain(it, sites)]));
  }
  return value;
}

/** One package: its databases, and what came of the calls. */
class Player {
  constructor(module, sqlite) {
    this.module = module;
    this.sqlite = sqlite;
  }

  async play(script) {
    const sites = new Map();
    const said = [];
    const open = async () => {
      const db = await this.sqlite.open();
      sites.set(db.siteid.toLowerCase(), `site ${sites.size}`);
      return db;
    };
    const say = async (what, call) => {
      try {
        const result = await call();
        said.push([what, plain(result, sites)]);
        return result;
      } catch (error) {
        said.push([what, error.code === undefined ? `${error.constructor.name}: ${error.message}`
          : `error ${error.code}: ${error.message.replace(/crsql[0-9a-f]{32}/, '(its name)')}`]);
        return undefined;
      }
    };
    await script({ open, say, module: this.module, sqlite: this.sqlite });
    return said;
  }
}

export const theirs = new Player(original, originalReady);
export const mine = new Player(ours, oursReady);

/** A test that the same comes of the calls of `script`. */
export function same(name, script) {
  test(name, { timeout: 30000 }, async () => {
    const expected = await theirs.play(script);
    printed.length = 0;
    assert.deepEqual(await mine.play(script), expected);
    assert.deepEqual(printed, [], 'the drop-in prints nothing');
    assert.ok(expected.length > 0);
  });
}

/** A test of what differs on purpose: what comes of each call there, and here. */
export function differs(name, script, expected, actual) {
  test(`differs: ${name}`, { timeout: 30000 }, async () => {
    const results = async (player) => (await player.play(script)).map(([, result]) => result);
    assert.deepEqual(await results(theirs), expected, 'what the original does');
    assert.deepEqual(await results(mine), actual, 'what the drop-in does');
  });
}
