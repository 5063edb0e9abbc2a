import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['build/', '.svelte-kit/', 'src/lib/i18n/generated/', 'src/lib/graphql/documents/graphql-env.d.ts'] },
  ...typescript.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
      complexity: ['error', 14],
      // The compiler of TypeScript knows every name; this rule does not know its types.
      'no-undef': 'off',
      // The application always stands at the root of its host: there is no base path to resolve.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser, extraFileExtensions: ['.svelte'] } },
  },
);
