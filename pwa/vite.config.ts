import { paraglideVitePlugin as paraglide } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

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
        // One file for what every screen needs: forty small ones cost a slow phone more in round trips than in bytes.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /node_modules\/(svelte|@lucide|idb)\/|src\/lib\/(?!ui\/(Field|Frame|Select|Choice|Checkbox|CodeInput|Progress|Tabs|LineChart|chart|ReadAloud|More)\.|offline\/(queue|taken)\.|graphql\/documents\/(eservices|timetable_manage|lesson_log|leave_staff|alerts_staff|attendance\.|enrolment|gradebook_sheet|announcements_sent|school_calendar))(ui|graphql|session|offline|navigation|push)\//u,
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
