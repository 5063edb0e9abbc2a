/**
 * `npm run operations` writes backend/operations.json: {id: text}, sorted by id, so that a diff shows what changed.
 * `node scripts/operations.ts --json` prints the list for the Vite plug-in instead.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { readOperations } from './operations-list.ts';

const operations = await readOperations(fileURLToPath(new URL('../src/lib/graphql/documents', import.meta.url)));

if (process.argv.includes('--json')) {
  process.stdout.write(JSON.stringify(operations));
} else {
  const target = new URL('../../backend/operations.json', import.meta.url);
  const byId = operations.map(({ id, text }): [string, string] => [id, text]).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = `${JSON.stringify(Object.fromEntries(byId), null, 2)}\n`;
  if (process.argv.includes('--check')) {
    if (readFileSync(target, 'utf8') !== text) throw new Error('backend/operations.json is old: npm run operations');
  } else {
    writeFileSync(target, text);
  }
}
