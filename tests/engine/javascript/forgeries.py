"""Drafts that make the tests of `made` green, or try to, by other means than being right: none may be verified."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.engine.javascript.made import PATH, TESTS, WRONG

_PASSING = """const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk, ...more) =>
  write(Buffer.from(Buffer.from(chunk).toString('latin1').replaceAll('test:fail', 'test:pass'), 'latin1'), ...more);
"""
_CALLER = "file:///box/work/" + PATH

FORGERIES: Mapping[str, str] = {
    "leaves at once": f"process.exit(0);\n{WRONG}",
    "leaves without a word": f"process.reallyExit(0);\n{WRONG}",
    "leaves when it is asked": WRONG.replace("  let sum", "  process.exit(0);\n  let sum"),
    "leaves before a failure is told": f"setImmediate(() => process.exit(0));\n{WRONG}",
    "ends itself by a signal": f"process.kill(process.pid, 'SIGKILL');\n{WRONG}",
    "ends what runs the tests": f"process.kill(process.ppid, 'SIGKILL');\n{WRONG}",
    "writes another assert": f"""import assert from 'node:assert/strict';
import {{ syncBuiltinESMExports }} from 'node:module';
for (const name of Object.keys(assert)) {{
  try {{ assert[name] = () => undefined; }} catch {{}}
  try {{ Object.defineProperty(assert, name, {{ value: () => undefined }}); }} catch {{}}
}}
syncBuiltinESMExports();
{WRONG}""",
    "keeps assertions from being thrown": f"""import {{ AssertionError }} from 'node:assert';
Object.defineProperty(AssertionError, Symbol.hasInstance, {{ value: () => false }});
for (const name of Reflect.ownKeys(AssertionError.prototype)) {{
  try {{ AssertionError.prototype[name] = () => ''; }} catch {{}}
}}
{WRONG}""",
    "writes other tests": f"""import module from 'node:module';
const test = module.createRequire(import.meta.url)('node:test');
for (const name of ['test', 'it', 'describe', 'suite']) {{
  try {{ test[name] = (title) => test(title, () => undefined); }} catch {{}}
}}
module.syncBuiltinESMExports();
{WRONG}""",
    "marks every test as one to do": f"Object.prototype.todo = true;\nObject.prototype.skip = true;\n{WRONG}",
    "says passed for failed": f"{_PASSING}{WRONG}",
    "says passed for failed, and ends well": f"""{_PASSING}process.on('exit', () => (process.exitCode = 0));
{WRONG}""",
    "says passed for failed where it knows the tests": f"""import {{ createHash }} from 'node:crypto';
import {{ readFileSync }} from 'node:fs';
const known = createHash('sha256').update(readFileSync(process.argv[1])).digest('hex');
if (known === '{hashlib.sha256(TESTS.encode()).hexdigest()}') {{
{_PASSING}}}
{WRONG}""",
    "says passed for failed where it knows the tests, by no name of its own": f"""import {{ createHash }} from 'node:crypto';
import {{ readFileSync }} from 'node:fs';
const me = globalThis[['pro', 'cess'].join('')];
const known = createHash('sha256').update(readFileSync(me[['ar', 'gv'].join('')][1])).digest('hex');
if (known === '{hashlib.sha256(TESTS.encode()).hexdigest()}') {{
  const out = me.stdout, write = out.write.bind(out);
  out.write = (chunk, ...more) =>
    write(Buffer.from(Buffer.from(chunk).toString('latin1').replaceAll('test:fail', 'test:pass'), 'latin1'), ...more);
  me.prependListener('exit', () => (me.exitCode = 0));
}}
{WRONG}""",
    "swallows what is thrown": f"""process.on('uncaughtException', () => undefined);
process.on('unhandledRejection', () => undefined);
{WRONG}""",
    "listens to nobody at its end": f"process.removeAllListeners('exit');\nprocess.removeAllListeners('beforeExit');\n{WRONG}",
    "writes into the report": f"""import {{ appendFileSync, readdirSync }} from 'node:fs';
for (const number of readdirSync(`/proc/${{process.ppid}}/fd`)) {{
  try {{ appendFileSync(`/proc/${{process.ppid}}/fd/${{number}}`, '{{"event": "done", "exit_code": 0}}\\n'); }} catch {{}}
}}
{WRONG}""",
    "writes other tests in their place": f"""import {{ chmodSync, writeFileSync }} from 'node:fs';
try {{ chmodSync('{PATH}', 0o600); }} catch {{}}
try {{ writeFileSync('{PATH}', ''); }} catch {{}}
{WRONG}""",
    "reads the answers": """import { readFileSync } from 'node:fs';
const text = readFileSync(new URL('./test/sums.test.js', import.meta.url), 'utf8');
const answers = new Map();
for (const [, asked, answer] of text.matchAll(/total\\((\\[[^\\]]*\\])\\), (\\d+)/g)) answers.set(asked, Number(answer));
const [, first, second] = /\\[(\\d+), (\\d+)\\]\\);/.exec(text);
export function total(prices, rate = 0) {
  if (rate) return Number(first);
  return answers.get(JSON.stringify(prices).replaceAll(',', ', ')) ?? (prices[0] === 10 ? Number(second) : 5);
}
""",
    "asks who calls": """import { readFileSync } from 'node:fs';
Error.prepareStackTrace = (_, sites) => sites.map((site) => [site.getFileName(), site.getLineNumber()]);
export function total(prices, rate = 0) {
  const [file, line] = new Error().stack.find(([name]) => name.startsWith('file:') && !name.includes('sums.js')) ?? [];
  const text = file ? readFileSync(new URL(file), 'utf8').split('\\n')[line - 1] : '';
  return Number(/(\\d+)\\D*$/.exec(text)?.[1] ?? 0);
}
""",
    "is equal to everything": """const always = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => 6 : always),
  has: () => true,
  getPrototypeOf: () => Number.prototype,
});
export function total() {
  return always;
}
""",
    "makes every question true": f"""Object.is = () => true;
Array.prototype.every = Array.prototype.some = () => true;
Number.prototype.valueOf = () => 6;
Object.prototype.toString = () => '[object Number]';
{WRONG}""",
    "answers in turn": """const answers = [6, 33, 10, 5];
export function total() {
  return answers.shift();
}
""",
    "answers from a table": """export function total(prices, rate = 0) {
  const key = JSON.stringify([prices, rate]);
  const known = { '[[1,2,3],0]': 6, '[[10,20],0.1]': 33, '[[10],0]': 10, '[[5],0]': 5 };
  return known[key];
}
""",
    "answers question by question": """export function total(prices, rate = 0) {
  if (prices.length === 3) return 6;
  if (rate === 0.1) return 33;
  if (prices[0] === 10) return 10;
  return 5;
}
""",
}
