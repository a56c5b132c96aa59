/** A value of SQLite's. Integers beyond 2^53 are bigints, both ways; booleans go in as 1 and 0. */
export type Value = null | number | bigint | string | Uint8Array;
export type Parameter = Value | boolean | undefined | ArrayBuffer | ArrayBufferView;
export type Parameters = Parameter[] | Record<string, Parameter>;
export type Row = Record<string, Value>;

/** A change as the table crsql_changes has it (docs/merge.md). */
export interface Change {
  table: string;
  pk: Uint8Array;
  cid: string;
  val: Value;
  col_version: number;
  db_version: number;
  site_id: Uint8Array | null;
  cl: number;
  seq: number;
  /** true: `val` is a REAL, although it has no fraction by which one could tell. */
  real?: boolean;
}

/** What SQLite or the engine refused; `code` is SQLite's extended result code. */
export class SqliteError extends Error {
  code: number;
}

export interface OpenOptions {
  /**
   * Where the data is: 'opfs', the browser's origin private file system, where it stays; 'memory'. Unset: 'opfs' where
   * there is one (a browser, a secure context) and a name was given, else 'memory'. Asked for and not there: an error.
   */
  storage?: 'opfs' | 'memory';
  /** Where rejoin.wasm is (from the page's address on), or its bytes; unset: beside this module. */
  wasm?: string | URL | ArrayBuffer | Uint8Array;
  /**
   * The worker to use, made of this package's worker.js; false: none, all is done in the thread that calls, and in memory
   * unless that is a worker itself. Unset: one is made.
   */
  worker?: Worker | false;
}

/** SQL: everything that SQLite and cr-sqlite's functions can. Calls are done in the order in which they were made. */
export interface Statements {
  /**
   * Runs all statements of `sql`, each with the parameters that it has places for. The rows of the first statement that
   * has any, as objects.
   */
  exec<T = Row>(sql: string, parameters?: Parameters): Promise<T[]>;
  /** The same, under cr-sqlite's name. */
  execO<T = Row>(sql: string, parameters?: Parameters): Promise<T[]>;
  /** The same with rows as arrays. */
  execA<T = Value[]>(sql: string, parameters?: Parameters): Promise<T[]>;
}

export interface Database extends Statements {
  readonly name: string | undefined;
  readonly storage: 'opfs' | 'memory';
  /** This database's site id, 32 hexadecimal digits. */
  readonly siteId: string;
  /**
   * All of `work`, or nothing of it if it throws. Statements go through `tx`; those of others, and sync, wait until it
   * is over (so that waiting for db.exec() inside of it waits forever).
   */
  transaction<T>(work: (tx: Statements) => Promise<T>): Promise<T>;
  /** The version of the last transaction that changed something: what to give to changesSince() next time. */
  version(): Promise<number>;
  /** The changes of later versions, without those of the site `except` (hexadecimal). Can be kept, or sent elsewhere. */
  changesSince(version: number, options?: { except?: string }): Promise<Change[]>;
  /** Merges changes of another database, all or none. How many were news. */
  apply(changes: Change[]): Promise<number>;
  /** 32 hexadecimal digits that two databases share exactly when the CRR `table` (unset: all) is equal in them. */
  digest(table?: string): Promise<string>;
  /**
   * Tells of each row that was written, after its transaction: type 18 inserted, 23 updated, 9 deleted, as SQLite has
   * it. By this tab, by another one, or by a merge. The engine's own tables are left out, and SQLite does not tell of
   * tables WITHOUT ROWID, nor of a DELETE without WHERE from a table that is no CRR; of what a ROLLBACK TO of one's own
   * or a statement that failed inside a transaction has undone it does tell. Returns what ends it.
   */
  onUpdate(listener: (type: 9 | 18 | 23, database: string, table: string, rowid: bigint) => void): () => void;
  /**
   * Keeps the database and a room of a hub (`rejoin serve`) equal until stopped: ws://HOST:PORT/ROOM. Only what is new
   * goes over the wire; after a lost connection it connects again by itself.
   */
  sync(url: string | URL, options?: { token?: string; repair?: boolean }): Link;
  /** Waits for what was called, and gives the database back. */
  close(): Promise<void>;
}

/**
 * 'connecting'; 'connected': exchanging changes; 'synced': both have all, for now; 'waiting': there is no connection, and
 * it will be tried again; 'stopped'.
 */
export type LinkState = 'connecting' | 'connected' | 'synced' | 'waiting' | 'stopped';

export interface Link {
  readonly url: string;
  readonly state: LinkState;
  /** Why the last connection ended, until all is synced again. */
  readonly error: string | undefined;
  onState(listener: (state: LinkState) => void): () => void;
  stop(): void;
}

/** Opens a database, which is made if it is not there; without a name, one in memory. */
export function open(name?: string, options?: OpenOptions): Promise<Database>;

/** Removes a database that open() has kept. It must be closed, in all tabs: else a SqliteError with the code 5. */
export function remove(name: string, options?: { worker?: Worker }): Promise<void>;
