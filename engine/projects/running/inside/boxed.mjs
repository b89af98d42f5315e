// The driver in the box: serves the pages, has the scenarios taken against an empty stand-in and against the project, and says
// what came of it, one JSON object a line on standard output. It loads nothing that was submitted.
//
// Standard input: one line of JSON (see `engine/projects/running/asked.py: Driven`), then a line once the components are up.
import fs from 'node:fs';
import process from 'node:process';
import readline from 'node:readline';
import { isFixed, suspected } from './fixed.mjs';
import { serve } from './origin.mjs';
import { Visitor, pause, take, within } from './run.mjs';

const MOST_PICTURE = 1 << 20;
// of all pictures together: the report has to hold them, and all else
let room = 12 << 20;
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const asked = JSON.parse((await lines.next()).value);
const end = Date.now() + asked.milliseconds;
const { chromium } = await import(asked.playwright);

function say(line) {
  let rest = Buffer.from(`${JSON.stringify(line, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most)} [...]` : text);
const first = (error) => String(error?.message ?? error).split('\n')[0];

let browser = null;
let restarts = 0;

async function launch() {
  browser = await chromium.launch({
    executablePath: asked.browser,
    args: asked.flags,
    timeout: 30_000,
  });
}

/** A browser that answers: one that a page has stopped is replaced, a few times. */
async function answering() {
  if (browser?.isConnected()) return browser;
  if (restarts > asked.restarts) throw new Error(`the browser ended ${restarts} times`);
  restarts += 1;
  await launch();
  return browser;
}

async function drop() {
  const old = browser;
  browser = null;
  if (!old) return;
  await Promise.race([old.close().catch(() => {}), pause(1_000)]);
  if (old.isConnected()) for (const pid of descendants()) try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended */ }
}

function descendants() {
  const parents = new Map();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^[0-9]+$/u.test(name)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it has ended */ }
  }
  const found = new Set([process.pid]);
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, parent] of parents) if (found.has(parent) && !found.has(pid)) grown = Boolean(found.add(pid));
  }
  found.delete(process.pid);
  return found;
}

/** Processes of ours that others of the same user could look into, by name. Nothing submitted runs yet. */
function open() {
  const found = [];
  for (const pid of [process.ppid, process.pid, ...descendants()]) {
    try {
      if (fs.statSync(`/proc/${pid}/environ`).uid !== 0) found.push(fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    } catch { /* it has ended */ }
  }
  return [...new Set(found)];
}

function tellPicture(name, picture) {
  if (!picture || picture.length > Math.min(MOST_PICTURE, room)) return;
  room -= picture.length;
  say({ event: 'picture', name, png: picture.toString('base64') });
}

/** Pages that have asked an interface for something, which those do not that only show what they have brought along. */
const reached = new Set();

function remember(page, origin, urls) {
  const { routes } = asked.origins.find((each) => each.page === page);
  const patterns = routes.filter(({ port }) => port).map(({ pattern }) => new RegExp(pattern, 'u'));
  const paths = [...urls].filter((url) => url.startsWith(`${origin}/`)).map((url) => new URL(url).pathname);
  if (paths.some((path) => patterns.some((pattern) => pattern.test(path)))) reached.add(page);
}

/** Open *origin* as somebody would who has never been there. */
async function look({ page, origin }) {
  const result = { event: 'opened', page, status: 0, title: '', text: '', wrong: [] };
  const note = (rule, message, where = '') => result.wrong.length < 40 && result.wrong.push({ rule, message: cut(message, 1_000), where: cut(where, 300) });
  const visitor = new Visitor(await answering(), origin, asked.step);
  try {
    const window = await visitor.page();
    const inside = (url) => (url.startsWith(origin) ? url.slice(origin.length) : url);
    window.on('console', (message) => {
      const { url, lineNumber } = message.location();
      // what could not be loaded is told below, with its status
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
      note('console', message.text(), url ? `${inside(url)}:${lineNumber + 1}` : '');
    });
    window.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // given up by the page itself, or by the end of it
      if (why !== 'net::ERR_ABORTED') note('request', `${request.method()} ${inside(request.url())} failed: ${why}`);
    });
    window.on('response', (answer) => {
      if (answer.status() >= 400) note('request', `${answer.request().method()} ${inside(answer.url())} answered ${answer.status()}`);
    });
    window.on('crash', () => note('crash', 'the page crashed'));
    const answer = await within(asked.open + 1_000, 'opening the page', window.goto(`${origin}/`, { waitUntil: 'load', timeout: asked.open }));
    result.status = answer?.status() ?? 0;
    await window.waitForLoadState('networkidle', { timeout: asked.settle }).catch(() => {});
    result.title = cut(await within(asked.step, 'reading the title', window.title()), 300);
    result.text = cut(await visitor.text(), 1_500);
    const drawn = await within(asked.step, 'reading the page', window.locator('img, svg, canvas, video, input, button').count());
    if (!result.text && !drawn) note('blank', 'the page shows nothing');
  } catch (error) {
    note('hung', first(error));
  }
  for (const error of visitor.errors) note('error', error);
  for (const dialog of visitor.dialogs) note('dialog', `a dialog opened by itself: ${dialog}`);
  tellPicture(`page:${page}`, await visitor.picture());
  remember(page, origin, visitor.requested);
  say(result);
  await visitor.close().catch(drop);
}

