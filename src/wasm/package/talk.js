// Sync over a WebSocket: keeps one database and a hub's room up to date, through lost connections.
import { NOMEM, SqliteError } from './error.js';

const PROTOCOL = 'rejoin.1';
const TICK = 1000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10000;
const SILENCE = 30000;
const OPENING = 15000;
const MOST_BUFFERED = 1 << 20;
const BUSY = -2;

/** A session of Rejoin's protocol on a connection (session.cpp). */
class Session {
  #connection;
  #talk;

  constructor(connection, repair) {
    this.#connection = connection;
    this.#talk = connection.guard((module) =>
      module._session_begin(connection.pointer, connection.past, repair ? 1 : 0));
    const error = this.#error();
    if (error === '') return;
    this.end();
    throw new Error(error);
  }

  end() {
    if (this.#connection.isUsable) this.#call('end');
  }

  /** Whether it was taken; false: a transaction is open, give it again. */
  receive(bytes) {
    const code = this.#connection.guard((module) => {
      const pointer = module._malloc(Math.max(bytes.length, 1));
      if (pointer === 0) throw new SqliteError('out of memory', NOMEM);
      module.HEAPU8.set(bytes, pointer);
      const code = module._session_receive(this.#talk, pointer, bytes.length);
      module._free(pointer);
      return code;
    });
    return this.#checked(code) !== BUSY;
  }

  /** The next message to send, if there is one now. */
  next() {
    if (this.#checked(this.#call('next')) !== 1) return undefined;
    const [start, size] = [this.#call('bytes'), this.#call('size')];
    return this.#connection.guard((module) => module.HEAPU8.slice(start, start + size));
  }

  tick(now) {
    this.#checked(this.#call('tick', now));
  }

  get isSettled() {
    return this.#call('settled') !== 0;
  }

  #call(name, ...args) {
    return this.#connection.guard((module) => module[`_session_${name}`](this.#talk, ...args));
  }

  #error() {
    const text = this.#call('error');
    return this.#connection.guard((module) => module.UTF8ToString(text));
  }

  #checked(code) {
    if (code < 0 && code !== BUSY) throw new Error(this.#error());
    return code;
  }
}

/**
 * Stays connected to `url` until stop(), or until that can never be. All that touches the database goes through
 * `job(work)`, which runs `work` when the connection is free and resolves with what it returns. `changed({ state,
 * error })` is told of each change of the state: 'connecting', 'connected', 'synced', 'waiting', 'stopped'.
 */
export class Talk {
  #job;
  #connection;
  #url;
  #repair;
  #changed;
  #state = '';
  #error;
  #session;
  #socket;
  #arrived = [];
  #pumping = false;
  #again = false;
  #pause = FIRST_PAUSE;
  #timer;
  #ticker;
  #heard = 0;

  constructor(connection, job, url, { token, repair }, changed) {
    this.#connection = connection;
    this.#job = job;
    this.#url = new URL(url);
    if (token) this.#url.searchParams.set('token', token);
    this.#repair = repair;
    this.#changed = changed;
    this.#connect();
  }

