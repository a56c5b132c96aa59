/** What SQLite or the engine refused: `code` is SQLite's extended result code. */
export class SqliteError extends Error {
  constructor(message, code) {
    super(message);
    this.name = 'SqliteError';
    this.code = code;
  }
}

export const BUSY = 5;
export const NOMEM = 7;
export const CANTOPEN = 14;
export const MISUSE = 21;
export const RANGE = 25;
