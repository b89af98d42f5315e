// Do the types hold? tsc's own look at the sources, by its programming interface; nothing submitted runs. Components are
// read as vue-tsc reads them, where the image has what that takes.
//
// Standard input: {"nonce", "files": [path], "configs": {name: text}}. Report pipe: one JSON object a line.
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const ts = require('typescript');

const MOST = 300;
const pipe = Number(process.env.MENDBOX_REPORT_FD);
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const here = process.cwd();

// What a configuration may say: how strict it is, and in which dialect the sources are. Nothing that leaves files out.
const KEPT = new Set(`strict strictNullChecks strictFunctionTypes strictBindCallApply strictPropertyInitialization noImplicitAny noImplicitThis alwaysStrict
useUnknownInCatchVariables noUncheckedIndexedAccess exactOptionalPropertyTypes noImplicitOverride noImplicitReturns noFallthroughCasesInSwitch noUnusedLocals
noUnusedParameters noPropertyAccessFromIndexSignature experimentalDecorators emitDecoratorMetadata useDefineForClassFields jsx jsxImportSource jsxFactory
jsxFragmentFactory lib target module moduleResolution customConditions esModuleInterop allowSyntheticDefaultImports verbatimModuleSyntax isolatedModules
erasableSyntaxOnly paths baseUrl resolveJsonModule moduleDetection noUncheckedSideEffectImports`.split(/\s+/));

function say(line) {
  let rest = Buffer.from(`${asked.nonce}${JSON.stringify(line)}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(pipe, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

/** The options of a configuration and of those that it stands on, as they are written. */
function written(name, depth = 0) {
  if (depth > 5) return {};
  let text = asked.configs[name];
  if (text === undefined && !name.startsWith('.')) {
    try {
      text = fs.readFileSync(require.resolve(name.endsWith('.json') ? name : `${name}/tsconfig.json`), 'utf8');
    } catch {
      return {};
    }
  }
  const { config } = text === undefined ? {} : ts.parseConfigFileTextToJson(name, text);
  if (config === undefined || config === null) return {};
  const beside = (other) => (other.startsWith('.') ? path.posix.join(path.posix.dirname(name), other) : other);
  const file = (other) => [other, `${other}.json`, `${other}/tsconfig.json`].find((one) => one in asked.configs) ?? other;
  let found = {};
  for (const other of [config.extends ?? []].flat().filter((one) => typeof one === 'string')) found = { ...found, ...written(file(beside(other)), depth + 1) };
  for (const { path: other } of Array.isArray(config.references) ? config.references : []) {
    if (typeof other === 'string' && !/node/.test(path.posix.basename(other))) found = { ...found, ...written(file(beside(other)), depth + 1) };
  }
  return { ...found, ...(typeof config.compilerOptions === 'object' ? config.compilerOptions : {}) };
}

const has = (name) => {
  try {
    return Boolean(require.resolve(name));
  } catch {
    return false;
  }
};

const configured = 'tsconfig.json' in asked.configs;
const own = Object.fromEntries(Object.entries(written('tsconfig.json')).filter(([key]) => KEPT.has(key)));
const dialect = { target: 'es2023', module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx', esModuleInterop: true, resolveJsonModule: true, lib: ['es2023', 'dom', 'dom.iterable'] };
const types = [has('@types/node/package.json') && 'node', has('vite/package.json') && 'vite/client'].filter(Boolean);
const { options, errors } = ts.convertCompilerOptionsFromJson(
  { ...dialect, ...(configured ? {} : { strict: false }), ...own, types, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, composite: false, incremental: false, plugins: [] },
  here,
);
if (options.paths && !options.baseUrl) options.pathsBasePath = here;
for (const error of errors.slice(0, 20)) tell('tsconfig.json', 1, error);

function tell(name, line, { code, messageText }) {
  say({ event: 'typed', path: name, line, rule: `TS${code}`, message: ts.flattenDiagnosticMessageText(messageText, ' ').replace(/\s+/g, ' ').slice(0, 600) });
}

/** TypeScript with components among its sources, made of its own text as vue-tsc makes it; undefined where that cannot be had. */
function withComponents() {
  try {
    const quickstart = require('@volar/typescript/lib/quickstart/runTsc');
    const vue = require('@vue/language-core');
    quickstart.getLanguagePlugins = (lib, { options: settings }) => ({
      languagePlugins: [vue.createVueLanguagePlugin(lib, settings, vue.getDefaultCompilerOptions(), (id) => id)],
    });
    const place = require.resolve('typescript');
    const text = quickstart.transformTscContent(fs.readFileSync(place, 'utf8'), require.resolve('@volar/typescript/lib/node/proxyCreateProgram'), ['.vue'], [], require.resolve('@volar/typescript/lib/quickstart/runTsc'));
    const made = new Module(place);
    made.filename = place;
    made.paths = Module._nodeModulePaths(path.dirname(place));
    made._compile(text, place);
    return made.exports;
  } catch {
    return undefined;
  }
}

const components = asked.files.some((name) => name.endsWith('.vue'));
const reader = components ? withComponents() : undefined;
const readsComponents = reader !== undefined;
const roots = asked.files.filter((name) => readsComponents || !name.endsWith('.vue')).map((name) => path.join(here, name));
if (!readsComponents) roots.push(path.join(__dirname, 'components.d.ts'));
const { createCompilerHost, createProgram } = reader ?? ts;
const host = createCompilerHost(options);
const program = createProgram({ rootNames: roots, options, host });
const sources = new Set(asked.files);
let count = 0;
for (const diagnostic of [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]) {
  if (count++ < 20) tell('tsconfig.json', 1, diagnostic);
}
for (const file of program.getSourceFiles()) {
  const name = path.relative(here, file.fileName);
  if (!sources.has(name)) continue;
  for (const diagnostic of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
    if (count++ >= MOST) break;
    const at = diagnostic.file && diagnostic.start !== undefined ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line + 1 : 1;
    tell(name, at, diagnostic);
  }
}
say({ event: 'components', read: readsComponents || !components });
say({ event: 'done', exit_code: 0 });
