import js from '@eslint/js'
import globals from 'globals'
import ts from 'typescript-eslint'

export default ts.config(js.configs.recommended, ...ts.configs.recommended, {
  files: ['src/**/*.ts'],
  languageOptions: { globals: globals.browser },
})
