// vlcn's client in Node: ws-client and ws-browserdb over crsqlite-wasm, as they are published. What a browser has and
// Node lacks is given to them here, and nothing of theirs is replaced.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { load } from './support.mjs';

const { default: WebSocket } = await load('ws', 'wrapper.mjs');
globalThis.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    // Where nobody listens, Node takes a refused connection for an uncaught exception; a browser does not.
    this.on('error', () => {});
  }
};
// The store of a browser is opened at once and never used: databases here are in memory.
globalThis.indexedDB ??= { open: () => new EventTarget() };
const node_fetch = globalThis.fetch;
globalThis.fetch = (url, ...more) => {
  if (!String(url).startsWith('file:')) return node_fetch(url, ...more);
  return Promise.resolve(new Response(readFileSync(fileURLToPath(String(url))), {
    headers: { 'content-type': 'application/wasm' },
  }));
};
const Channel = globalThis.BroadcastChannel;
globalThis.BroadcastChannel = class extends Channel {
  constructor(name) {
    super(name);
    this.unref();
  }
};
console.warn = () => {};

const { default: init } = await load('@vlcn.io/crsqlite-wasm', 'dist', 'index.js');
const { createDbProvider } = await load('@vlcn.io/ws-browserdb', 'dist', 'index.js');
const { createSyncedDB, defaultConfig } = await load('@vlcn.io/ws-client', 'dist', 'index.js');
export const common = await load('@vlcn.io/ws-common', 'dist', 'index.js');
export const { cryb64 } = await load('@vlcn.io/xplat-api', 'dist', 'xplat-api.js');

const sqlite = await init();
const open = sqlite.open.bind(sqlite);
const databases = new Map();
// ws-browserdb opens its database by name, in a browser's store. The names of these are known already.
sqlite.open = async (name) => databases.get(name) ?? open(name);

let clients = 0;

/// A database of the schema, and its sync with a hub's room.
export class Client {
  static async open(schema_name, schema) {
    const client = new Client();
    client.name = `client-${++clients}`;
    client.db = await open();
    databases.set(client.name, client.db);
    await client.db.automigrateTo(schema_name, schema);
    return client;
  }

  async connect(hub, room, authToken) {
    const provider = createDbProvider();
    this.synced = await createSyncedDB({ ...defaultConfig, dbProvider: provider }, this.name,
      { url: hub.url, room, authToken });
    await this.synced.start();
    return this;
  }

  exec(sql, values) {
    return this.db.exec(sql, values);
  }

  /// Rows as JSON, with what JSON does not know spelled out.
  async rows(sql) {
    const rows = await this.db.execA(sql);
    return JSON.stringify(rows, (_, value) => {
      if (typeof value === 'bigint') return `${value}n`;
      return value instanceof Uint8Array ? `x${Buffer.from(value).toString('hex')}` : value;
    });
  }
}
