// Which scenarios look, in the end, only for what a page says by itself: whatever is done, and whatever data there is.
import { Visitor, pause } from './run.mjs';

const LOOK = 50;
const LONGER = 500;
const ACTING = new Set(['fill', 'choose', 'click', 'run']);
const acts = (step) => ACTING.has(step.do) || (step.do === 'call' && step.method !== 'GET');
const lastAct = (steps) => steps.findLastIndex(acts);

/**
 * What *scenario* looks for on a page once it has done the last thing that it does, by path; null where that is not all, for
 * it looks at what an interface answers too, or there is nothing.
 */
export function endOf({ steps }) {
  const last = lastAct(steps);
  const found = [];
  let path = null;
  for (const [number, step] of steps.entries()) {
    if (step.do === 'visit') path = step.path;
    if (number <= last) continue;
    if (step.do === 'call' && step.expects.length) return null;
    if (step.do === 'see' || step.do === 'miss') found.push({ path, text: step.text, is: step.do === 'see' });
  }
  return found.length && found.every((each) => each.path !== null) ? found : null;
}

/** Of *texts*, those that are to be seen at *path* where nobody has done anything. */
async function shownAt(browser, origin, path, texts, { step, settle }) {
  const visitor = new Visitor(browser, origin, step);
  const shown = new Set();
  try {
    const window = await visitor.page();
    // what a scenario has kept is not known yet, and is data
    await window.goto(origin + path.replace(/\{[a-z][a-z0-9_]*\}/gu, '0'), { waitUntil: 'load', timeout: step });
    await window.waitForLoadState('networkidle', { timeout: settle }).catch(() => {});
    for (const end = Date.now() + LONGER; ; await pause(LOOK)) {
      for (const text of texts) if (!shown.has(text) && (await visitor.shows(text))) shown.add(text);
      if (shown.size === texts.size || Date.now() >= end) break;
    }
  } catch { /* where it cannot be opened, nothing is said by itself */ }
  return { shown, closed: visitor.close() };
}

/**
 * Numbers of the *scenarios* whose end is so on the page at *origin* behind which no interface knows anything, before
 * anybody has done anything. *pace* has the milliseconds of a step and until a page settles, and the time when all ends;
 * *closing* says whether a page that is being closed was: one that hangs is not looked at again.
 */
export async function suspected(browser, origin, scenarios, pace, closing) {
  const ends = new Map(scenarios.map(([number, scenario]) => [number, endOf(scenario)]).filter(([, end]) => end));
  const wanted = new Map();
  for (const { path, text } of [...ends.values()].flat()) wanted.set(path, (wanted.get(path) ?? new Set()).add(text));
  const there = new Map();
  for (const [path, texts] of wanted) {
    if (Date.now() >= pace.end) break;
    const { shown, closed } = await shownAt(await browser(), origin, path, texts, pace);
    there.set(path, shown);
    if (!(await closing(closed))) break;
  }
  return [...ends].filter(([, end]) => end.every(({ path, text, is }) => there.get(path)?.has(text) === is)).map(([number]) => number);
}

/**
 * Whether the end of a suspected *scenario*, which was met, is so anyhow: without the last thing that it does, as *met* says
 * of steps (`{passed, step}`). Where it does nothing, it is.
 */
export async function isFixed(scenario, met) {
  const last = lastAct(scenario.steps);
  if (last < 0) return true;
  const steps = scenario.steps.toSpliced(last, 1);
  const without = await met({ ...scenario, steps });
  if (without.passed || without.step > last) return without.passed;
  // what comes before cannot be done twice: then on the project as it stands
  const look = steps.slice(0, last).findLastIndex((step) => step.do === 'visit');
  const rest = steps.slice(last).filter((step) => step.do !== 'call');
  return (await met({ ...scenario, steps: rest[0].do === 'visit' || look < 0 ? rest : [steps[look], ...rest] })).passed;
}
