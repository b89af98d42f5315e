// Values to call with, as data: plain JSON, and objects with `$` for what JSON has no word for.
'use strict'

const NUMBERS = [0, 1, -1, 2, 3, 5, 10, 0.5, 100]
const WORDS = ['', 'a', 'ab', 'hello', 'Hello World', 'a b', 'abc', 'A', '12', 'level']
const FUNCTIONS = ['same', 'double', 'more than two', 'nothing', 'sum', 'less', 'second']

// The same numbers each time: mulberry32.
function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

class Source {
  constructor(seed, named) {
    this.next = random(seed)
    this.named = named
  }
  pick(row) { return row[Math.floor(this.next() * row.length)] }
  whole(from, to) { return from + Math.floor(this.next() * (to - from + 1)) }
}

function draw(type, source, depth = 0) {
  const some = (inner, most = 4) => Array.from({ length: source.next() < 0.1 ? 0 : source.whole(1, most) }, () => draw(inner, source, depth + 1))
  switch (type.k) {
    case 'number': {
      const way = source.next()
      if (way < 0.3 && source.named.numbers.length) return source.pick(source.named.numbers) + source.pick([0, 0, 1, -1])
      return way < 0.7 ? source.whole(0, 9) : way < 0.9 ? source.pick(NUMBERS) : source.whole(-20, 200)
    }
    case 'string': {
      const way = source.next()
      if (way < 0.35 && source.named.texts.length) return source.pick(source.named.texts)
      if (way < 0.7) return source.pick(WORDS)
      return Array.from({ length: source.whole(1, 6) }, () => source.pick([...'abcAB 1-_.,'])).join('')
    }
    case 'boolean': return source.next() < 0.5
    case 'bigint': return { $: 'bigint', v: String(source.whole(-3, 20)) }
    case 'literal': return type.v === undefined ? { $: 'undefined' } : type.v
    case 'array': {
      const row = some(type.of)
      if (row.length > 1 && source.next() < 0.15) row[0] = row[row.length - 1]
      return row
    }
    case 'tuple': return type.of.map((each) => draw(each, source, depth + 1))
    case 'union': return draw(source.pick(type.of), source, depth)
    case 'record': return { $: 'object', v: [...new Set(some({ k: 'string' }, 3))].filter((key) => key !== '__proto__').map((key) => [key, draw(type.of, source, depth + 1)]) }
    case 'object':
      return { $: 'object', v: type.fields.filter((each) => !each.optional || source.next() < 0.7).map((each) => [each.name, draw(each.type, source, depth + 1)]) }
    case 'map': return { $: 'map', v: some(type.key, 3).map((key) => [key, draw(type.of, source, depth + 1)]) }
    case 'set': return { $: 'set', v: some(type.of, 3) }
    case 'date': return { $: 'date', v: `20${source.whole(10, 29)}-0${source.whole(1, 9)}-1${source.whole(0, 9)}T0${source.whole(0, 9)}:00:00.000Z` }
    case 'function': return { $: 'function', v: source.pick(type.arity > 1 ? FUNCTIONS.slice(4) : FUNCTIONS.slice(0, 4)) }
    case 'new': return { $: 'new', name: type.name, v: type.args.map((each) => draw(each, source, depth + 1)) }
    default: return draw(source.pick(ANY), source, depth + 1)
  }
}

const ANY = [
  { k: 'number' }, { k: 'string' }, { k: 'array', of: { k: 'number' } }, { k: 'array', of: { k: 'string' } }, { k: 'boolean' },
]
// What a parameter may be of which nothing is known: kinds, most usual first.
const KINDS = [
  { k: 'number' }, { k: 'string' }, { k: 'array', of: { k: 'number' } }, { k: 'array', of: { k: 'string' } },
  { k: 'record', of: { k: 'number' } }, { k: 'function', arity: 1 }, { k: 'boolean' },
  { k: 'array', of: { k: 'object', fields: [{ name: 'id', type: { k: 'number' } }, { name: 'name', type: { k: 'string' } }] } },
]

module.exports = { Source, draw, KINDS }
