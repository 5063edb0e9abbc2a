/** How messages/ become functions. `node scripts/messages.ts` compiles once, for a check before any build. */
import { fileURLToPath } from 'node:url';

import { compile } from '@inlang/paraglide-js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const messages: Parameters<typeof compile>[0] = {
  project: here('../project.inlang'),
  outdir: here('../src/lib/i18n/generated'),
  emitTsDeclarations: true,
  strategy: ['localStorage', 'baseLocale'],
  localStorageKey: 'nhipcau.language',
};

if (import.meta.main) await compile(messages);
