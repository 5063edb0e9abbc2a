import { paraglideVitePlugin as paraglide } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

import { messages } from './scripts/messages.ts';
import { operations } from './scripts/operations-plugin.ts';

/** The server behind `npm run dev`: everything that is not a page of this application goes there. */
const server = process.env['NHIPCAU_SERVER'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [
    operations(),
    paraglide(messages),
    sveltekit({
      adapter: adapter({ fallback: 'index.html', precompress: false }),
      csp: { mode: 'hash', directives: { 'script-src': ['self'] } },
    }),
  ],
  server: { proxy: { '/graphql': server, '/live': server, '/imports': server, '/slips': server } },
  build: { target: 'es2022' },
});