  /** There is something new in the database, or time has passed. */
  async pump() {
    this.#again = true;
    if (this.#pumping || !this.#session) return;
    this.#pumping = true;
    try {
      while (this.#again && this.#session) {
        this.#again = false;
        await this.#job(() => this.#exchange());
      }
    } catch (error) {
      this.#lose(error.message, 1008);
    } finally {
      this.#pumping = false;
    }
  }

  /** Connects at once where it waits, and anew where nothing was heard for long: the network may be another one. */
  wake() {
    if (this.#state === 'stopped') return;
    if (this.#state !== 'waiting' && Date.now() - this.#heard < SILENCE) return;
    this.#end(1000, '');
    this.#connect();
  }

  /** Resolves when nothing of it is left in the database's connection. */
  async stop() {
    if (this.#state !== 'stopped') this.#stopFor(this.#error);
    await this.#job(() => {});
  }

  #say(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#changed({ state, error: this.#error });
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#say('connecting');
    this.#heard = Date.now();
    let socket;
    try {
      socket = new WebSocket(this.#url, PROTOCOL);
    } catch (error) {
      // An address that it never takes, such as ws: for a page that came by https.
      return this.#stopFor(error.message);
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lose('no answer', 0), OPENING);
    socket.binaryType = 'arraybuffer';
    const isOurs = () => this.#socket === socket;
    socket.onopen = () => isOurs() && this.#begin();
    socket.onmessage = ({ data }) => {
      if (!isOurs()) return;
      this.#heard = Date.now();
      if (typeof data === 'string') return void this.#lose('it says text, where bytes are spoken', 1003);
      this.#arrived.push(new Uint8Array(data));
      void this.pump();
    };
    socket.onerror = () => {};  // a close follows, which is what counts
    socket.onclose = ({ reason }) => isOurs() && this.#lose(reason || `no connection to ${this.#url.host}`, 0);
  }

  async #begin() {
    const socket = this.#socket;
    clearTimeout(this.#timer);
    try {
      await this.#job(() => {
        if (this.#socket !== socket) return;
        this.#session = new Session(this.#connection, this.#repair);
        this.#session.tick(Date.now());
      });
    } catch (error) {
      if (this.#socket === socket) this.#lose(error.message, 1011);
    }
    if (this.#socket !== socket) return;
    this.#heard = Date.now();
    this.#ticker = setInterval(() => this.#tick(), TICK);
    this.#say('connected');
    await this.pump();
  }

  // While all is settled there is nothing to be reminded of.
  #tick() {
    if (this.#state !== 'connected') return;
    if (Date.now() - this.#heard > SILENCE) this.#lose('no answer', 1000);
    else void this.pump();
  }

  // Takes what has arrived and says what there is to say, as far as the transaction and the socket let it.
  #exchange() {
    const session = this.#session;
    if (!session) return;
    while (this.#arrived.length > 0) {
      this.#heard = Date.now();
      if (!session.receive(this.#arrived[0])) return this.#say('connected');  // and it is given again
      this.#arrived.shift();
    }
    let message;
    while (this.#socket.bufferedAmount < MOST_BUFFERED && (message = session.next()) !== undefined) {
      // An answer is waited for from now on, however long nobody said anything before.
      if (this.#state === 'synced') this.#heard = Date.now();
      this.#socket.send(message);
    }
    // What it was reading of the database it reads on later: others can have it meanwhile.
    session.tick(Date.now());
    if (session.isSettled) {
      this.#pause = FIRST_PAUSE;
      this.#error = undefined;
      this.#repair = false;
    }
    this.#say(session.isSettled ? 'synced' : 'connected');
  }

  #stopFor(error) {
    this.#error = error;
    this.#end(1000, '');
    this.#say('stopped');
  }

  #lose(error, code) {
    if (this.#state === 'stopped') return;
    if (!this.#connection.isUsable) return this.#stopFor(error);
    this.#error = error;
    this.#end(code, error);
    this.#say('waiting');
    const pause = this.#pause * (0.5 + Math.random());
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#timer = setTimeout(() => this.#connect(), pause);
  }

  // A close's code may be 1000 or from 3000 on; the hub's own are kept for what it sends.
  #end(code, reason) {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    const [socket, session] = [this.#socket, this.#session];
    this.#socket = this.#session = undefined;
    this.#arrived = [];
    if (session) this.#job(() => session.end()).catch(() => {});
    if (socket && socket.readyState < 2) {
      const said = new TextDecoder().decode(new TextEncoder().encode(reason).slice(0, 120)).replace(/\uFFFD$/, '');
      code === 1000 || code === 0 ? socket.close(1000) : socket.close(3000 + code, said);
    }
  }
}
