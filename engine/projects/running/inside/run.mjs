// Takes the scenarios of this project, one after the other, and says of each whether it is met:
//
//     node e2e/run.mjs http://localhost:8080            one page
//     node e2e/run.mjs web=http://localhost:8080 admin=http://localhost:8081
//
// A job is run by `docker compose run` in the folder above, or by the command in $RUN_JOB, with the job's name behind it.
// It needs `playwright-core` (npm install --prefix e2e) and a Chromium: $CHROMIUM, one that Playwright has installed, or Chrome.
// Exit code: 0 where all are met, 1 where one is not, 2 where it was called wrongly or has no browser.
//
// What is looked up on a page is looked up in a world of its own: scripts of the page see neither the questions nor the answers.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';

export const VIEW = { width: 1280, height: 800 };
const MOST_BODY = 1 << 20;
const MOST_DIALOGS = 20;
const MOST_REQUESTS = 1_000;
const LOOK = 50;
const EXCERPT = 1_500;
const ACTIONS = new Set(['fill', 'choose', 'click']);
const looks = (step) => ['visit', 'see', 'miss'].includes(step.do) || (step.do === 'call' && step.method === 'GET');

/** A step that was not met, and what was seen instead; *mayCome* where it could be met a little later. */
export class Unmet extends Error {
  constructor(message, mayCome = false) {
    super(message);
    this.mayCome = mayCome;
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What *work* comes to, or an error once *milliseconds* are over: a page can keep a browser from ever answering. */
export async function within(milliseconds, what, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Unmet(`${what} took longer than ${milliseconds / 1000} s`)), milliseconds);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const plain = (text) => text.replace(/\s+/gu, ' ').trim();
const cut = (text, most = EXCERPT) => (text.length > most ? `${text.slice(0, most)} [...]` : text);
const first = (error) => String(error?.message ?? error).split('\n')[0];

/** *value* with `{name}` replaced by what was kept; where a text is nothing but a name, by the value as it is. */
export function filled(value, kept) {
  if (typeof value === 'string') {
    const whole = /^\{([a-z][a-z0-9_]*)\}$/u.exec(value);
    if (whole && kept.has(whole[1])) return kept.get(whole[1]);
    return value.replace(/\{([a-z][a-z0-9_]*)\}/gu, (all, name) => (kept.has(name) ? String(kept.get(name)) : all));
  }
  if (Array.isArray(value)) return value.map((each) => filled(each, kept));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, kept)]));
}

/** What stands at a JSON Pointer; undefined where nothing does. */
export function at(value, pointer) {
  let here = value;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(here)) here = /^(0|[1-9][0-9]*)$/u.test(name) ? here[Number(name)] : undefined;
    else here = here !== null && typeof here === 'object' && Object.hasOwn(here, name) ? here[name] : undefined;
  }
  return here;
}

/** A value that is surely another one. */
const wrong = (value) => (typeof value === 'string' ? `${value} (made wrong)` : { wrong: value ?? null });

/** A page for one scenario, with what it said by itself. Dialogs are agreed to, as somebody who clicked would. */
export class Visitor {
  errors = [];
  dialogs = [];
  /** Addresses that the page has asked for. */
  requested = new Set();
  #context = null;
  #page = null;

  constructor(browser, origin, milliseconds) {
    this.browser = browser;
    this.origin = origin;
    this.milliseconds = milliseconds;
  }

  get opened() {
    return this.#page !== null;
  }

