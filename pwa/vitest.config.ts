import { defineConfig } from 'vitest/config';

import { operations } from './scripts/operations-plugin.ts';

/** The parts that need no browser; screens are tested in real ones by the stories in tests/ of the whole project. */
export default defineConfig({
  plugins: [operations()],
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
