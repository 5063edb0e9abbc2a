/**
 * Vite plug-in: replaces every file of documents by the ids of its operations. The bundle then holds neither the
 * texts nor a GraphQL parser. A process of its own reads the files, so that a change is never hidden by Node's cache.
 */
import { execFileSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Plugin } from 'vite';

import { isDocumentFile } from './operations-list.ts';
import type { Operation } from './operations-list.ts';

const SCRIPT = fileURLToPath(new URL('./operations.ts', import.meta.url));
const FOLDER = fileURLToPath(new URL('../src/lib/graphql/documents', import.meta.url));

/** The module that stands in for one file of documents. A fragment lives on in its operations, so it becomes null. */
export function standIn(source: string, operations: Pick<Operation, 'export' | 'id' | 'name'>[]): string {
  const known = new Map(operations.map((operation) => [operation.export, operation]));
  return [...source.matchAll(/^export const (\w+)/gm)]
    .map(([, name]) => {
      const operation = known.get(name!);
      return `export const ${name} = ${operation ? JSON.stringify({ id: operation.id, name: operation.name }) : 'null'};`;
    })
    .join('\n');
}

function list(): Operation[] {
  return JSON.parse(execFileSync(process.execPath, [SCRIPT, '--json'], { encoding: 'utf8' })) as Operation[];
}

export function operations(): Plugin {
  let read: Operation[] | undefined;
  return {
    name: 'nhipcau-operations',
    enforce: 'pre',
    watchChange(id) {
      if (dirname(id) === FOLDER) read = undefined;
    },
    transform(source, id) {
      const file = basename(id);
      if (dirname(id) !== FOLDER || !isDocumentFile(file)) return null;
      read ??= list();
      return {
        code: standIn(
          source,
          read.filter((operation) => operation.file === file),
        ),
        map: null,
      };
    },
  };
}
