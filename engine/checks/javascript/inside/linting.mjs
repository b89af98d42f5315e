// What eslint finds, under rules of ours alone: no configuration and no directive of the work folder is read.
//
// Standard input: {"nonce", "files": [path], "serious": bool}. Report pipe: one JSON object a line.
import fs from 'node:fs';
import path from 'node:path';

const pipe = Number(process.env.MENDBOX_REPORT_FD);
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const here = process.cwd();

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

async function given(name) {
  try {
    const found = await import(name);
    return found.default ?? found;
  } catch {
    return undefined;
  }
}

const SERIOUS = ['constructor-super', 'no-class-assign', 'no-const-assign', 'no-func-assign', 'no-import-assign', 'no-invalid-regexp', 'no-new-native-nonconstructor', 'no-obj-calls', 'no-this-before-super', 'no-dupe-class-members', 'no-dupe-args'];
const MISTAKES = ['for-direction', 'getter-return', 'no-async-promise-executor', 'no-compare-neg-zero', 'no-cond-assign', 'no-debugger', 'no-dupe-else-if', 'no-dupe-keys', 'no-duplicate-case', 'no-empty-pattern', 'no-ex-assign', 'no-fallthrough', 'no-loss-of-precision', 'no-self-assign', 'no-self-compare', 'no-setter-return', 'no-shadow-restricted-names', 'no-sparse-arrays', 'no-unexpected-multiline', 'no-unreachable', 'no-unsafe-finally', 'no-unsafe-negation', 'no-unsafe-optional-chaining', 'no-useless-backreference', 'no-eval', 'no-implied-eval', 'require-yield', 'use-isnan', 'valid-typeof'];
const errors = (names) => Object.fromEntries(names.map((name) => [name, 'error']));
const rules = { ...errors(SERIOUS), ...(asked.serious ? {} : errors(MISTAKES)) };
// A parser of types says by itself what is declared twice.
const unused = ['error', { args: 'none', caughtErrors: 'none', ignoreRestSiblings: true, varsIgnorePattern: '^_' }];

const { ESLint } = await import('eslint');
const typescript = await given('typescript-eslint');
const hooks = await given('eslint-plugin-react-hooks');
const vue = await given('eslint-plugin-vue');
const vueParser = await given('vue-eslint-parser');
const names = await given('globals');
const known = names ? { ...names.browser, ...names.node, ...names.es2025 } : undefined;
const TYPED = ['**/*.ts', '**/*.mts', '**/*.cts', '**/*.tsx'];
const config = [
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs', '**/*.jsx'],
    languageOptions: { globals: known ?? {}, parserOptions: { ecmaFeatures: { jsx: true } } },
    rules: { ...rules, ...(known ? { 'no-undef': 'error' } : {}), ...(asked.serious ? {} : { 'no-unused-vars': unused }) },
  },
];
// JSX uses what it names, which the core's rules do not see; the one of TypeScript's plugin does.
if (typescript) {
  const more = asked.serious ? {} : { 'no-unused-vars': 'off', '@typescript-eslint/no-unused-vars': unused };
  const plugins = { '@typescript-eslint': typescript.plugin };
  config.push({ files: ['**/*.jsx'], plugins, languageOptions: { parser: typescript.parser, parserOptions: { ecmaFeatures: { jsx: true } } }, rules: more });
  config.push({ files: TYPED, plugins, languageOptions: { parser: typescript.parser }, rules: { ...rules, 'no-dupe-class-members': 'off', ...more } });
}
if (hooks) config.push({ files: ['**/*.tsx', '**/*.jsx', '**/*.ts', '**/*.js'], plugins: { 'react-hooks': hooks }, rules: { 'react-hooks/rules-of-hooks': 'error' } });
if (vue && vueParser) {
  const essential = vue.configs['flat/essential'].flatMap((one) => Object.keys(one.rules ?? {})).filter((name) => name.startsWith('vue/') && !/multi-word/.test(name));
  const chosen = asked.serious ? ['vue/no-parsing-error', 'vue/valid-template-root', 'vue/no-dupe-keys'] : essential;
  config.push({ files: ['**/*.vue'], plugins: { vue, ...(typescript ? { '@typescript-eslint': typescript.plugin } : {}) }, processor: vue.processors?.vue ?? vue.processors?.['.vue'], languageOptions: { parser: vueParser, parserOptions: { parser: typescript?.parser, sourceType: 'module' } }, rules: { ...rules, ...errors(chosen) } });
}
const readable = asked.files.filter((name) => (typescript || !/\.(?:[cm]?ts|tsx)$/.test(name)) && ((vue && vueParser) || !name.endsWith('.vue')));
const eslint = new ESLint({ cwd: here, overrideConfigFile: true, overrideConfig: config, allowInlineConfig: false, ignore: false, globInputPaths: false, errorOnUnmatchedPattern: false });
for (const { filePath, messages } of readable.length ? await eslint.lintFiles(readable) : []) {
  for (const { ruleId, fatal, message, line } of messages) {
    if (!ruleId && !fatal) continue;
    say({ event: 'linted', path: path.relative(here, filePath), line: line ?? 1, rule: String(ruleId ?? 'syntax').slice(0, 100), message: String(message).replace(/\s+/g, ' ').slice(0, 500) });
  }
}
say({ event: 'done', exit_code: 0 });
process.exit(0);
