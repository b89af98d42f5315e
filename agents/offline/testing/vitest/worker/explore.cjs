// Explores JavaScript or TypeScript in a box: finds calls that show something, and says which changes of the code each notices.
'use strict'

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { targets, named_values, faults, ts } = require('./reading.cjs')
const { mutants } = require('./changing.cjs')
const { Source, draw, KINDS } = require('./drawing.cjs')

const began = Date.now()
const job = JSON.parse(fs.readFileSync(0, 'utf8'))
const report = Number(process.env.MENDBOX_REPORT_FD)
delete process.env.MENDBOX_REPORT_FD
const MUTANTS = 150
const POOL = 30
// Children at a time: the box has two cores.
const AT_ONCE = 2
const FOLDER = process.cwd()

function say(kind, fields) {
  fs.writeSync(report, `${JSON.stringify({ kind, ...fields })}\n`)
}

function left() {
  return job.seconds - (Date.now() - began) / 1000
}

function compiled(name, text) {
  return ts.transpileModule(text, {
    fileName: name,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, allowJs: true, esModuleInterop: true, jsx: ts.JsxEmit.ReactJSX },
  }).outputText
}

// What each of *calls* does with *modules*, in a process of its own; what was not reached hangs.
function observed(modules, calls, seconds = 20) {
  return new Promise((resolve) => {
    const found = calls.map(() => ({ kind: 'hangs' }))
    const child = spawn(process.execPath, ['--max-old-space-size=256', path.join(__dirname, 'child.cjs')], {
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'], cwd: FOLDER, env: { PATH: process.env.PATH, HOME: FOLDER, TMPDIR: process.env.TMPDIR || FOLDER },
    })
    let text = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
    child.stdio[3].on('data', (data) => { if (text.length < 20_000_000) text += data })
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify({ modules, calls, raises: job.raises }))
    child.on('close', () => {
      clearTimeout(timer)
      for (const line of text.split('\n')) {
        try {
          const [number, outcome] = JSON.parse(line)
          if (Number.isInteger(number) && number >= 0 && number < found.length && outcome) found[number] = outcome
        } catch {}
      }
      resolve(found)
    })
  })
}

const GOOD = new Set(['returns', 'resolves', 'yields', 'throws', 'rejects', 'tells'])

function speakable(outcome) {
  if (outcome.kind === 'tells') return outcome.steps.length > 0 && outcome.steps.every((each) => GOOD.has(each.kind))
  return GOOD.has(outcome.kind) && !outcome.unspeakable
}

function odd(outcome) {
  return /"NaN"|"\$":"undefined"/.test(JSON.stringify(outcome))
}

function combinations(target, source) {
  const open = target.parameters.filter((each) => each.type.k === 'any').length
  if (!open) return [target.parameters.map((each) => each.type)]
  const found = []
  if (open === 1) for (const kind of KINDS) found.push(target.parameters.map((each) => (each.type.k === 'any' ? kind : each.type)))
  else {
    for (const kind of KINDS) found.push(target.parameters.map((each) => (each.type.k === 'any' ? kind : each.type)))
    for (let at = 0; at < 30; at += 1) found.push(target.parameters.map((each) => (each.type.k === 'any' ? source.pick(KINDS) : each.type)))
  }
  return found
}

function given(parameters, types, source) {
  const args = []
  for (const [at, each] of parameters.entries()) {
    if (each.rest) { for (let more = source.whole(0, 3); more > 0; more -= 1) args.push(draw(types[at], source)); break }
    if (each.optional && source.next() < 0.4) break
    args.push(draw(types[at], source))
  }
  return args
}

