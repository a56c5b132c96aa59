// wa-sqlite's interface to SQLite, with what it does wrong to values and errors put right.
import { Factory, SQLITE_NOMEM, SQLITE_RANGE, SQLiteError } from '@vlcn.io/wa-sqlite';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What wa-sqlite makes of a module (crsqlite.mjs), changed in place: its functions call each other. */
export function createApi(module) {
  let opened = 0;
  const { ccall } = module;
  module.ccall = (name, result, types, values, options) => {
    if (name === 'RegisterExtensionFunctions') opened = values[0];
    return ccall(name, result, types, values, options);
  };
  const api = Factory(module);
  const original = { ...api };
  const free = module._getSqliteFree();

  // Even nothing has an address: the null pointer would make NULL of an empty blob.
  const copied = (bytes) => {
    const pointer = module._sqlite3_malloc(Math.max(bytes.length, 1));
    if (pointer === 0) throw new SQLiteError('out of memory', SQLITE_NOMEM);
    module.HEAPU8.set(bytes, pointer);
    return pointer;
  };
  const text = (pointer, size) => decoder.decode(module.HEAPU8.subarray(pointer, pointer + size));
  const bindBytes = (statement, i, bytes, bind) => {
    original.bind_null(statement, i);  // throws where there is no such parameter
    const code = bind(statement, i, copied(bytes), bytes.length, free);
    if (code !== 0) throw new SQLiteError('string or blob too big', code);
  };

  // A boolean is an error there, and undefined leaves what an earlier run of the statement has bound.
  api.bind = (statement, i, value) =>
    original.bind(statement, i, typeof value === 'boolean' ? Number(value) : value ?? null);
  api.bind_blob = (statement, i, value) => bindBytes(statement, i, value, module._sqlite3_bind_blob);
  // Its texts end at their first NUL.
  api.bind_text = (statement, i, value) => bindBytes(statement, i, encoder.encode(value), module._sqlite3_bind_text);
  api.column_text = (statement, i) => {
    const pointer = module._sqlite3_column_text(statement, i);
    return text(pointer, original.column_bytes(statement, i));
  };
  // An integer that does not fit is NULL there.
  api.bind_int64 = (statement, i, value) => {
    if (BigInt.asIntN(64, value) !== value) throw new SQLiteError(`${value} does not fit into 64 bits`, SQLITE_RANGE);
    return original.bind_int64(statement, i, value);
  };

  api.value_blob = (value) => original.value_blob(value).slice();
  api.value_text = (value) => {
    const pointer = module._sqlite3_value_text(value);
    return text(pointer, original.value_bytes(value));
  };
  const resultBytes = (context, bytes, result) => result(context, copied(bytes), bytes.length, free);
  api.result_blob = (context, value) => resultBytes(context, value, module._sqlite3_result_blob);
  api.result_text = (context, value) =>
    resultBytes(context, encoder.encode(value), module._sqlite3_result_text);
  api.result = (context, value) => {
    if (typeof value === 'boolean') return original.result(context, Number(value));
    const isKnown = ['number', 'string', 'bigint'].includes(typeof value) || value instanceof Uint8Array ||
      Array.isArray(value);
    return original.result(context, isKnown ? value : null);
  };
  api.result_error = (context, message) =>
    ccall('sqlite3_result_error', null, ['number', 'string', 'number'], [context, message, -1]);

  // Its error names the function that failed, and the connection is lost.
  api.open_v2 = async (...details) => {
    opened = 0;
    try {
      return await original.open_v2(...details);
    } catch (error) {
      const message = ccall('sqlite3_errmsg', 'string', ['number'], [opened]);
      if (opened !== 0) await original.close(opened);
      throw new SQLiteError(message, error.code);
    }
  };
  return api;
}
