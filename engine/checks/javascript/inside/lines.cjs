// Which lines of a file hold something that runs.
'use strict';
const { walk } = require('./walking.cjs');

const NOT_RUN = /^(?:Program|BlockStatement|EmptyStatement|Import\w+|Export\w+|FunctionDeclaration|Class\w+|MethodDefinition|TemplateElement|TS\w+|JSX(?!Element|Fragment|ExpressionContainer)\w+|\w+Pattern|RestElement)$/;

/** Line numbers, counted from 1, on which a statement or an expression begins. */
function linesIn(tree) {
  const found = new Set();
  function look(root) {
    walk(root, (node) => {
      if (/^(?:ImportDeclaration|ExportAllDeclaration|JSXAttribute)$/.test(node.type)) return node.value?.type === 'JSXExpressionContainer';
      if (node.type === 'FunctionDeclaration') {
        // Its name and its parameters are no line that runs: it may never be called.
        look(node.body);
        return false;
      }
      if (!NOT_RUN.test(node.type)) found.add(node.loc.start.line);
      return true;
    });
  }
  look(tree);
  return [...found].sort((one, other) => one - other);
}

module.exports = { linesIn };
