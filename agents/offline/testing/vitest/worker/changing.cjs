// Small changes of a file, by which it is seen whether a test tests anything.
'use strict'

const { parsed, ts } = require('./reading.cjs')

const OPERATORS = {
  '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'], '**': ['*'],
  '<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'],
  '===': ['!=='], '!==': ['==='], '==': ['!='], '!=': ['=='],
  '&&': ['||'], '||': ['&&'], '??': ['&&'], '+=': ['-='], '-=': ['+='], '*=': ['/='],
}

function mutants(path, text, most) {
  const file = parsed(path, text)
  const kinds = new Map()
  const add = (kind, node, start, end, other, said) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
    const changed = text.slice(0, start) + other + text.slice(end)
    if (changed === text) return
    if (!kinds.has(kind)) kinds.set(kind, [])
    kinds.get(kind).push({ path, line, at: start, name: `${path}:${line}: ${said}`, text: changed })
  }
  const short = (node) => { const said = node.getText().replace(/\s+/g, ' '); return said.length > 60 ? `${said.slice(0, 57)}...` : said }
  const replaced = (kind, node, other) => add(kind, node, node.getStart(), node.end, other, `\`${short(node)}\` became \`${other}\``)
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return
    if (ts.isBinaryExpression(node)) {
      const sign = node.operatorToken.getText()
      for (const other of OPERATORS[sign] || []) {
        const token = node.operatorToken
        add('operator', node, token.getStart(), token.end, other, `\`${sign}\` became \`${other}\``)
      }
    } else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
      replaced('number', node, String(Number(node.text) + 1))
      if (Number(node.text) > 0) replaced('number', node, String(Number(node.text) - 1))
    } else if (ts.isStringLiteral(node) && !ts.isLiteralTypeNode(node.parent) && !(ts.isCallExpression(node.parent) && node.parent.expression.getText() === 'require')) {
      replaced('text', node, node.text ? "''" : "'x'")
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) replaced('truth', node, 'false')
    else if (node.kind === ts.SyntaxKind.FalseKeyword) replaced('truth', node, 'true')
    else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) replaced('truth', node, node.operand.getText())
    else if (ts.isPostfixUnaryExpression(node) || (ts.isPrefixUnaryExpression(node) && /^(\+\+|--)/.test(node.getText()))) {
      replaced('operator', node, node.getText().replace(/\+\+|--/, (sign) => (sign === '++' ? '--' : '++')))
    }
    if (ts.isReturnStatement(node) && node.expression) replaced('answer', node.expression, 'undefined')
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) replaced('answer', node.body, 'undefined')
    if (ts.isConditionalExpression(node)) replaced('condition', node.condition, `!(${node.condition.getText()})`)
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) replaced('condition', node.expression, `!(${node.expression.getText()})`)
    if ((ts.isExpressionStatement(node) || ts.isThrowStatement(node)) && !/^(module\.)?exports\b/.test(node.getText()) && !/^super\(/.test(node.getText())) {
      add('dropped', node, node.getStart(), node.end, ';', `\`${short(node)}\` was dropped`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  // as many of each kind as there are, one after the other
  const found = [], rows = [...kinds.values()]
  for (let at = 0; found.length < most && rows.some((row) => at < row.length); at += 1) {
    for (const row of rows) if (at < row.length && found.length < most) found.push(row[at])
  }
  const told = new Set()
  return found.filter((each) => !told.has(each.text) && told.add(each.text))
}

module.exports = { mutants }
