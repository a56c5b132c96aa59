/** A value of SQLite's. Integers beyond 2^53 are bigints, both ways; booleans go in as 1 and 0. */
export type SQLiteValue = null | number | bigint | string | Uint8Array;
export type SQLiteCompatibleType = SQLiteValue | boolean | undefined | number[];

/** What SQLite calls a change of a row: 9 deleted, 18 inserted, 23 updated. */
export type UpdateType = 9 | 18 | 23;

export interface Mutex {
  acquire(): Promise<() => void>;
  runExclusive<T>(work: () => Promise<T> | T): Promise<T>;
  release(): void;
}

/** SQL, in a database or in a transaction of its. An error of SQLite's has its result code as `code`. */
export interface TXAsync {
  readonly __mutex: Mutex;
  /** All of them as one text: each brings its semicolon. */
  execMany(sql: string[]): Promise<any>;
  /** Each statement of `sql` gets all the values of `bind`. */
  exec(sql: string, bind?: SQLiteCompatibleType[]): Promise<any>;
  /** The rows of the first statement that has columns, as objects; null: none has. */
  execO<T extends {}>(sql: string, bind?: SQLiteCompatibleType[]): Promise<T[]>;
  /** The same, as arrays. */
  execA<T extends any[]>(sql: string, bind?: SQLiteCompatibleType[]): Promise<T[]>;
  prepare(sql: string): Promise<StmtAsync>;
  /** All of `work`, or nothing of it where it throws. Inside it goes through the transaction that it is given. */
  tx(work: (tx: TXAsync) => Promise<void>): Promise<void>;
  /** What is done through the second until the first is called has nobody else in between. It begins no transaction. */
  imperativeTx(): Promise<[() => void, TXAsync]>;
}

/** A prepared statement. Each call gives the transaction that it belongs to, or null. */
export interface StmtAsync {
  run(tx: TXAsync | null, ...values: any[]): Promise<any>;
  /** The first row, or null. */
  get(tx: TXAsync | null, ...values: any[]): Promise<any>;
  all(tx: TXAsync | null, ...values: any[]): Promise<any[]>;
  /** Rows as arrays, one at a time. */
  iterate<T>(tx: TXAsync | null, ...values: any[]): AsyncGenerator<T, void, void>;
  /** Whether get() and all() give rows as arrays instead of objects. */
  raw(isRaw?: boolean): this;
  /** What the calls bind that come without values. */
  bind(values: readonly any[]): this;
  finalize(tx: TXAsync | null): Promise<void>;
}

export interface DBAsync extends TXAsync {
  readonly siteid: string;
  readonly filename: string;
  readonly tablesUsedStmt: StmtAsync;
  automigrateTo(schemaName: string, schemaContent: string): Promise<'noop' | 'apply' | 'migrate'>;
  close(): Promise<any>;
  createFunction(name: string, fn: (...args: any) => unknown, opts?: {}): void;
  onUpdate(listener: (type: UpdateType, dbName: string, tblName: string, rowid: bigint) => void): () => void;
}

export class DB implements DBAsync {
  constructor(api: any, db: number, filename: string);
  /** wa-sqlite's interface to SQLite, and this connection's number in it. Only in turn: see __mutex. */
  api: any;
  db: number;
  readonly filename: string;
  readonly __mutex: Mutex;
  /** This database's site id, 32 hexadecimal digits in upper case. */
  get siteid(): string;
  _setSiteid(siteid: string): void;
  /** Of a query: the names of the tables that it reads, as arrays of one. */
  get tablesUsedStmt(): StmtAsync;
  _setTablesUsedStmt(statement: StmtAsync): void;
  /**
   * Brings the database to that schema: 'noop', it has it; 'apply', it had one of another name, and all tables are new;
   * 'migrate', they were altered.
   */
  automigrateTo(schemaName: string, schemaContent: string): Promise<'noop' | 'apply' | 'migrate'>;
  execMany(sql: string[]): Promise<any>;
  exec(sql: string, bind?: SQLiteCompatibleType[]): Promise<any>;
  execO<T extends {}>(sql: string, bind?: SQLiteCompatibleType[]): Promise<T[]>;
  execA<T extends any[]>(sql: string, bind?: SQLiteCompatibleType[]): Promise<T[]>;
  prepare(sql: string): Promise<StmtAsync>;
  tx(work: (tx: TXAsync) => Promise<void>): Promise<void>;
  imperativeTx(): Promise<[() => void, TXAsync]>;
  /** Finalizes the statements that are left, and closes. */
  close(): Promise<any>;
  /** `fn` in SQL, with as many arguments as it names. What it throws is the statement's error. */
  createFunction(name: string, fn: (...args: any) => unknown, opts?: {}): void;
  /** Tells of each row as it is written, in the middle of the statement. Returns what ends it. */
  onUpdate(listener: (type: UpdateType, dbName: string, tblName: string, rowid: bigint) => void): () => void;
}

export class SQLite3 {
  constructor(api: any);
  /** Opens a database of the browser's store, which is made if it is not there; without a name, one in memory. */
  open(filename?: string, mode?: string): Promise<DB>;
}

/** Loads SQLite, once; where from is `locateWasm('crsqlite.wasm')`. */
export default function initWasm(locateWasm?: (file: string) => string): Promise<SQLite3>;
