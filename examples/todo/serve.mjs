// Serves the app to browsers: this folder, TinyBase, Rejoin's package for browsers, and where the hub is.
//
//   node serve.mjs [--port N] [--hub ws://…] [--room NAME] [--modules DIR] [--rejoin DIR]
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    hub: { type: 'string', default: 'ws://127.0.0.1:8787' },
    room: { type: 'string', default: 'todo' },
    modules: { type: 'string', default: join(here, 'node_modules') },
    rejoin: { type: 'string', default: join(here, '../../build/wasm/package') },
  },
});

const FOLDERS = [
  ['/modules/', options.modules],
  ['/rejoin/', options.rejoin],
  ['/', here],
];

const SAFE = { 'X-Content-Type-Options': 'nosniff' };

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

/** The file that a path names, or undefined. A part that begins with a dot is neither a way up nor a hidden file. */
function fileOf(path) {
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const parts = decoded.split('/');
  if (parts.some((part) => part.startsWith('.') || part.includes(sep) || /[\0\\]/.test(part))) return undefined;
  if (decoded.endsWith('/')) decoded += 'index.html';
  const [prefix, folder] = FOLDERS.find(([start]) => decoded.startsWith(start)) ?? [];
  return prefix && TYPES[extname(decoded)] ? join(folder, decoded.slice(prefix.length)) : undefined;
}

function answer(response, status, type, body) {
  response.writeHead(status, { ...SAFE, 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body);
}

async function serve(request, response) {
  if (!['GET', 'HEAD'].includes(request.method)) return answer(response, 405, 'text/plain', 'GET or HEAD\n');
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/config.json') {
    return answer(response, 200, TYPES['.json'], JSON.stringify({ hub: options.hub, room: options.room }));
  }
  const file = fileOf(pathname);
  const found = file && (await stat(file).catch(() => undefined));
  if (!found?.isFile()) return answer(response, 404, 'text/plain', 'There is nothing here.\n');
  const etag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`;
  // no-cache: kept, but asked about each time. Where the service worker runs (sw.js), the first reload still shows what
  // it has kept, and fetches what is in the folder now for the second one.
  const headers = { ...SAFE, ETag: etag, 'Cache-Control': 'no-cache' };
  if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end();
  response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(file)], 'Content-Length': found.size });
  if (request.method === 'HEAD') return response.end();
  createReadStream(file).on('error', () => response.destroy()).pipe(response);
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy());
});

// Only this machine: pages from elsewhere would need https for the service worker and for the file system.
server.listen(Number(options.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
