// Waiting, and `rejoin serve`, for tests in JavaScript.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/// Waits until `holds()` gives something true, and returns it.
export async function until(what, holds, milliseconds = 30000) {
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
    const child = spawn(this.rejoin, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`,
      ...this.options], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
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
