// @rejoin/wasm: databases that merge, in the browser. A Database is a client of host.js, in a worker.
import { MISUSE, SqliteError } from './error.js';

export { SqliteError };

/** Calls the methods of a Host in a worker. */
class WorkerHost {
  #worker;
  #push;
  #waiting = new Map();
  #calls = 0;
  #over;

  constructor(worker, push) {
    this.#worker = worker;
    this.#push = push;
    worker.onmessage = ({ data }) => {
      if (data.push) return push(...data.push);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      return data.error ? waiting?.failed(errorOf(data.error)) : waiting?.done(data.result);
    };
    worker.onerror = (event) => this.end(`the database's worker failed: ${event.message ?? 'it did not load'}`);
  }

  call(method, ...args) {
    return new Promise((done, failed) => {
      if (this.#over !== undefined) throw new SqliteError(this.#over, MISUSE);
      const id = ++this.#calls;
      this.#worker.postMessage({ id, method, args });
      this.#waiting.set(id, { done, failed });
    });
  }

  /** What was not answered is not done any more. */
  end(why = 'the database is closed') {
    this.#worker.terminate();
    this.#push('end', why);
    this.#over ??= why;
    for (const { failed } of this.#waiting.values()) failed(new SqliteError(why, MISUSE));
    this.#waiting.clear();
  }
}

const errorOf = ({ name, message, code }) =>
  name === 'SqliteError' ? new SqliteError(message, code) : Object.assign(new Error(message), { name });

/** Calls them in this thread. */
class LocalHost {
  #host;
  #push;

  constructor(push) {
    this.#push = push;
  }

  async call(method, ...args) {
    if (method !== 'open') return this.#host[method](...args);
    const { Host } = await import('./host.js');
    const [name, options] = args;
    const { host, about } = await Host.open(name, options, this.#push);
    this.#host = host;
    return about;
  }

  end() {}
}

const newWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'rejoin' });

/** Opens a database; see index.d.ts. */
export async function open(name, options = {}) {
  const listeners = new Set();
  const links = new Map();
  const push = (kind, ...details) => {
    if (kind === 'update') for (const event of details[0]) for (const listener of listeners) notify(listener, event);
    if (kind === 'sync') links.get(details[0])?.change(details[1]);
    if (kind === 'end') for (const link of links.values()) link.change({ state: 'stopped', error: details[0] });
  };
  const isLocal = options.worker === false || typeof Worker === 'undefined';
  const host = isLocal ? new LocalHost(push)
    : new WorkerHost(options.worker instanceof Worker ? options.worker : newWorker(), push);
  const { storage, wasm } = options;
  try {
    const isAddress = wasm instanceof URL || typeof wasm === 'string';
    const source = isAddress ? new URL(wasm, globalThis.location?.href).href : wasm;
    return new Database(name, host, await host.call('open', name, { storage, wasm: source }), listeners, links);
  } catch (error) {
    host.end();
    throw error;
  }
}

/** Removes a database that open() has kept; it must be closed in all tabs. */
export async function remove(name, { worker = newWorker() } = {}) {
  const host = new WorkerHost(worker, () => {});
  try {
    await host.call('remove', name);
  } finally {
    host.end();
  }
}

// A listener that throws is its own affair: it is reported as an uncaught error, and the others are told.
function notify(listener, event) {
  try {
    listener(...event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** SQL, here and inside a transaction. */
class Statements {
  #host;
  #transaction;

  constructor(host, transaction) {
    this.#host = host;
    this.#transaction = transaction;
  }

  exec(sql, parameters) {
    return this.#host.call('exec', sql, parameters, this.#transaction);
  }

  execA(sql, parameters) {
    return this.#host.call('execA', sql, parameters, this.#transaction);
  }
}

Statements.prototype.execO = Statements.prototype.exec;

class Database extends Statements {
  #host;
  #listeners;
  #links;
  #syncs = 0;
  #isClosed = false;
  // A phone may have let go of the network while nobody looked.
  #wake = () => {
    if (document.visibilityState === 'visible') this.#host.call('wake').catch(() => {});
  };

  constructor(name, host, { storage, siteId }, listeners, links) {
    super(host);
    this.#host = host;
    this.#listeners = listeners;
    this.#links = links;
    this.name = name;
    this.storage = storage;
    this.siteId = siteId;
    globalThis.document?.addEventListener('visibilitychange', this.#wake);
  }

  async transaction(work) {
    const id = await this.#host.call('begin');
    try {
      const result = await work(new Statements(this.#host, id));
      await this.#host.call('commit', id);
      return result;
    } catch (error) {
      await this.#host.call('rollback', id).catch(() => {});
      throw error;
    }
  }

  async version() {
    return (await this.execA('SELECT crsql_db_version()'))[0][0];
  }

  async changesSince(version, { except } = {}) {
    return this.#host.call('changes', version, except === undefined ? undefined : bytesOfHex(except));
  }

  apply(changes) {
    return this.#host.call('apply', changes);
  }

  digest(table) {
    return this.#host.call('digest', table);
  }

  onUpdate(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  sync(url, { token, repair } = {}) {
    const id = ++this.#syncs;
    const link = new Link(new URL(url).href, () => {
      this.#links.delete(id);
      return this.#host.call('stopSync', id);
    });
    this.#links.set(id, link);
    this.#host.call('sync', id, link.url, { token, repair }).catch((error) => {
      link.change({ state: 'stopped', error: error.message });
    });
    return link;
  }

  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    globalThis.document?.removeEventListener('visibilitychange', this.#wake);
    try {
      await this.#host.call('close');
    } finally {
      for (const link of this.#links.values()) link.change({ state: 'stopped', error: link.error });
      this.#host.end();
    }
  }
}

/** What db.sync() gives. */
class Link {
  state = 'connecting';
  error = undefined;
  #stop;
  #listeners = new Set();

  constructor(url, stop) {
    this.url = url;
    this.#stop = stop;
  }

  onState(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop() {
    this.#stop().catch(() => {});
    this.change({ state: 'stopped', error: this.error });
  }

  /** The worker's news. */
  change({ state, error }) {
    if (this.state === 'stopped') return;
    this.error = error;
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.#listeners) notify(listener, [state]);
  }
}

function bytesOfHex(hex) {
  if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new TypeError(`'${hex}' is no hexadecimal site id`);
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}
