// Who may use SQLite now. It waits for the browser's store in the middle of a call, and while it does no other call may
// begin; nor may anybody come into the middle of somebody else's transaction.

/** One at a time, in the order of asking: a mutex, as the types of @vlcn.io/xplat-api know it, that can end. */
export class Turns {
  #waiting = [];
  #current;
  #end;

  /** Resolves with what ends the turn; that is for whom the turn is. */
  acquire(who) {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((done, failed) => {
      this.#waiting.push({ who, done, failed });
      this.#next();
    });
  }

  async runExclusive(work, who) {
    const release = await this.acquire(who);
    try {
      return await work();
    } finally {
      release();
    }
  }

  release() {
    if (!this.#current) return;
    const { who } = this.#current;
    this.#current = undefined;
    this.left(who);
    this.#next();
  }

  isLocked() {
    return this.#current !== undefined;
  }

  /** Whoever waits, and whoever comes, gets this error. */
  end(error) {
    this.#end = error;
    for (const { failed } of this.#waiting.splice(0)) failed(error);
  }

  // For those that derive from it.
  mayEnter() {
    return true;
  }

  left() {}

  #next() {
    if (this.#current) return;
    const first = this.#waiting.findIndex(({ who }) => this.mayEnter(who));
    if (first < 0) return;
    const [turn] = this.#waiting.splice(first, 1);
    this.#current = turn;
    turn.done(() => {
      if (this.#current === turn) this.release();
    });
  }
}

/**
 * The turns of all connections' calls. One whose transaction stays open, or that is in the middle of a result, keeps
 * its file locked in the browser: another connection to that file would wait for the lock in its own turn, in which
 * nobody can end the transaction. So it does not get a turn before.
 */
export class ConnectionTurns extends Turns {
  #holders = new Map();

  mayEnter({ filename, connection }) {
    const holder = this.#holders.get(filename);
    return holder === undefined || holder === connection;
  }

  left({ filename, connection }) {
    if (connection?.holdsFile) {
      this.#holders.set(filename, connection);
    } else if (connection && this.#holders.get(filename) === connection) {
      this.#holders.delete(filename);
    }
  }
}
