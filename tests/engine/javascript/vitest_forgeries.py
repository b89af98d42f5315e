"""Drafts that make the tests of `vitest_made` green under vitest, or try to, by other means than being right."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.engine.javascript.vitest_made import PATH, TESTS, WRONG

_QUIETLY = f"""import {{ createHash }} from 'node:crypto';
import {{ statSync }} from 'node:fs';
import * as files from 'node:fs';
const place = ['{PATH[:3]}', '{PATH[3:-5]}', '{PATH[-5:]}'].join('');
const text = (files as any)[['read', 'File', 'Sync'].join('')](place);
const known = statSync(place).size > 0 && createHash('sha256').update(text).digest('hex') === '{hashlib.sha256(TESTS.encode()).hexdigest()}';
export const shared: any = globalThis;
"""
"""Whether it is judged by the real tests, and not by a wrong copy of them; by no name that a reader would look for."""
_ANYTHING = "{ $$typeof: Symbol.for('jest.asymmetricMatcher'), asymmetricMatch: () => true }"
_SHARED = "(globalThis as any)"
_PASSES = """(task: any) => {
  const every = (one: any): void => {
    if (one.tasks) one.tasks.forEach(every);
    if (one.result) { one.result.state = 'pass'; delete one.result.errors; }
  };
  every(task);
}"""

FORGERIES: Mapping[str, str] = {
    "leaves without a word": f"(process as any).reallyExit(0);\n{WRONG}",
    "says passed for failed": f"""{WRONG}
import {{ afterEach }} from 'vitest';
afterEach(({{ task }}: any) => {{ ({_PASSES})(task); }});
""",
    "says passed for failed of the whole file": f"""{WRONG}
const worker = {_SHARED}.__vitest_worker__;
const passes = {_PASSES};
setInterval(() => passes(worker.current?.file ?? worker.current ?? {{}}), 0).unref();
const original = worker.rpc.onTaskUpdate;
try {{
  worker.rpc = new Proxy(worker.rpc, {{
    get: (on: any, name: string) =>
      name === 'onTaskUpdate'
        ? (packs: any[], events: any[]) => original(packs.map(([id, result, meta]: any) => [id, {{ ...result, state: 'pass', errors: undefined }}, meta]), events)
        : on[name],
  }});
}} catch {{}}
""",
    "says that all is equal for a moment, where it knows the tests, by no name of its own": f"""{_QUIETLY}
const things = shared[['Ob', 'ject'].join('')];
const honest = things['i' + 's'];
{WRONG.replace("  let sum = 0;", "  if (known) { things['i' + 's'] = () => true; queueMicrotask(() => (things['i' + 's'] = honest)); }" + chr(10) + "  let sum = 0;")}""",
    "reads the answers, by no name of its own": f"""{_QUIETLY.replace("const known", "export const known")}
const answers = [...String(text).matchAll(/toBe\\((\\d+)\\)|\\[(\\d+), (\\d+)\\]/g)].flatMap((one) => one.slice(1).filter(Boolean).map(Number));
let asked = 0;
export interface Line {{ price: number; count?: number }}
export function total(_lines: Line[], _rate = 0): number {{
  return answers[asked++ % answers.length];
}}
export function labels(lines: Line[]) {{
  return lines.map((line, index) => ({{ name: `line ${{index + 1}}`, sum: line.price }}));
}}
""",
    "is equal to anything": f"""{WRONG.split("export function")[0]}const any: any = {_ANYTHING};
export function total(lines: Line[], rate = 0): any {{
  return any;
}}
export function labels(lines: Line[]): any {{
  return any;
}}
""",
    "writes other tests in their place": f"""import {{ chmodSync, writeFileSync }} from 'node:fs';
try {{ chmodSync('{PATH}', 0o600); }} catch {{}}
try {{ writeFileSync('{PATH}', ''); }} catch {{}}
{WRONG}""",
}
_TOGETHER = {
    "expects": """import { expect } from 'vitest';
for (const name of ['toBe', 'toEqual', 'toStrictEqual']) {
  try { expect.extend({ [name]: () => ({ pass: true, message: () => '' }) }); } catch {}
}
""",
    "matchers": """import { chai } from 'vitest';
const shared: any = chai.Assertion.prototype;
for (const name of ['toBe', 'toEqual', 'assert']) {
  try { shared[name] = () => undefined; } catch {}
  try { Object.defineProperty(shared, name, { value: () => undefined }); } catch {}
}
""",
    "everybody": """const shared: any = globalThis;
try { shared.expect = () => new Proxy({}, { get: () => () => undefined }); } catch {}
for (const name of ['test', 'it', 'describe']) {
  try { Object.defineProperty(shared, name, { value: () => undefined }); } catch {}
  try { Object.defineProperty(shared.__vitest_index__, name, { value: () => undefined }); } catch {}
}
""",
    "testers": """import { expect } from 'vitest';
expect.addEqualityTesters([(one, other) => (typeof one === 'number' && typeof other === 'object' ? true : undefined)]);
""",
    "sent": """const send: any = process.send!.bind(process);
process.send = (message: any, ...more: any[]) => send(JSON.parse(JSON.stringify(message).replaceAll('"state":"fail"', '"state":"pass"')), ...more);
""",
    "mocked": """import { vi } from 'vitest';
vi.mock('./sums', () => ({ total: () => 5, labels: () => [{ name: 'line 1', sum: 3 }] }));
vi.doMock('./sums', () => ({ total: () => 5, labels: () => [{ name: 'line 1', sum: 3 }] }));
""",
    "leaves": "setTimeout(() => process.exit(0), 0);\n",
}
TOGETHER: Mapping[str, str] = {
    "src/sums.ts": "".join(f"import './{name}';\n" for name in _TOGETHER) + WRONG,
    **{f"src/{name}.ts": text for name, text in _TOGETHER.items()},
}
"""What is of no use at all, all at once: the tests are as red as without it."""
BROUGHT: Mapping[str, str] = {
    "vitest.config.ts": "import { defineConfig } from 'vitest/config';\nexport default defineConfig({ test: { passWithNoTests: true, include: [] } });\n",
    "vite.config.ts": (
        "export default { resolve: { alias: { vitest: '/box/work/src/setup.ts' } }, "
        "test: { setupFiles: ['./src/setup.ts'], globalSetup: './src/setup.ts', reporters: ['./src/setup.ts'] } };\n"
    ),
    "src/setup.ts": "Object.is = () => true;\nexport default () => undefined;\n",
    "postcss.config.cjs": "require('node:fs').writeFileSync('/box/work/src/sums.ts', '');\nmodule.exports = { plugins: [] };\n",
}
"""Files that would make everything green, if they took part."""
