// Waiting, and `rejoin serve`, for tests in JavaScript.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/// Waits until `holds()` gives something true, and returns it.
export async function until(what, holds, milliseconds = 60000) {
  const end = Date.now() + milliseconds;
  let last;
  for (;;) {
    try {
      const result = await holds();
      if (result) return result;
      last = JSON.stringify(result);
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what} did not come true; the last was ${last}`);
    await sleep(20);
  }
}

/// The tool `rejoin` as a hub with its rooms in the folder `data`. Started again it has the same port.
export class HubProcess {
  constructor(rejoin, data, options) {
    Object.assign(this, { rejoin, data, options, port: 0, errors: '' });
  }

  async start() {
    for (const end = Date.now() + 60000; ; await sleep(100)) {
      this.errors = '';
      const port = await this.#listen();
      if (port > 0) {
        this.port = port;
        return this;
      }
      // While it was away somebody else may have been given its port.
      if (!/in use/.test(this.errors) || Date.now() > end) throw new Error(`the hub ended: ${this.errors}`);
    }
  }

  /// The port that it listens on, or -1: it has ended.
  #listen() {
    const child = spawn(this.rejoin, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`,
      ...this.options], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    child.stderr.on('data', (text) => (this.errors += text));
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    let over = false;
    child.once('close', () => (over = true));
    return until('the hub', () => Number(/:(\d+)\n/.exec(said)?.[1]) || (over && -1));
  }

  async stop(signal = 'SIGTERM') {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  file(room) {
    return join(this.data, `${room}.db`);
  }
}
