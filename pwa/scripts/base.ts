/**
 * Which modules are in the one file that every first screen loads: forty small ones cost a slow phone more in round
 * trips than in bytes. They are those the first screens import, found by reading; whatever is imported later stays out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a phone shows before anybody has tapped anything. */
const FIRST = ['+layout.svelte', '+layout.ts', '(app)/+layout.svelte', '(app)/+page.svelte'];
const SHARED = ['ui', 'graphql', 'session', 'offline', 'navigation', 'push'];
const IMPORT = /^\s*import\s+(?!type\b)(?:[^'";]*?from\s+)?'([^']+)';/gmu;

function imported(source: string, file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap(([, path = '']) => {
    if (path.startsWith('#lib/')) return [join(source, 'lib', path.slice('#lib/'.length))];
    return path.startsWith('.') ? [join(dirname(file), path)] : [];
  });
}

/** Every file of ours that runs before the first screen stands. */
function reached(source: string): Set<string> {
  const found = new Set<string>();
  const follow = (file: string): void => {
    if (found.has(file) || !existsSync(file)) return;
    found.add(file);
    imported(source, file).forEach(follow);
  };
  FIRST.forEach((file) => follow(join(source, 'routes', file)));
  return found;
}

function icons(files: Iterable<string>): Set<string> {
  const names = [...files].flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/'@lucide\/svelte\/icons\/([a-z0-9-]+)'/gu),
  ]);
  return new Set(names.flatMap(([, name]) => name ?? []));
}

/**
 * @param source the folder src
 * @returns whether a module belongs into the file
 */
export function base(source: string): (module: string) => boolean {
  const files = reached(source);
  const shown = icons(files);
  const folders = SHARED.map((folder) => join(source, 'lib', folder, '/'));
  return (module) => {
    const [path = ''] = module.split('?');
    const icon = /@lucide\/svelte\/dist\/icons\/([a-z0-9-]+)\./u.exec(path)?.[1];
    if (icon) return shown.has(icon);
    if (/node_modules\/(svelte|@lucide|idb)\//u.test(path)) return true;
    return files.has(path) && folders.some((folder) => path.startsWith(folder));
  };
}
