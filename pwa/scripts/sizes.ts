/**
 * `npm run sizes` prints, as JSON, what the first visit of each page without parameters loads: gzip bytes of scripts
 * and styles, fonts and the page itself as they are. A build must stand in build/ (npm run build).
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

interface Chunk {
  file: string;
  name?: string;
  src?: string;
  imports?: string[];
  css?: string[];
  assets?: string[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const client = join(root, '.svelte-kit/output/client');
const chunks = JSON.parse(readFileSync(join(client, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

const packed = (file: string): number => gzipSync(readFileSync(join(client, file)), { level: 9 }).length;
const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Everything the chunk needs before it can run. */
function closure(keys: string[], seen = new Set<string>()): Set<string> {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    closure(chunks[key]?.imports ?? [], seen);
  }
  return seen;
}

const byFile = new Map(Object.entries(chunks).map(([key, chunk]) => [chunk.file, key]));
const page = readFileSync(join(root, 'build/index.html'));
const started = [...page.toString().matchAll(/_app\/immutable\/[\w./-]+\.js/g)].flatMap(
  ([file]) => byFile.get(file) ?? [],
);

/** The application's map of routes: `"/path": [page node, [layout nodes]]`, read from the generated source. */
function routeNodes(): Map<string, number[]> {
  const app = readFileSync(join(root, '.svelte-kit/generated/build/client-optimized/app.js'), 'utf8');
  const [, map = ''] = /export const dictionary = (\{[\s\S]*?\});/.exec(app) ?? [];
  const entries = [...map.matchAll(/"([^"]+)": \[~?(\d+)(?:,\s*\[([\d,\s]*)\])?/g)];
  return new Map(
    entries.map(([, route, leaf, layouts]) => [
      route!.replace(/\/\([^)]+\)/g, '') || '/',
      [0, Number(leaf), ...(layouts ?? '').split(',').filter(Boolean).map(Number)],
    ]),
  );
}

function measure(nodes: number[]): Record<string, number> {
  const entries = nodes.flatMap((node) => Object.keys(chunks).filter((key) => key.endsWith(`/nodes/${node}.js`)));
  const loaded = [...closure([...started, ...entries])].flatMap((key) => chunks[key] ?? []);
  const scripts = sum([...new Set(loaded.map(({ file }) => file))].map(packed));
  const styles = sum([...new Set(loaded.flatMap(({ css }) => css ?? []))].map(packed));
  const folder = join(client, '_app/immutable/assets');
  const fonts = sum(
    readdirSync(folder)
      .filter((file) => file.endsWith('.woff2'))
      .map((file) => statSync(join(folder, file)).size),
  );
  const shell = gzipSync(page, { level: 9 }).length + packed('appearance.js');
  return { scripts, styles, fonts, page: shell, total: scripts + styles + fonts + shell };
}

const sizes = Object.fromEntries(
  [...routeNodes()].filter(([route]) => !route.includes('[')).map(([route, nodes]) => [route, measure(nodes)]),
);
process.stdout.write(`${JSON.stringify({ unit: 'bytes, gzip', routes: sizes }, null, 2)}\n`);