  async page() {
    if (this.#page === null) {
      const time = { timeout: this.milliseconds };
      this.#context = await within(4 * this.milliseconds, 'a new window', this.browser.newContext({
        viewport: VIEW, serviceWorkers: 'block', acceptDownloads: false, locale: 'en-GB', timezoneId: 'UTC',
      }));
      this.#context.setDefaultTimeout(time.timeout);
      const page = await within(4 * this.milliseconds, 'a new page', this.#context.newPage());
      page.on('request', (request) => this.requested.size < MOST_REQUESTS && this.requested.add(request.url()));
      page.on('pageerror', (error) => this.errors.push(cut(`${error?.name ?? 'Error'}: ${first(error)}`, 600)));
      page.on('dialog', (dialog) => {
        this.dialogs.push(cut(`${dialog.type()}: ${dialog.message()}`, 300));
        const over = this.dialogs.length > MOST_DIALOGS;
        (over ? page.close() : dialog.accept()).catch(() => {});
      });
      this.#context.on('page', (other) => other !== page && other.close().catch(() => {}));
      this.#page = page;
    }
    return this.#page;
  }

  get url() {
    const url = this.#page?.url() ?? '';
    return url.startsWith(this.origin) ? url.slice(this.origin.length) : url;
  }

  /** The text that is to be seen. */
  async text() {
    if (this.#page === null) throw new Unmet('no page was opened yet');
    const time = this.milliseconds;
    return plain(await within(time + 500, 'reading the page', this.#page.locator('body').innerText({ timeout: time })));
  }

  /** Whether *text* is to be seen. Its own text is looked at too: styles may show it in capitals, or in a shadow tree. */
  async shows(text) {
    const wanted = plain(text);
    if ((await this.text()).includes(wanted)) return true;
    const pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&').replaceAll(' ', '\\s+'), 'u');
    const found = this.#page.getByText(pattern).filter({ visible: true });
    return (await within(this.milliseconds + 500, 'reading the page', found.count())) > 0;
  }

  async picture() {
    if (this.#page === null) return null;
    try {
      const taken = this.#page.screenshot({ type: 'png', timeout: this.milliseconds, animations: 'disabled' });
      return await within(this.milliseconds + 500, 'a picture', taken);
    } catch {
      return null;
    }
  }

  async close() {
    if (this.#context !== null) await within(this.milliseconds + 1_000, 'closing the page', this.#context.close());
    this.#context = this.#page = null;
  }
}

/** One scenario on its way. */
class Taking {
  kept = new Map();
  before = null;
  moved = null;
  twin = 'none';
  /** Part of the time of a step within which something has to be seen. */
  patience = 1;
  /** Whether no job that was run has changed anything of what is looked at after it; null where there is nothing to tell it. */
  idle = null;

  constructor(visitor, scenario, runJob) {
    this.visitor = visitor;
    this.runJob = runJob;
    this.steps = scenario.steps;
    this.last = scenario.steps.findLastIndex((step) => step.do === 'see' || (step.do === 'call' && step.expects.length > 0));
  }

  get deadline() {
    return Date.now() + this.visitor.milliseconds * this.patience;
  }

  async step(number) {
    const step = filled(this.steps[number], this.kept);
    if (ACTIONS.has(step.do) && this.before === null && this.visitor.opened) await this.#remember(number);
    await this[step.do](step, number);
  }

  /** Which of the texts that are to come were seen before anything was done: what is there anyway shows nothing. */
  async #remember(number) {
    this.before = new Map();
    for (const step of this.steps.slice(number)) {
      if (step.do === 'visit') break;
      if (step.do === 'see' || step.do === 'miss') {
        const text = String(filled(step.text, this.kept));
        this.before.set(text, await this.visitor.shows(text));
      }
    }
    if (this.before.size) this.moved = false;
  }

  async visit(step) {
    const page = await this.visitor.page();
    this.before = this.moved = null;
    const time = this.visitor.milliseconds;
    let answer;
    try {
      const going = page.goto(this.visitor.origin + String(step.path), { waitUntil: 'domcontentloaded', timeout: time });
      answer = await within(time + 1_000, `opening ${step.path}`, going);
    } catch (error) {
      throw new Unmet(`${step.path} could not be opened: ${first(error)}`);
    }
    if (answer !== null && answer.status() >= 400) throw new Unmet(`${step.path} answered ${answer.status()}`);
  }

  async fill(step) {
    const fields = 'input, textarea, select, [contenteditable]';
    const field = await this.#only(`field labelled ${JSON.stringify(step.label)}`, (page, exact) =>
      page.getByLabel(String(step.label), { exact }).and(page.locator(fields)), (page) => page.locator('label'));
    await this.#acting(`filling ${JSON.stringify(step.label)}`, (time) => field.fill(String(step.text), time));
  }

  async choose(step) {
    const what = `list labelled ${JSON.stringify(step.label)}`;
    const list = await this.#only(what, (page, exact) =>
      page.getByLabel(String(step.label), { exact }).and(page.locator('select, [role=combobox], [role=listbox]')),
    (page) => page.locator('label'));
    const option = String(step.option);
    if (await list.and((await this.visitor.page()).locator('select')).count()) {
      await this.#acting(`choosing ${JSON.stringify(option)}`, (time) => list.selectOption({ label: option }, time));
      return;
    }
    await this.#acting(`opening the ${what}`, (time) => list.click(time));
    const found = await this.#only(`option ${JSON.stringify(option)}`, (page, exact) =>
      page.getByRole('option', { name: option, exact }), (page) => page.getByRole('option'));
    await this.#acting(`choosing ${JSON.stringify(option)}`, (time) => found.click(time));
  }

  async click(step) {
    const what = `${step.role} ${JSON.stringify(step.name)}`;
    const found = await this.#only(
      what,
      (page, exact) => page.getByRole(step.role, { name: String(step.name), exact }),
      (page) => page.getByRole(step.role),
    );
    await this.#acting(`clicking the ${what}`, (time) => found.click(time));
  }

  async see(step, number) {
    const text = String(step.text);
    const end = this.deadline;
    while (!(await this.visitor.shows(text))) {
      if (Date.now() >= end) throw new Unmet(`${JSON.stringify(text)} is not to be seen`);
      await pause(LOOK);
    }
    if (this.before?.get(text) === false) this.moved = true;
    if (number === this.last) this.twin = (await this.visitor.shows(wrong(text))) ? 'green' : 'red';
  }

  async miss(step) {
    const text = String(step.text);
    const end = this.deadline;
    // twice: a page that is just about to show it does not miss it
    for (let gone = 0; gone < 2; await pause(3 * LOOK)) {
      gone = (await this.visitor.shows(text)) ? 0 : gone + 1;
      if (!gone && Date.now() >= end) throw new Unmet(`${JSON.stringify(text)} is still to be seen`);
    }
    if (this.before?.get(text) === true) this.moved = true;
  }

  async run({ job }, number) {
    const end = this.steps.findIndex((step, at) => at > number && !looks(step));
    const held = await this.#holds(number + 1, end < 0 ? this.steps.length : end);
    // that it changes nothing when it is run once more is something to show, too
    this.idle = held === null ? this.idle : held && this.idle !== false;
    const { code, text } = await this.runJob(job);
    if (code !== 0) throw new Unmet(`the job ${job} ${code === null ? 'did not end' : `ended with ${code}`}: ${cut(text)}`);
  }

  /** Whether all that is expected from step *from* to *to*, which only look, is so already; null where that is nothing. */
  async #holds(from, to) {
    const expecting = (step) => step.do !== 'visit' && !(step.do === 'call' && !step.expects.length);
    if (!this.steps.slice(from, to).some(expecting)) return null;
    const { before, moved, twin, kept, patience } = this;
    // what is there already takes no time to come
    Object.assign(this, { kept: new Map(kept), patience: patience / 5 });
    try {
      for (let number = from; number < to; number += 1) await this.step(number);
      return true;
    } catch (error) {
      if (error instanceof Unmet) return false;
      throw error;
    } finally {
      Object.assign(this, { before, moved, twin, kept, patience });
    }
  }

  async call(step, number) {
    const end = this.deadline;
    for (;;) {
      try {
        return await this.#call(step, number);
      } catch (error) {
        // what is only read may be about to come: a worker is at it
        if (!error.mayCome || step.method !== 'GET' || Date.now() >= end) throw error;
      }
      await pause(2 * LOOK);
    }
  }

  async #call(step, number) {
    const what = `${step.method} ${step.path}`;
    const sent = step.body === null ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(step.body) };
    const signal = AbortSignal.timeout(this.visitor.milliseconds);
    let status, text;
    try {
      const answer = await fetch(this.visitor.origin + step.path, { method: step.method, redirect: 'manual', signal, ...sent });
      status = answer.status;
      text = await bounded(answer);
    } catch (error) {
      throw new Unmet(`${what} got no answer: ${first(error?.cause ?? error)}`);
    }
    if (status !== step.status) throw new Unmet(`${what} answered ${status}, not ${step.status}: ${cut(text)}`, status === 404);
    const kept = Object.entries(step.keep);
    if (!step.expects.length && !kept.length) return;
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      throw new Unmet(`${what} answered no JSON: ${cut(text)}`);
    }
    for (const { pointer, value } of step.expects) {
      const found = at(answer, pointer);
      if (!isDeepStrictEqual(found, value)) {
        throw new Unmet(`${what} has ${cut(JSON.stringify(found) ?? 'nothing', 300)} at ${JSON.stringify(pointer)}, `
          + `not ${cut(JSON.stringify(value), 300)}: ${cut(text)}`, true);
      }
    }
    for (const [name, pointer] of kept) {
      const found = at(answer, pointer);
      if (found === undefined) throw new Unmet(`${what} has nothing at ${JSON.stringify(pointer)}: ${cut(text)}`);
      this.kept.set(name, found);
    }
    if (number === this.last) {
      const fooled = step.expects.some(({ pointer, value }) => isDeepStrictEqual(at(answer, pointer), wrong(value)));
      this.twin = fooled ? 'green' : 'red';
    }
  }

  /** The one visible thing that *find* finds, by its whole name or else by a part of it; *others* are those it could be. */
  async #only(what, find, others) {
    if (!this.visitor.opened) throw new Unmet('no page was opened yet');
    const page = await this.visitor.page();
    const end = this.deadline;
    for (;;) {
      let count = 0;
      for (const exact of [true, false]) {
        const found = find(page, exact).filter({ visible: true });
        count = await within(this.visitor.milliseconds + 500, `looking for the ${what}`, found.count());
        if (count === 1) return found;
        if (count) break;
      }
      if (Date.now() >= end) {
        if (count) throw new Unmet(`there are ${count} of the ${what}`);
        throw new Unmet(`there is no ${what}${await this.#others(others(page))}`);
      }
      await pause(LOOK);
    }
  }

  /** What there is instead, in words. */
  async #others(found) {
    const texts = await within(this.visitor.milliseconds, 'looking around', found.filter({ visible: true }).allTextContents()).catch(() => []);
    const names = [...new Set(texts.map(plain).filter(Boolean))].slice(0, 10).map((text) => JSON.stringify(cut(text, 60)));
    return names.length ? `; there are ${names.join(', ')}` : '';
  }

  async #acting(what, act) {
    const time = this.visitor.milliseconds;
    try {
      await within(time + 500, what, act({ timeout: time }));
    } catch (error) {
      throw new Unmet(`${what} failed: ${first(error)}`);
    }
  }
}

