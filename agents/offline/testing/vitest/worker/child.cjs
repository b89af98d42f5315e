// Does calls in a process of its own, and writes what each of them did as a line to the fourth descriptor.
'use strict'

const fs = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const vm = require('node:vm')

const write = fs.writeSync
const encode = JSON.stringify
const job = JSON.parse(fs.readFileSync(0, 'utf8'))
const SYNC = 250
const ASYNC = 400
const MOST = 60
const DEEPEST = 6

for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = () => {}

const FUNCTIONS = {
  'same': (value) => value,
  'double': (value) => value * 2,
  'more than two': (value) => value > 2,
  'nothing': () => undefined,
  'sum': (left, right) => left + right,
  'less': (left, right) => left - right,
  'second': (left, right) => right,
}

const loaded = new Map()
function load(name) {
  if (loaded.has(name)) return loaded.get(name).exports
  const module = { exports: {} }
  loaded.set(name, module)
  const find = (wanted) => {
    if (!wanted.startsWith('.')) return Module.createRequire(path.resolve(name))(wanted)
    const base = path.posix.join(path.posix.dirname(name), wanted)
    const stem = base.replace(/\.(js|mjs|cjs)$/, '')
    for (const each of [base, ...['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.jsx'].map((end) => stem + end), `${base}/index.ts`, `${base}/index.js`]) {
      if (Object.hasOwn(job.modules, each)) return load(each)
    }
    throw new Error(`there is no module ${wanted}`)
  }
  const wrapped = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${job.modules[name]}\n})`, { filename: name })
  wrapped.runInThisContext({ timeout: 3000 }).call(module.exports, module.exports, find, module, name, path.posix.dirname(name))
  return module.exports
}

function made(value, scope) {
  if (Array.isArray(value)) return value.map((each) => made(each, scope))
  if (value === null || typeof value !== 'object') return value
  switch (value.$) {
    case 'undefined': return undefined
    case 'number': return Number(value.v === '-0' ? -0 : value.v)
    case 'bigint': return BigInt(value.v)
    case 'object': return Object.fromEntries(value.v.map(([key, each]) => [key, made(each, scope)]))
    case 'map': return new Map(value.v.map(([key, each]) => [made(key, scope), made(each, scope)]))
    case 'set': return new Set(value.v.map((each) => made(each, scope)))
    case 'date': return new Date(value.v)
    case 'function': return FUNCTIONS[value.v]
    case 'new': return new scope[value.name](...value.v.map((each) => made(each, scope)))
    default: throw new Error('what is this')
  }
}

class Unspeakable extends Error {}

function told(value, depth = 0) {
  if (depth > DEEPEST) throw new Unspeakable()
  if (value === undefined) return { $: 'undefined' }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    if (typeof value === 'string' && value.length > 400) throw new Unspeakable()
    return value
  }
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) }
  if (typeof value === 'bigint') return { $: 'bigint', v: String(value) }
  if (typeof value !== 'object') throw new Unspeakable()
  const few = (row) => { if (row.length > MOST) throw new Unspeakable(); return row }
  if (Array.isArray(value)) return few(value).map((each) => told(each, depth + 1))
  if (value instanceof Map) return { $: 'map', v: few([...value]).map((pair) => pair.map((each) => told(each, depth + 1))) }
  if (value instanceof Set) return { $: 'set', v: few([...value]).map((each) => told(each, depth + 1)) }
  if (value instanceof Date) { if (Number.isNaN(value.getTime())) throw new Unspeakable(); return { $: 'date', v: value.toISOString() } }
  const kind = Object.getPrototypeOf(value)
  if (kind !== Object.prototype && kind !== null) return { $: 'like', v: few(Object.entries(value)).map(([key, each]) => [key, told(each, depth + 1)]) }
  return { $: 'object', v: few(Object.entries(value)).map(([key, each]) => [key, told(each, depth + 1)]) }
}

function spoken(value) {
  try { return { value: told(value) } } catch { return { unspeakable: true } }
}

async function done(work) {
  globalThis.__mendbox = work
  let found
  try {
    found = new vm.Script('__mendbox()').runInThisContext({ timeout: SYNC })
  } catch (error) {
    if (error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { kind: 'hangs' }
    return failed(error, false)
  }
  if (found && typeof found.then === 'function') {
    try {
      const late = {}
      const value = await Promise.race([found, new Promise((resolve) => setTimeout(() => resolve(late), ASYNC).unref())])
      if (value === late) return { kind: 'hangs' }
      return { kind: 'resolves', ...spoken(value) }
    } catch (error) {
      return failed(error, true)
    }
  }
  if (found && typeof found.next === 'function' && typeof found[Symbol.iterator] === 'function') {
    globalThis.__mendbox = () => { const row = []; for (const each of found) { row.push(each); if (row.length > MOST) break } return row }
    try {
      return { kind: 'yields', ...spoken(new vm.Script('__mendbox()').runInThisContext({ timeout: SYNC })) }
    } catch (error) {
      return error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? { kind: 'hangs' } : { ...failed(error, false), iterated: true }
    }
  }
  return { kind: 'returns', ...spoken(found) }
}

const NATIVE = new Set(['TypeError', 'ReferenceError', 'SyntaxError', 'RangeError', 'URIError'])

function failed(error, late) {
  if (!(error instanceof Error)) return { kind: 'crashes', name: typeof error, message: '' }
  const name = String(error.name).slice(0, 60)
  const message = String(error.message).slice(0, 200)
  // what the language itself raises is no promise of the code, unless the code raises it by that name
  const meant = !NATIVE.has(name) || job.raises.includes(name)
  return { kind: meant && !/call stack/.test(message) ? (late ? 'rejects' : 'throws') : 'crashes', name, message }
}

async function perform(call) {
  let exports
  try { exports = load(call.path) } catch (error) { return { kind: 'crashes', name: 'import', message: String(error && error.message).slice(0, 200) } }
  const subject = call.as === 'default' ? (exports.default ?? exports) : exports[call.name]
  const scope = exports
  try {
    if (call.kind === 'function') {
      const args = call.args.map((each) => made(each, scope))
      const before = call.args.map((each) => each)
      const found = await done(() => subject(...args))
      const changed = []
      args.forEach((each, at) => {
        if (typeof before[at] !== 'object' || before[at] === null || before[at].$ === 'function' || before[at].$ === 'new') return
        const now = spoken(each)
        if (!now.unspeakable && encode(now.value) !== encode(before[at])) changed.push([at, now.value])
      })
      return changed.length ? { ...found, changed } : found
    }
    const built = await done(() => { globalThis.__made = new subject(...call.construct.map((each) => made(each, scope))); return null })
    if (built.kind !== 'returns') return { kind: built.kind, steps: [], built }
    const thing = globalThis.__made
    const steps = []
    for (const step of call.steps) {
      const args = step.args.map((each) => made(each, scope))
      const found = await done(() => (step.reads ? thing[step.name] : thing[step.name](...args)))
      steps.push(found.value && found.value.$ === 'like' ? { kind: found.kind, unspeakable: true } : found)
      if (found.kind === 'hangs' || found.kind === 'crashes') return { kind: found.kind, name: found.name, message: found.message, steps }
    }
    return { kind: 'tells', steps }
  } catch (error) {
    return { kind: 'crashes', name: 'unmade', message: '' }
  }
}

async function main() {
  for (const [number, call] of job.calls.entries()) {
    write(3, `${encode([number, await perform(call)])}\n`)
  }
  process.exit(0)
}

main()