function call_of(target, types, source) {
  const base = { path: target.path, name: target.name, as: target.as, kind: target.kind }
  if (target.kind === 'function') return { ...base, args: given(target.parameters, types, source) }
  const steps = []
  for (let more = source.whole(1, job.type === 'regression' ? 5 : 3); more > 0 && target.methods.length; more -= 1) {
    const method = source.pick(target.methods)
    const taken = method.parameters.map((each) => (each.type.k === 'any' ? source.pick(KINDS.slice(0, 2)) : each.type))
    steps.push({ name: method.name, reads: method.reads, args: given(method.parameters, taken, source) })
  }
  const taken = target.construct.map((each) => (each.type.k === 'any' ? source.pick(KINDS.slice(0, 2)) : each.type))
  return { ...base, construct: given(target.construct, taken, source), steps }
}

async function explore(modules, all, named) {
  const pool = [], crashes = []
  for (const [number, target] of all.entries()) {
    if (left() < job.seconds * 0.55 && pool.length) break
    const source = new Source(number + 1, named[target.path])
    let kinds = target.kind === 'function' ? combinations(target, source) : [[]]
    if (kinds.length > 1) {
      const tried = kinds.flatMap((types) => Array.from({ length: 4 }, () => call_of(target, types, source)))
      const outcomes = await observed(modules, tried)
      const worth = kinds.map((types, at) => {
        const four = outcomes.slice(4 * at, 4 * at + 4).filter((each) => speakable(each) && !odd(each))
        return { types, worth: new Set(four.map((each) => JSON.stringify(each))).size, at }
      })
      kinds = worth.sort((a, b) => b.worth - a.worth || a.at - b.at).slice(0, 3).filter((each, at) => at === 0 || each.worth > 1).map((each) => each.types)
    }
    const told = new Map()
    for (let at = 0; at < 4 * POOL; at += 1) {
      const call = call_of(target, source.pick(kinds), source)
      told.set(JSON.stringify(call), call)
    }
    const calls = [...told.values()].sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
    const outcomes = await observed(modules, calls)
    const first = [], rest = [], shapes = new Set()
    for (const [at, call] of calls.entries()) {
      const outcome = outcomes[at]
      if (outcome.kind === 'crashes' || outcome.kind === 'hangs') crashes.push({ call, outcome, target })
      if (!speakable(outcome)) continue
      const shape = JSON.stringify(outcome)
      const entry = { call, outcome, target }
      if (shapes.has(shape)) rest.push(entry)
      else { shapes.add(shape); first.push(entry) }
    }
    pool.push(...[...first, ...rest].slice(0, POOL))
  }
  return { pool, crashes }
}

// Which calls do something else with *mutant*.
async function kills(modules, mutant, pool) {
  let changed
  try { changed = compiled(mutant.path, mutant.text) } catch { return null }
  const outcomes = await observed({ ...modules, [mutant.path]: changed }, pool.map((each) => each.call), 8)
  return outcomes.map((each, at) => (JSON.stringify(each) === JSON.stringify(pool[at].outcome) ? -1 : at)).filter((at) => at >= 0)
}

function outside(entry, mutant) {
  const { target } = entry
  return mutant.path !== target.path || (job.single && (mutant.line < target.line || mutant.line > target.ends))
}

function chosen(pool, killed) {
  const gives = pool.map(() => new Set())
  killed.forEach((some, number) => (some || []).forEach((at) => gives[at].add(number)))
  const size = (at) => 60 + JSON.stringify(pool[at]).length
  const found = [], given_ = new Set()
  for (;;) {
    let best = -1, most = 0
    for (let at = 0; at < pool.length; at += 1) {
      const gain = [...gives[at]].filter((each) => !given_.has(each)).length
      if (gain && gain / size(at) > most) { best = at; most = gain / size(at) }
    }
    if (best < 0) break
    found.push(best)
    gives[best].forEach((each) => given_.add(each))
  }
  return found.filter((at) => {
    const others = new Set(found.filter((other) => other !== at).flatMap((other) => (gives[other].gone ? [] : [...gives[other]])))
    const needless = [...gives[at]].every((each) => others.has(each))
    if (needless) gives[at].gone = true
    return !needless
  })
}

