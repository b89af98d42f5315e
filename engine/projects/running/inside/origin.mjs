// One origin for a page and the interfaces that it calls: files from memory, paths of interfaces passed on, nothing kept.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.map': 'application/json', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.gif': 'image/gif', '.webp': 'image/webp',
  '.ico': 'image/x-icon', '.woff': 'font/woff', '.woff2': 'font/woff2', '.ttf': 'font/ttf', '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json', '.xml': 'application/xml',
};
const HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'];

/** All files below *folder*, by path; read once, so that what is served is what was built. */
function read(folder) {
  const found = new Map();
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const full = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(`/${path.relative(folder, full)}`, fs.readFileSync(full));
  }
  return found;
}

/**
 * Listen on *port* of this machine. `routes` are [{pattern, port}] or [{pattern, method, status, body}], the first that fits
 * is taken; then `folder` with its files, or `upstream`, the port of a page that is served by a program of its own.
 */
export async function serve({ port, routes, folder = '', upstream = 0, page = '' }) {
  const files = folder ? read(folder) : new Map();
  const known = routes.map((route) => ({ ...route, pattern: new RegExp(route.pattern, 'u') }));
  const server = http.createServer((request, response) => {
    let where;
    try {
      where = decodeURIComponent(new URL(request.url, 'http://page').pathname);
    } catch {
      return void response.writeHead(400).end();
    }
    const fits = known.filter((route) => route.pattern.test(where));
    const route = fits.find((each) => each.port) ?? fits.find((each) => each.method === request.method);
    if (route?.port) return pass(request, response, route.port);
    if (route) return told(response, route.status, route.body);
    if (fits.length) return told(response, 404, {});
    if (upstream) return pass(request, response, upstream);
    return file(request, response, where, files, page);
  });
  server.on('upgrade', (request, socket, head) => {
    const where = request.url.split('?')[0];
    const to = known.find((route) => route.port && route.pattern.test(where))?.port || upstream;
    socket.on('error', () => {});
    if (!to) return socket.destroy();
    const other = net.connect(to, '127.0.0.1', () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let at = 0; at < request.rawHeaders.length; at += 2) lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
      other.write(`${lines.join('\r\n')}\r\n\r\n`);
      other.write(head);
      socket.pipe(other).pipe(socket);
    });
    other.on('error', () => socket.destroy());
    socket.on('close', () => other.destroy());
  });
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${server.address().port}`;
}

function told(response, status, body) {
  response.writeHead(status, body === null ? {} : { 'content-type': 'application/json' });
  response.end(body === null ? undefined : JSON.stringify(body));
}

function file(request, response, where, files, page) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  let name = where.endsWith('/') ? `${where}index.html` : where;
  // a path of the page's own router, where it is gone to; a script that asks for what is not there is told so
  const gone = (request.headers.accept ?? '').includes('text/html');
  if (!files.has(name) && gone && !path.posix.basename(where).includes('.')) name = '/index.html';
  const content = files.get(name) ?? (name === '/index.html' && page ? Buffer.from(page) : undefined);
  // browsers ask for it on their own
  if (content === undefined) return void response.writeHead(where === '/favicon.ico' ? 204 : 404).end();
  const headers = { 'content-type': TYPES[path.extname(name).toLowerCase()] ?? 'application/octet-stream' };
  response.writeHead(200, { ...headers, 'content-length': content.length, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : content);
}

function pass(request, response, port) {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP.includes(name)));
  const asked = http.request({ host: '127.0.0.1', port, method: request.method, path: request.url, headers, agent: false }, (answer) => {
    const back = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !HOP.includes(name)));
    try {
      response.writeHead(answer.statusCode, back);
    } catch {
      return void response.writeHead(502).end();
    }
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  asked.on('error', (error) => {
    if (response.headersSent) return response.destroy();
    response.writeHead(502, { 'content-type': 'text/plain' }).end(`no answer from port ${port}: ${error.code ?? error.message}`);
  });
  response.on('close', () => asked.destroy());
  request.pipe(asked);
}
