// The worker that has the database: requests { id, method, args } in, answers { id, result } or { id, error } out, and
// { push: [kind, ...details] }.
import { SqliteError } from './error.js';
import { Host } from './host.js';
import { SharedLock } from './lock.js';
import { removeFiles } from './opfs.js';

let host;
const push = (...news) => postMessage({ push: news });

const methods = {
  async open(name, options) {
    const opened = await Host.open(name, options, push);
    host = opened.host;
    return opened.about;
  },
  remove: (name) => SharedLock.withNobody(name, () => removeFiles(name)),
};

addEventListener('message', async ({ data: { id, method, args } }) => {
  try {
    const result = await (methods[method] ? methods[method](...args) : host[method](...args));
    postMessage({ id, result });
  } catch (error) {
    const code = error instanceof SqliteError ? error.code : undefined;  // a DOMException has one of its own kind
    postMessage({ id, error: { name: error.name, message: error.message, code } });
  }
});
addEventListener('online', () => host?.wake());
