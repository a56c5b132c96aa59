// One database, several tabs: each has a worker with a connection of its own, and they take turns. A worker keeps the
// database until another one asks for it, so that one tab alone opens its files once.

/** The right to use a database, among all workers of this origin. */
export class SharedLock {
  #name;
  #files;
  #channel;
  #release;
  #acquiring;
  #wanted = false;
  #busy = 0;

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

  /** Tells the other tabs. */
  tell(message) {
    this.#channel.postMessage(message);
  }

  /** Waits until the database is ours, and stays so until leave(). */
  async enter() {
    ++this.#busy;
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
  }

  /** Gives it up for good. */
  close() {
    this.#wanted = true;
    this.#giveUp();
    this.#channel.close();
  }

  async #acquire() {
    const release = await this.#granted();
    // Whoever has asked while somebody else had it does not ask again; who asks from now on is heard.
    this.#wanted = false;
    const { pending } = await navigator.locks.query();
    this.#wanted ||= pending.some((request) => request.name === this.#name);
    try {
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
          const waiting = navigator.locks.request(this.#name, take);
          this.tell({ kind: 'want' });
          return waiting;
        })
        .catch(failed);
    });
  }

  #giveUp() {
    if (!this.#wanted || this.#busy > 0 || !this.#release) return;
    this.#files.release();
    this.#release();
    this.#release = undefined;
  }
}
