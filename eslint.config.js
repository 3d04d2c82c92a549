import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import ts from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['build', 'dist', '.tap', '.stryker', 'tap-snapshots']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Allows `return respond(…)`, which leaves a function early in one line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Functions that return a promise are async, even without `await`.
      '@typescript-eslint/require-await': 'off',
      // Strings are spread to count code points, as Python does.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // The rule suggests `!`, which no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    // Tests and tools read JSON without types, as a client does.
    files: ['test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts', 'torture/**/*.ts', 'test-client/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // tap tracks the promises of its tests itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: 'test' }],
        },
      ],
    },
  },
  {
    files: ['scripts/*.js', 'examples/**/*.js'],
    languageOptions: { globals: { console: 'readonly', fetch: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
)
