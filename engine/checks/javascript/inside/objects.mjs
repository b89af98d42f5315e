// Objects that decide, and that nothing honest replaces: locked, or looked at again when the tests are over.
const { getOwnPropertyDescriptor, defineProperty, ownKeys } = Reflect;

/** Of what has getters that make something (as node:test's mock), with *ask*, what they make now is what everybody gets. */
export function lock(thing, { ask = false } = {}) {
  for (const key of ownKeys(thing)) {
    const held = getOwnPropertyDescriptor(thing, key);
    if (!held.configurable) continue;
    if (!('value' in held) && !ask) {
      defineProperty(thing, key, { ...held, configurable: false });
      continue;
    }
    const value = 'value' in held ? held.value : thing[key];
    defineProperty(thing, key, { value, writable: false, configurable: false, enumerable: held.enumerable });
  }
}

function same(one, other) {
  return one !== undefined && other !== undefined && one.value === other.value && one.get === other.get && one.set === other.set;
}

const GROWS = new Set(['process', 'module', 'globalThis']);

/** A function that tells which parts of *modules* and of the global objects *names* are others than now. */
export function watchOver(names, modules) {
  const roots = [];
  for (const name of names) {
    const held = getOwnPropertyDescriptor(globalThis, name);
    const value = held?.value;
    if (name === 'globalThis' || name === 'global' || value === null) continue;
    if (typeof value !== 'function' && typeof value !== 'object') continue;
    roots.push([name, value]);
    if (typeof value === 'function' && value.prototype) roots.push([`${name}.prototype`, value.prototype]);
  }
  roots.push(...Object.entries(modules));
  const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  roots.push(['Iterator.prototype', iterator], ['TypedArray.prototype', Object.getPrototypeOf(Uint8Array.prototype)]);
  const before = roots.map(([, thing]) => {
    const held = new Map();
    for (const key of ownKeys(thing)) held.set(key, getOwnPropertyDescriptor(thing, key));
    return held;
  });
  const globals = roots.map(([name]) => (name.includes('.') ? undefined : getOwnPropertyDescriptor(globalThis, name)));

  return function changed() {
    const found = [];
    roots.forEach(([name, thing], index) => {
      if (globals[index] && !same(globals[index], getOwnPropertyDescriptor(globalThis, name))) found.push(name);
      const now = new Set(ownKeys(thing));
      for (const [key, was] of before[index]) {
        const is = getOwnPropertyDescriptor(thing, key);
        const state = typeof was.value !== 'function' && was.get === undefined && !name.includes('prototype');
        if (!state && !same(was, is)) found.push(`${name}.${String(key)}`);
        now.delete(key);
      }
      if (!GROWS.has(name)) for (const key of now) found.push(`${name}.${String(key)}`);
    });
    return found;
  };
}

/** Makes all functions of node:assert fail: tests whose text is the usual one, and that have to be red. */
export function refuseAssertions(assert) {
  const { AssertionError } = assert;
  const refuse = () => {
    throw new AssertionError({ message: 'what is expected here was made wrong' });
  };
  for (const where of [assert, assert.strict]) {
    for (const name of Object.keys(where)) {
      if (/^(?:strict|AssertionError|CallTracker|Assert)$/.test(name) || typeof where[name] !== 'function') continue;
      where[name] = /^(?:rejects|doesNotReject)$/.test(name) ? async () => refuse() : () => refuse();
    }
  }
}
