// The JavaScript objects behind SQLite's callbacks, in the module's own scope (emcc --post-js). Its public face is that
// of wa-sqlite's modules, which @vlcn.io/wa-sqlite's Factory() expects.
(() => {
  const isAsync = typeof Asyncify === 'object';
  const text = (pointer) => (pointer ? UTF8ToString(pointer) : null);
  const view = (pointer, size) => new DataView(HEAPU8.buffer, pointer, size);
  const bytes = (pointer, size) => HEAPU8.subarray(pointer, pointer + size);
  const number64 = (pointer) => {
    const data = view(pointer, 8);
    return data.getInt32(4, true) * 2 ** 32 + data.getUint32(0, true);
  };

  // A file's entry stays after it is closed: while Asyncify rewinds, the call that closed it is made again.
  const fileSystems = new Map();
  const files = new Map();
  const callbacks = [];
  const userData = new Map();
  const authorizers = new Map();
  const progressHandlers = new Map();
  const rollbackHooks = new Map();

  const inContext = (id, context, run) => {
    userData.set(context, callbacks[id].userData);
    run(callbacks[id]);
    userData.delete(context);
  };
  const register = (callback) => callbacks.push(callback) - 1;

  Module['imports'] = {
    vfsOpen(vfs, name, file, flags, outFlags) {
      files.set(file, fileSystems.get(vfs));
      return files.get(file).xOpen(text(name), file, flags, view(outFlags, 4));
    },
    vfsDelete: (vfs, name, sync) => fileSystems.get(vfs).xDelete(text(name), sync),
    vfsAccess: (vfs, name, flags, result) => fileSystems.get(vfs).xAccess(text(name), flags, view(result, 4)),
    vfsClose: (file) => files.get(file).xClose(file),
    vfsRead: (file, data, size, offset) => files.get(file).xRead(file, bytes(data, size), number64(offset)),
    vfsWrite: (file, data, size, offset) => files.get(file).xWrite(file, bytes(data, size), number64(offset)),
    vfsTruncate: (file, size) => files.get(file).xTruncate(file, number64(size)),
    vfsSync: (file, flags) => files.get(file).xSync(file, flags),
    vfsFileSize: (file, size) => files.get(file).xFileSize(file, view(size, 8)),
    vfsLock: (file, lock) => files.get(file).xLock(file, lock),
    vfsUnlock: (file, lock) => files.get(file).xUnlock(file, lock),
    vfsCheckReservedLock: (file, result) => files.get(file).xCheckReservedLock(file, view(result, 4)),
    // How large the argument is depends on what is asked; none is larger than this.
    vfsFileControl: (file, what, argument) =>
      files.get(file).xFileControl(file, what, new DataView(HEAPU8.buffer, argument)),
    vfsSectorSize: (file) => files.get(file).xSectorSize(file),
    vfsDeviceCharacteristics: (file) => files.get(file).xDeviceCharacteristics(file),

    jsRandom(data, size) {
      crypto.getRandomValues(bytes(data, size));
    },
    jsNow: () => Date.now(),

    jsFunction(id, context, count, values) {
      inContext(id, context, (it) => it.call(context, new Uint32Array(HEAPU8.buffer, values, count)));
    },
    jsStep(id, context, count, values) {
      inContext(id, context, (it) => it.step(context, new Uint32Array(HEAPU8.buffer, values, count)));
    },
    jsFinal(id, context) {
      inContext(id, context, (it) => it.final(context));
    },
    jsUpdateHook(id, type, database, table, row) {
      const data = view(row, 8);
      const rowid = (BigInt(data.getInt32(4, true)) << BigInt(32)) | BigInt(data.getUint32(0, true));
      callbacks[id].call(type, text(database), text(table), rowid);
    },
    jsRollbackHook(db) {
      rollbackHooks.get(db)();
    },
    jsAuthorize(db, action, a, b, database, trigger) {
      const it = authorizers.get(db);
      return it.call(it.userData, action, text(a), text(b), text(database), text(trigger));
    },
    jsProgress(db) {
      const it = progressHandlers.get(db);
      return it.call(it.userData);
    },
  };

  Module['registerVFS'] = (vfs, isDefault) => {
    if (ccall('sqlite3_vfs_find', 'number', ['string'], [vfs.name])) {
      throw Error(`a file system of the name '${vfs.name}' is registered already`);
    }
    if (isAsync) vfs.handleAsync = (start) => Asyncify.handleAsync(start);
    const out = _malloc(4);
    const code = ccall('register_vfs', 'number', ['string', 'number', 'number', 'number'],
      [vfs.name, vfs.mxPathName ?? 64, isDefault ? 1 : 0, out]);
    if (!code) fileSystems.set(getValue(out, '*'), vfs);
    _free(out);
    return code;
  };

  Module['updateHook'] = (db, hook) => _update_hook(db, hook ? register({ call: hook }) : -1);
  Module['rollbackHook'] = (db, hook) => {
    rollbackHooks.set(db, hook);
    _rollback_hook(db);
  };

  const createFunction = (db, name, count, encoding, callback, isAggregate) =>
    ccall('create_function', 'number', ['number', 'string', 'number', 'number', 'number', 'number'],
      [db, name, count, encoding, register(callback), isAggregate]);
  Module['createFunction'] = (db, name, count, encoding, data, call) =>
    createFunction(db, name, count, encoding, { call, userData: data }, 0);
  Module['createAggregate'] = (db, name, count, encoding, data, step, final) =>
    createFunction(db, name, count, encoding, { step, final, userData: data }, 1);
  Module['getFunctionUserData'] = (context) => userData.get(context);

  Module['setAuthorizer'] = (db, call, data) => {
    authorizers.set(db, { call, userData: data });
    return _set_authorizer(db, call ? 1 : 0);
  };
  Module['progressHandler'] = (db, operations, call, data) => {
    progressHandlers.set(db, { call, userData: data });
    _progress_handler(db, call ? operations : 0);
  };
  Module['createModule'] = () => {
    throw Error('Rejoin has no virtual tables in JavaScript');
  };
})();