/** A page as it is in the end, with what the scenarios have brought; the first picture stays where there is none. */
async function pictured(page, origin) {
  const visitor = new Visitor(await answering(), origin, asked.step);
  try {
    const window = await visitor.page();
    await window.goto(`${origin}/`, { waitUntil: 'load', timeout: asked.step });
    await window.waitForLoadState('networkidle', { timeout: asked.settle }).catch(() => {});
    tellPicture(`page:${page}`, await visitor.picture());
  } catch { /* what is wrong with it was told when it was opened */ }
  await visitor.close().catch(drop);
}

/** Have the supervisor run a job; where there is nothing, jobs end at once and have done nothing. */
async function runJob(job) {
  say({ event: 'run', job });
  const { value, done } = await lines.next();
  return done ? { code: null, text: '' } : JSON.parse(value);
}

const doingNothing = async () => ({ code: 0, text: '' });

/** Scenarios that are met, and in whose end nothing was seen to change. */
const unmoved = new Set();

/** Say which of *suspects* look for what the page says by itself. */
async function tellFixed(suspects, origins) {
  for (const number of suspects.filter((each) => unmoved.has(each))) {
    const met = async (steps) => {
      if (Date.now() >= end) return { passed: true };
      const result = await take(await answering(), steps, origins.get(steps.page), { milliseconds: asked.step, runJob });
      if (result.hung) await drop();
      return result;
    };
    if (await isFixed(asked.scenarios[number], met)) say({ event: 'fixed', number });
  }
}

/** Whether a page could be closed; where it hangs, the browser is replaced, which is not held against the project twice. */
const closing = (closed) => closed.then(() => true, async () => {
  await drop();
  restarts -= 1;
  return false;
});

async function scenario(number, origin, milliseconds, against) {
  const each = asked.scenarios[number];
  if (Date.now() >= end) {
    say({ event: 'scenario', against, number, passed: false, step: 0, what: 'the time of all scenarios was over', url: '', page: '', errors: [], moved: null, twin: 'none', seconds: 0 });
    return;
  }
  const real = against === 'project';
  const result = await take(await answering(), each, origin, { milliseconds, pictures: real, runJob: real ? runJob : doingNothing });
  if (real) remember(each.page, origin, result.requested);
  if (real && result.passed && result.moved === null) unmoved.add(number);
  if (real) tellPicture(`failed:${number + 1}`, result.picture);
  const { passed, step, what, url, page, errors, moved, twin, seconds, hung } = result;
  say({ event: 'scenario', against, number, passed, step, what: cut(what, 3_000), url: cut(url, 500), page, errors, moved, twin, seconds });
  if (hung) await drop();
}

async function all() {
  await launch();
  const origins = new Map();
  for (const each of asked.origins) origins.set(each.page, await serve(each));
  const empty = asked.stand_in && (await serve(asked.stand_in));
  // pages as they were built, and behind them interfaces that know nothing
  const alone = new Map();
  for (const each of asked.origins) if (empty && each.folder) alone.set(each.page, await serve({ ...each, routes: asked.stand_in.routes }));
  say({ event: 'prepared', open: open(), browser: browser.version() });
  if (empty) {
    for (const number of asked.scenarios.keys()) await scenario(number, empty, asked.empty_step, 'stand-in');
    say({ event: 'stood_in' });
  }
  if (!asked.origins.length) return;
  const suspects = [];
  for (const [page, origin] of alone) {
    const own = [...asked.scenarios.entries()].filter(([, each]) => each.page === page);
    suspects.push(...(await suspected(answering, origin, own, { ...asked, end }, closing)));
  }
  // the line comes once every component answers
  if ((await lines.next()).done) return;
  for (const [page, origin] of origins) if (page) await look({ page, origin });
  for (const [number, each] of asked.scenarios.entries()) await scenario(number, origins.get(each.page), asked.step, 'project');
  await tellFixed(suspects, origins);
  for (const page of origins.keys()) if (page) say({ event: 'reached', page, any: reached.has(page) });
  for (const [page, origin] of origins) if (page) await pictured(page, origin);
}

let failed = '';
try {
  await all();
} catch (error) {
  failed = first(error);
}
say({ event: 'driven', failed });
await drop();
process.exit(0);
