// A database in the browser's origin private file system. Its files are opened for as long as this worker has the
// database to itself (lock.js); SQLite's calls in between find them open, and are synchronous.

import { CANTOPEN, SqliteError } from './error.js';

const OK = 0;
const NOTFOUND = 12;
const FULL = 13;
const IOERR_READ = 266;
const IOERR_SHORT_READ = 522;
const IOERR_WRITE = 778;
const IOERR_FSYNC = 1034;
const IOERR_TRUNCATE = 1546;
const IOERR_FSTAT = 1802;
const IOERR_DELETE = 2570;
const IOERR_ACCESS = 3338;
const OPEN_MAIN_DB = 0x100;
const FOLDER = 'rejoin';

const folderOf = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

/** Whether this thread can have files there: in browsers, dedicated workers can, but not in all private windows. */
export async function hasOpfs() {
  const isKnown = typeof navigator === 'object' && typeof navigator.storage?.getDirectory === 'function'
    && typeof navigator.locks?.request === 'function'
    && typeof globalThis.FileSystemFileHandle?.prototype?.createSyncAccessHandle === 'function';
  return isKnown && folderOf().then(() => true, () => false);
}

/** Removes the database `name` and all that belongs to it. Nobody may have it open. */
export async function removeFiles(name) {
  const folder = await folderOf();
  for (const file of namesOf(name)) await folder.removeEntry(file).catch(ignoreMissing);
}

function ignoreMissing(error) {
  if (error.name !== 'NotFoundError') throw error;
}

// A tab that was closed a moment ago may still have it.
async function opened(folder, file) {
  const handle = await folder.getFileHandle(file, { create: true });
  for (let tries = 1; ; ++tries) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (error.name !== 'NoModificationAllowedError' || tries === 100) {
        throw new SqliteError(`the file of the database cannot be opened: ${error.message}`, CANTOPEN);
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

// A journal's name as SQLite makes it.
function namesOf(name) {
  const file = encodeURIComponent(name);
  if (file === '' || file.length > 200 || file.endsWith('-journal')) {
    throw new SqliteError(`'${name}' is no name for a database: empty, too long, or a journal's`, CANTOPEN);
  }
  return [file, `${file}-journal`];
}

/**
 * The files of one database, as a file system for SQLite (the shape is @vlcn.io/wa-sqlite's VFS.Base). A file without
 * bytes counts as one that is not there: making and removing files takes time, which SQLite's calls do not have.
 */
export class OpfsFiles {
  mxPathName = 512;
  #handles = new Map();
  #open = new Map();
  #locked = new Set();

  constructor(database) {
    this.name = `opfs:${database}`;
    this.files = namesOf(database);
    /** What SQLite is to call it. */
    this.database = this.files[0];
  }

  /** Opens the files. Fails where someone else has them and does not give them back. */
  async acquire() {
    const folder = await folderOf();
    try {
      for (const file of this.files) this.#handles.set(file, await opened(folder, file));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Whether SQLite has a lock: it reads or writes, or counts on nobody else writing. */
  get isLocked() {
    return this.#locked.size > 0;
  }

  /** SQLite is no more; whoever opens the files next finds its journal. */
  abandon() {
    this.#locked.clear();
  }

  release() {
    for (const handle of this.#handles.values()) handle.close();
    this.#handles.clear();
  }

  #handle(fileId) {
    return this.#handles.get(this.#open.get(fileId));
  }

  xOpen(name, fileId, flags, outFlags) {
    // Only its own database and journal are here; the database once, since its locks are not told apart.
    if (!this.#handles.has(name)) return CANTOPEN;
    if (flags & OPEN_MAIN_DB && (name !== this.database || [...this.#open.values()].includes(name))) return CANTOPEN;
    this.#open.set(fileId, name);
    outFlags.setInt32(0, flags, true);
    return OK;
  }

  xClose(fileId) {
    this.#open.delete(fileId);
    this.#locked.delete(fileId);
    return OK;
  }

  // A journal that goes is a commit: one that was back after a loss of power would undo it.
  xDelete(name) {
    try {
      const handle = this.#handles.get(name);
      handle?.truncate(0);
      handle?.flush();
      return OK;
    } catch {
      return IOERR_DELETE;
    }
  }

  xAccess(name, flags, result) {
    try {
      const handle = this.#handles.get(name);
      result.setInt32(0, handle && handle.getSize() > 0 ? 1 : 0, true);
      return OK;
    } catch {
      return IOERR_ACCESS;
    }
  }

  xRead(fileId, bytes, offset) {
    try {
      const size = this.#handle(fileId).read(bytes, { at: offset });
      if (size === bytes.length) return OK;
      bytes.fill(0, size);
      return IOERR_SHORT_READ;
    } catch {
      return IOERR_READ;
    }
  }

  xWrite(fileId, bytes, offset) {
    try {
      return this.#handle(fileId).write(bytes, { at: offset }) === bytes.length ? OK : FULL;
    } catch (error) {
      return error.name === 'QuotaExceededError' ? FULL : IOERR_WRITE;
    }
  }

  xTruncate(fileId, size) {
    try {
      this.#handle(fileId).truncate(size);
      return OK;
    } catch {
      return IOERR_TRUNCATE;
    }
  }

  xSync(fileId) {
    try {
      this.#handle(fileId).flush();
      return OK;
    } catch {
      return IOERR_FSYNC;
    }
  }

  xFileSize(fileId, size) {
    try {
      const bytes = this.#handle(fileId).getSize();
      size.setUint32(0, bytes % 2 ** 32, true);
      size.setUint32(4, Math.floor(bytes / 2 ** 32), true);
      return OK;
    } catch {
      return IOERR_FSTAT;
    }
  }

  // Whoever runs has the database to himself (lock.js), until SQLite has given its own locks back.
  xLock(fileId) {
    this.#locked.add(fileId);
    return OK;
  }

  xUnlock(fileId, lock) {
    if (lock === 0) this.#locked.delete(fileId);
    return OK;
  }

  xCheckReservedLock(fileId, result) {
    result.setInt32(0, 0, true);
    return OK;
  }

  xFileControl() {
    return NOTFOUND;
  }

  xSectorSize() {
    return 4096;
  }

  xDeviceCharacteristics() {
    return 0;
  }
}