async function bounded(answer) {
  const pieces = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    pieces.push(piece);
    size += piece.length;
    if (size > MOST_BODY) throw new Error(`it is longer than ${MOST_BODY} bytes`);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Take one scenario in a window of its own.
 *
 * `moved` is false where all that was looked for after something was done, or a job was run, had been there before; null
 * where that cannot be told. *runJob* runs a job to its end: `code` is its exit code, null where it did not end. `twin` is what became of the last expectation made wrong: red, green, or none where it was not reached. `hung` says
 * that the browser does not answer any more: another one has to be started.
 */
export async function take(browser, scenario, origin, { milliseconds = 5_000, pictures = false, runJob = composed } = {}) {
  const began = Date.now();
  const visitor = new Visitor(browser, origin, milliseconds);
  const taking = new Taking(visitor, scenario, runJob);
  const result = { name: scenario.name, passed: false, step: 0, what: '', url: '', page: '', errors: [], picture: null, hung: false };
  let number = 0;
  try {
    for (; number < scenario.steps.length; number += 1) await taking.step(number);
    result.passed = true;
  } catch (error) {
    result.step = number + 1;
    result.what = error instanceof Unmet ? error.message : `${scenario.steps[number].do}: ${first(error)}`;
    result.url = visitor.url;
    if (visitor.opened) result.page = await visitor.text().then(cut, () => '');
  }
  if (pictures && !result.passed) result.picture = await visitor.picture();
  result.errors = visitor.errors.slice(0, 20);
  result.requested = [...visitor.requested];
  result.moved = taking.idle ? false : taking.moved;
  result.twin = taking.twin;
  await visitor.close().catch(() => {
    result.hung = true;
  });
  result.seconds = (Date.now() - began) / 1000;
  return result;
}

/** Run *job* where the project runs. */
function composed(job) {
  const words = (process.env.RUN_JOB || 'docker compose run --rm --build -T').split(' ');
  const folder = fileURLToPath(new URL('..', import.meta.url));
  return new Promise((resolve) => {
    execFile(words[0], [...words.slice(1), job], { cwd: folder, timeout: 600_000 }, (error, out, err) => {
      const code = error ? (Number.isInteger(error.code) ? error.code : null) : 0;
      resolve({ code, text: plain(`${out} ${err} ${code === null ? error.message : ''}`) });
    });
  });
}

async function anyBrowser() {
  const { chromium } = await import('playwright-core');
  const ways = process.env.CHROMIUM
    ? [{ executablePath: process.env.CHROMIUM }]
    : [{}, { channel: 'chromium' }, { channel: 'chrome' }, { channel: 'msedge' }];
  let failed;
  for (const way of ways) {
    try {
      return await chromium.launch(way);
    } catch (error) {
      failed ??= error;
    }
  }
  throw failed;
}

/** A step with all that may be left out of it. */
const whole = (step) => (step.do === 'call' ? { body: null, expects: [], keep: {}, ...step } : step);

async function main(words) {
  const read = (name) => JSON.parse(fs.readFileSync(new URL(name, import.meta.url), 'utf8'));
  const scenarios = read('scenarios.json').map((scenario) => ({ ...scenario, steps: scenario.steps.map(whole) }));
  // which page each is for, where there is more than one
  const several = fs.existsSync(new URL('pages.json', import.meta.url)) ? read('pages.json') : null;
  const pages = [...new Set(several ?? [''])];
  const origins = new Map();
  for (const word of words) {
    const [, name = '', url] = /^(?:([a-z][a-z0-9-]*)=)?(https?:\/\/[^/]+)\/?$/u.exec(word) ?? [];
    if (url) origins.set(name, url);
  }
  if (!words.length || origins.size !== words.length || pages.some((page) => !origins.has(page))) {
    const each = pages.map((page, number) => `${page && `${page}=`}http://localhost:${8080 + number}`).join(' ');
    console.error(`call it with where the project runs: node e2e/run.mjs ${each}`);
    return 2;
  }
  let browser;
  try {
    browser = await anyBrowser();
  } catch (error) {
    console.error(`no browser: ${first(error)}\nrun \`npm install --prefix e2e\`, and set CHROMIUM to the program of a Chromium or Chrome`);
    return 2;
  }
  let unmet = 0;
  for (const [number, scenario] of scenarios.entries()) {
    const result = await take(browser, scenario, origins.get(several?.[number] ?? ''));
    console.log(`${result.passed ? 'met  ' : 'UNMET'} ${scenario.requirement} ${scenario.name} (${result.seconds.toFixed(1)} s)`);
    if (!result.passed) {
      unmet += 1;
      console.log(`      step ${result.step} (${scenario.steps[result.step - 1].do}): ${result.what}`);
      if (result.url) console.log(`      at ${result.url}: ${cut(result.page, 400)}`);
    }
    if (result.hung) {
      await Promise.race([browser.close().catch(() => {}), pause(5_000)]);
      browser = await anyBrowser();
    }
  }
  console.log(`${scenarios.length - unmet} of ${scenarios.length} scenarios are met`);
  await Promise.race([browser.close().catch(() => {}), pause(5_000)]);
  return unmet ? 1 : 0;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).then((code) => process.exit(code));
}
