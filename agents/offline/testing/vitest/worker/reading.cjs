// What a file of JavaScript or TypeScript exports that a test could call, and what its types say of the arguments.
'use strict'

const ts = require('/node_modules/typescript')

const DEEPEST = 5

function parsed(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

function faults(path, text) {
  const said = ts.transpileModule(text, { fileName: path, reportDiagnostics: true, compilerOptions: { allowJs: true } })
  return (said.diagnostics || []).map((each) => ts.flattenDiagnosticMessageText(each.messageText, ' '))
}

function has(node, kind) {
  return (node.modifiers || []).some((each) => each.kind === kind)
}

// Declarations of the file's own types, by name.
function environment(file) {
  const found = new Map()
  for (const node of file.statements) {
    if (
      ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node) ||
      (ts.isClassDeclaration(node) && node.name)
    ) found.set(node.name.text, node)
  }
  return found
}

function members(nodes, env, depth) {
  return nodes
    .filter((each) => ts.isPropertySignature(each) && each.name && (ts.isIdentifier(each.name) || ts.isStringLiteral(each.name)))
    .map((each) => ({ name: each.name.text, optional: !!each.questionToken, type: typed(each.type, env, depth + 1) }))
}

function literals(node, env, depth) {
  const value = (each, index) => {
    if (!each.initializer) return { k: 'literal', v: index }
    if (ts.isStringLiteral(each.initializer)) return { k: 'literal', v: each.initializer.text }
    return { k: 'literal', v: Number(each.initializer.getText()) || 0 }
  }
  return { k: 'union', of: node.members.map(value) }
}

function named(node, env, depth) {
  const name = node.typeName.getText()
  const given = (node.typeArguments || []).map((each) => typed(each, env, depth + 1))
  const any = { k: 'any' }
  if (['Array', 'ReadonlyArray', 'Iterable'].includes(name)) return { k: 'array', of: given[0] || any }
  if (name === 'Record') return { k: 'record', of: given[1] || any }
  if (name === 'Map') return { k: 'map', key: given[0] || any, of: given[1] || any }
  if (name === 'Set') return { k: 'set', of: given[0] || any }
  if (name === 'Date') return { k: 'date' }
  if (['Partial', 'Readonly', 'Required'].includes(name)) return given[0] || any
  const own = env.get(name)
  if (!own || depth > DEEPEST) return any
  if (ts.isEnumDeclaration(own)) return literals(own, env, depth)
  if (ts.isInterfaceDeclaration(own)) return { k: 'object', fields: members(own.members, env, depth) }
  if (ts.isTypeAliasDeclaration(own)) return typed(own.type, env, depth + 1)
  const made = own.members.find(ts.isConstructorDeclaration)
  return { k: 'new', name, args: made ? made.parameters.map((each) => typed(each.type, env, depth + 1)) : [] }
}

function typed(node, env, depth = 0) {
  if (!node || depth > DEEPEST) return { k: 'any' }
  const K = ts.SyntaxKind
  switch (node.kind) {
    case K.NumberKeyword: return { k: 'number' }
    case K.StringKeyword: return { k: 'string' }
    case K.BooleanKeyword: return { k: 'boolean' }
    case K.BigIntKeyword: return { k: 'bigint' }
    case K.UndefinedKeyword: return { k: 'literal' }
    case K.ArrayType: return { k: 'array', of: typed(node.elementType, env, depth + 1) }
    case K.TupleType: return { k: 'tuple', of: node.elements.map((each) => typed(each.type || each, env, depth + 1)) }
    case K.ParenthesizedType: return typed(node.type, env, depth)
    case K.TypeOperator: return typed(node.type, env, depth)
    case K.UnionType: return { k: 'union', of: node.types.map((each) => typed(each, env, depth + 1)) }
    case K.TypeLiteral: return { k: 'object', fields: members(node.members, env, depth) }
    case K.FunctionType: return { k: 'function', arity: node.parameters.length }
    case K.TypeReference: return named(node, env, depth)
    case K.LiteralType:
      if (node.literal.kind === K.NullKeyword) return { k: 'literal', v: null }
      if (node.literal.kind === K.TrueKeyword) return { k: 'literal', v: true }
      if (node.literal.kind === K.FalseKeyword) return { k: 'literal', v: false }
      if (ts.isStringLiteral(node.literal)) return { k: 'literal', v: node.literal.text }
      return { k: 'literal', v: Number(node.literal.getText()) }
    case K.JSDocNullableType: return { k: 'union', of: [typed(node.type, env, depth + 1), { k: 'literal', v: null }] }
    case K.JSDocOptionalType: return typed(node.type, env, depth)
    default: return { k: 'any' }
  }
}

function fromDefault(node) {
  if (ts.isNumericLiteral(node) || ts.isPrefixUnaryExpression(node)) return { k: 'number' }
  if (ts.isStringLiteralLike(node)) return { k: 'string' }
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return { k: 'boolean' }
  if (ts.isArrayLiteralExpression(node)) return { k: 'array', of: { k: 'number' } }
  if (ts.isArrowFunction(node)) return { k: 'function', arity: node.parameters.length }
  return { k: 'any' }
}