async function main() {
  const modules = {}, named = {}, all = []
  for (const [name, text] of Object.entries(job.files)) {
    if (!/\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/.test(name) || /\.d\.ts$/.test(name)) continue
    const wrong = faults(name, text)
    if (wrong.length) return `${name} does not parse: ${wrong[0]}`.slice(0, 300)
    modules[name] = compiled(name, text)
    named[name] = named_values(name, text)
    all.push(...targets(name, text))
  }
  job.raises = [...new Set(Object.values(job.files).flatMap((text) => [...text.matchAll(/throw\s+new\s+(\w+)/g)].map((each) => each[1])))]
  job.single = Object.keys(modules).length < 2
  if (!all.length) return 'nothing is exported that a test could call: a function, or a class that can be made'
  const { pool: found, crashes } = await explore(modules, all, named)
  const again = await observed(modules, found.map((each) => each.call).reverse())
  again.reverse()
  let pool = found.filter((each, at) => JSON.stringify(each.outcome) === JSON.stringify(again[at]))
  const unstable = found.length - pool.length
  say('progress', { message: `explored: ${pool.length} calls are worth trying` })
  const rows = Object.entries(job.files).filter(([name]) => modules[name]).map(([name, text]) => mutants(name, text, Math.ceil(MUTANTS / Object.keys(modules).length)))
  const changes = rows.flat()
  const clock = Date.now()
  const killed = []
  let untried = 0
  const work = async (first) => {
    for (let at = first; at < changes.length; at += AT_ONCE) {
      if (left() < 2) { untried += 1; killed[at] = [] } else killed[at] = await kills(modules, changes[at], pool)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => work(first)))
  const compiles = changes.filter((_, at) => killed[at] !== null)
  let matrix = killed.filter((each) => each !== null)
  if (job.type === 'integration') matrix = matrix.map((some, number) => some.filter((at) => outside(pool[at], compiles[number])))
  const kept = pool.length ? chosen(pool, matrix) : []
  const alive = compiles.filter((_, number) => !matrix[number].some((at) => kept.includes(at)))
  const crashed = new Map()
  for (const { call, outcome, target } of crashes) {
    if (!outcome.name && outcome.kind !== 'hangs') continue
    const key = `${target.path} ${target.name} ${outcome.name} ${outcome.message}`
    if (!crashed.has(key) && target.parameters && target.parameters.every((each) => each.type.k !== 'any')) crashed.set(key, { path: target.path, line: target.line, call, outcome })
  }
  say('explored', {
    cases: kept.map((at) => ({ call: pool[at].call, outcome: pool[at].outcome, names: (pool[at].target.parameters || []).map((each) => each.name), kills: matrix.map((some, number) => (some.includes(at) ? number : -1)).filter((number) => number >= 0) })),
    mutants: compiles.length,
    survivors: alive.map(({ path: where, line, name, text }) => ({ path: where, line, name: name.slice(0, 900), text })),
    dropped: { 'adds nothing to the others': pool.length - kept.length, 'not the same in another order': unstable, 'a mutant that was not tried for want of time': untried },
    crashes: [...crashed.values()].slice(0, 20).map(({ path: where, line, call, outcome }) => ({ path: where, line, kind: outcome.kind === 'hangs' ? 'no end' : 'crash', call, detail: `${outcome.name || ''}: ${outcome.message || 'it did not end in time'}`.slice(0, 400) })),
    rate: compiles.length / Math.max(0.001, (Date.now() - clock) / 1000),
  })
  return kept.length ? '' : job.type === 'integration' ? 'no call was found that notices a change of another part of the code; ask for unit tests' : 'no call was found whose answer a test can state'
}

main().then((reason) => say('ended', { reason }), (error) => say('ended', { reason: `the explorer failed: ${error && error.message}`.slice(0, 300) }))
