// One database, several tabs: each has a worker with a connection of its own, and they take turns. A worker keeps the
// database until another one asks for it, so that one tab alone opens its files once.
import { BUSY, SqliteError } from './error.js';

// A tab that a phone has put to sleep must not keep the others waiting.
const IDLE = 1000;
const ASK_AGAIN = 1000;

/** The right to use a database, among all workers of this origin. */
export class SharedLock {
  #name;
  #files;
  #channel;
  #gone;
  #release;
  #acquiring;
  #wanted = false;
  #busy = 0;
  #idle;

  /** `told(message)` hears what other tabs tell (tell()). */
  constructor(name, files, told) {
    this.#name = `rejoin:${name}`;
    this.#files = files;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => {
      if (data.kind === 'want') {
        this.#wanted = true;
        this.#giveUp();
      } else {
        told(data);
      }
    };
  }

  /** Runs `work` while nobody has the database `name` open; fails where somebody has. */
  static async withNobody(name, work) {
    await navigator.locks.request(`rejoin-open:${name}`, { ifAvailable: true }, async (lock) => {
      if (lock === null) throw new SqliteError(`'${name}' is open, here or in another tab`, BUSY);
      await work();
    });
  }

  /** Says that the database is open, until close(). */
  open() {
    const name = this.#name.replace('rejoin:', 'rejoin-open:');
    return new Promise((done, failed) => {
      const take = () => new Promise((gone) => {
        this.#gone = gone;
        done();
      });
      navigator.locks.request(name, { mode: 'shared' }, take).catch(failed);
    });
  }

  /** Tells the other tabs. */
  tell(message) {
    this.#channel.postMessage(message);
  }

  /** Waits until the database is ours, and stays so until leave(). */
  async enter() {
    ++this.#busy;
    clearTimeout(this.#idle);
    try {
      if (!this.#release) await (this.#acquiring ??= this.#acquire().finally(() => (this.#acquiring = undefined)));
    } catch (error) {
      --this.#busy;
      throw error;
    }
  }

  /** Others may have it, if they want to. */
  leave() {
    --this.#busy;
    this.#giveUp();
    if (this.#busy > 0 || !this.#release) return;
    this.#idle = setTimeout(() => {
      this.#wanted = true;
      this.#giveUp();
    }, IDLE);
  }

  /** Gives it up for good. */
  close() {
    clearTimeout(this.#idle);
    this.#wanted = true;
    this.#giveUp();
    this.#channel.close();
    this.#gone?.();
  }

  async #acquire() {
    const release = await this.#granted();
    // Whoever has asked while somebody else had it does not ask again soon; who asks from now on is heard.
    this.#wanted = false;
    try {
      const { pending } = await navigator.locks.query();
      this.#wanted ||= pending.some((request) => request.name === this.#name);
      await this.#files.acquire();
    } catch (error) {
      release();
      throw error;
    }
    this.#release = release;
  }

  // Resolves with what gives the lock back.
  #granted() {
    return new Promise((granted, failed) => {
      const take = (lock) => (lock === null ? false : new Promise((release) => granted(release)));
      navigator.locks.request(this.#name, { ifAvailable: true }, take)
        .then((had) => {
          if (had !== false) return undefined;
          const ask = () => this.tell({ kind: 'want' });
          const asking = setInterval(ask, ASK_AGAIN);
          const waiting = navigator.locks.request(this.#name, (lock) => {
            clearInterval(asking);
            return take(lock);
          });
          ask();
          return waiting;
        })
        .catch(failed);
    });
  }

  // Not while SQLite has a lock of its own: between the steps of a statement, say, that sync has not finished.
  #giveUp() {
    if (!this.#wanted || this.#busy > 0 || !this.#release || this.#files.isLocked) return;
    this.#files.release();
    this.#release();
    this.#release = undefined;
  }
}
