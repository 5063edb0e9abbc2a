import { fileURLToPath } from 'node:url';

import { paraglideVitePlugin as paraglide } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

import { base } from './scripts/base.ts';
import { messages } from './scripts/messages.ts';
import { operations } from './scripts/operations-plugin.ts';

/** The server behind `npm run dev`: everything that is not a page of this application goes there. */
const server = process.env['NHIPCAU_SERVER'] ?? 'http://127.0.0.1:8000';
/** The server refuses other origins: the proxy speaks with its own. */
const proxy = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  plugins: [
    operations(),
    paraglide(messages),
    sveltekit({
      adapter: adapter({ fallback: 'index.html', precompress: true }),
      csp: { mode: 'hash', directives: { 'script-src': ['self'] } },
    }),
  ],
  server: {
    proxy: Object.fromEntries(
      [
        '/graphql',
        '/live',
        '/imports',
        '/slips',
        '/calendar',
        '/timetables',
        '/leave/photos',
        '/uploads',
        '/files',
        '/dossiers',
        '/health',
      ].map((path) => [path, proxy]),
    ),
  },
  build: {
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: base(fileURLToPath(new URL('src', import.meta.url))),
              priority: 2,
            },
            // What the first screen of a family does without: forms, charts, the register's queue.
            { name: 'work', test: /src\/lib\/(ui|offline)\//u, priority: 1 },
          ],
        },
      },
    },
  },
});