function parameter(node, env) {
  const said = node.type || ts.getJSDocType(node)
  let type = said ? typed(said, env) : { k: 'any' }
  if (!said && node.initializer) type = fromDefault(node.initializer)
  if (node.dotDotDotToken && type.k === 'array') type = type.of
  return {
    name: ts.isIdentifier(node.name) ? node.name.text : 'given',
    optional: !!(node.questionToken || node.initializer || node.dotDotDotToken),
    rest: !!node.dotDotDotToken,
    type,
  }
}

function ofFunction(node, env) {
  return { parameters: node.parameters.map((each) => parameter(each, env)), line: lineOf(node), ends: lineOf(node, node.end) }
}

function lineOf(node, at = node.getStart()) {
  return node.getSourceFile().getLineAndCharacterOfPosition(at).line + 1
}

function ofClass(node, env) {
  const made = node.members.find(ts.isConstructorDeclaration)
  if (has(node, ts.SyntaxKind.AbstractKeyword)) return null
  if (!made && node.heritageClauses) return null
  const open = (each) =>
    each.name && ts.isIdentifier(each.name) && !each.name.text.startsWith('_') &&
    !has(each, ts.SyntaxKind.PrivateKeyword) && !has(each, ts.SyntaxKind.ProtectedKeyword)
  const methods = node.members
    .filter((each) => ts.isMethodDeclaration(each) && open(each) && !has(each, ts.SyntaxKind.StaticKeyword))
    .map((each) => ({ name: each.name.text, reads: false, ...ofFunction(each, env) }))
  const read = node.members
    .filter((each) => ts.isGetAccessor(each) && open(each))
    .map((each) => ({ name: each.name.text, reads: true, parameters: [], line: lineOf(each), ends: lineOf(each, each.end) }))
  return {
    construct: made ? made.parameters.map((each) => parameter(each, env)) : [],
    methods: [...methods, ...read],
    line: lineOf(node),
    ends: lineOf(node, node.end),
  }
}

// Everything that is exported, with what it is exported as.
function exported(file) {
  const local = new Map()
  const found = []
  const note = (name, as, node) => found.push({ name, as, node })
  for (const node of file.statements) {
    if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) {
      if (node.name) local.set(node.name.text, node)
      if (has(node, ts.SyntaxKind.ExportKeyword)) {
        const plain = has(node, ts.SyntaxKind.DefaultKeyword)
        if (node.name || plain) note(node.name ? node.name.text : 'subject', plain ? 'default' : 'named', node)
      }
    } else if (ts.isVariableStatement(node)) {
      for (const each of node.declarationList.declarations) {
        if (!ts.isIdentifier(each.name) || !each.initializer) continue
        local.set(each.name.text, each.initializer)
        if (has(node, ts.SyntaxKind.ExportKeyword)) note(each.name.text, 'named', each.initializer)
      }
    }
  }
  for (const node of file.statements) {
    if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause) && !node.moduleSpecifier) {
      for (const each of node.exportClause.elements) {
        const from = (each.propertyName || each.name).text
        const as = each.name.text
        note(as === 'default' ? from : as, as === 'default' ? 'default' : 'named', local.get(from))
      }
    } else if (ts.isExportAssignment(node)) {
      const value = ts.isIdentifier(node.expression) ? local.get(node.expression.text) : node.expression
      note(ts.isIdentifier(node.expression) ? node.expression.text : 'subject', 'default', value)
    } else if (ts.isExpressionStatement(node) && ts.isBinaryExpression(node.expression)) {
      const { left, right } = node.expression
      const at = left.getText()
      if (at === 'module.exports' && ts.isObjectLiteralExpression(right)) {
        for (const each of right.properties) {
          if (ts.isShorthandPropertyAssignment(each)) note(each.name.text, 'required', local.get(each.name.text))
          if (ts.isPropertyAssignment(each) && ts.isIdentifier(each.name)) {
            const value = ts.isIdentifier(each.initializer) ? local.get(each.initializer.text) : each.initializer
            note(each.name.text, 'required', value)
          }
        }
      } else if (/^(module\.)?exports\.\w+$/.test(at)) {
        const value = ts.isIdentifier(right) ? local.get(right.text) : right
        note(at.split('.').pop(), 'required', value)
      }
    }
  }
  return found.filter((each) => each.node)
}

function targets(path, text) {
  const file = parsed(path, text)
  const env = environment(file)
  const found = []
  for (const { name, as, node } of exported(file)) {
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) continue
    if (ts.isFunctionDeclaration(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      if (node.body) found.push({ path, name, as, kind: 'function', ...ofFunction(node, env) })
    } else if (ts.isClassDeclaration(node)) {
      const read = ofClass(node, env)
      if (read) found.push({ path, name, as, kind: 'class', ...read })
    }
  }
  return found
}

// Numbers and texts that the code itself names.
function named_values(path, text) {
  const numbers = [], texts = []
  const visit = (node) => {
    if (ts.isNumericLiteral(node)) numbers.push(Number(node.text))
    else if (ts.isStringLiteralLike(node) && node.text.length > 0 && node.text.length < 40 && !ts.isImportDeclaration(node.parent)) texts.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(parsed(path, text))
  return { numbers: [...new Set(numbers)].slice(0, 40), texts: [...new Set(texts)].slice(0, 40) }
}

module.exports = { targets, named_values, faults, parsed, ts }
