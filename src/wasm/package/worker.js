// The worker that has the database: requests { id, method, args } in, answers { id, result } or { id, error } out, and
// { push: [kind, ...details] }.
import { Host } from './host.js';
import { removeFiles } from './opfs.js';

let host;
const push = (...news) => postMessage({ push: news });

const methods = {
  async open(name, options) {
    const opened = await Host.open(name, options, push);
    host = opened.host;
    return opened.about;
  },
  remove: removeFiles,
};

addEventListener('message', async ({ data: { id, method, args } }) => {
  try {
    const result = await (methods[method] ? methods[method](...args) : host[method](...args));
    postMessage({ id, result });
  } catch (error) {
    postMessage({ id, error: { message: error.message, code: error.code } });
  }
});
addEventListener('online', () => host?.wake());
