import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import ts from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['build', 'dist', '.tap', '.stryker', 'tap-snapshots', 'test-package', 'test-documents']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Off, so that a function can send a response and return in one statement: `return respond(…)`.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Off, because functions that return a promise are declared async even if they contain no `await`.
      '@typescript-eslint/require-await': 'off',
      // Spreading a string gives its code points. The mock counts code points, as Python does.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // The rule suggests `!`, which no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    // Tests and tools use parsed JSON without declaring its type.
    files: ['test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts', 'torture/**/*.ts', 'test-client/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Promises that `t.test` returns need no `await`, because tap waits for them.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: 'test' }],
        },
      ],
    },
  },
  {
    files: ['examples/jest/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { afterAll: 'readonly', beforeAll: 'readonly', expect: 'readonly', test: 'readonly' },
    },
  },
  {
    files: ['scripts/*.js', 'examples/**/*.js'],
    languageOptions: { globals: { console: 'readonly', fetch: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
)
