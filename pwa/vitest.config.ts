import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

import { operations } from './scripts/operations-plugin.ts';

/** The parts that need no browser; screens are tested in real ones by the stories in tests/ of the whole project. */
export default defineConfig({
  plugins: [operations(), svelte({ configFile: false })],
  // Runes that react, not those of a page drawn on a server.
  resolve: { conditions: ['browser'] },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
